//! The values of an account.

use backspin_core::Value;
use backspin_schema::AuthRecord;

/// A text that is not empty.
pub(crate) fn text<'a>(record: &'a AuthRecord, field: &str) -> Option<&'a str> {
    match record.get(field) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Whether its email is verified.
pub(crate) fn is_verified(record: &AuthRecord) -> bool {
    record.get("verified") == Some(&Value::from(true))
}
