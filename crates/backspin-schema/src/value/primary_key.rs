//! Ids that a collection's own pattern allows, and that must still be safe in paths and file names.

use backspin_core::FieldError;
use serde_json::json;

/// The pattern of new collections: what it allows is safe.
pub(super) const DEFAULT_PATTERN: &str = "^[a-z0-9]+$";
const FORBIDDEN: &str = "./\\|\"'`<>:?*%$\0\t\n\r ";
/// Devices of Windows, in any case; `COM` and `LPT` with a digit too.
const RESERVED: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

pub(super) fn check(id: &str, pattern: &str) -> Result<(), FieldError> {
    if pattern == DEFAULT_PATTERN {
        return Ok(());
    }
    if let Some(forbidden) = FORBIDDEN.chars().find(|c| id.contains(*c)) {
        return Err(FieldError::with_params(
            "validation_forbidden_pk_character",
            format!("'{forbidden}' is not a valid primary key character."),
            json!({ "ch": forbidden.to_string() }),
        ));
    }
    let upper = id.to_uppercase();
    let is_port = |name: &str| {
        let digit = upper.strip_prefix(name);
        digit.is_some_and(|digit| digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if RESERVED.contains(&upper.as_str()) || is_port("COM") || is_port("LPT") {
        return Err(FieldError::with_params(
            "validation_reserved_pk",
            format!("The primary key '{upper}' is reserved and cannot be used."),
            json!({ "reserved": upper }),
        ));
    }
    Ok(())
}
