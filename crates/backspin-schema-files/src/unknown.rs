//! Keys that mean nothing: a slip of the pen must not pass for an option.

use serde_json::Value;

/// Set by the server; an export of PocketBase has them.
const IGNORED: [&str; 2] = ["created", "updated"];
/// An OAuth2 provider may have anything in it.
const FREE: &str = "extra";
const SECRETS: [&str; 2] = ["secret", "clientSecret"];

/// Why a key of `given` is not to be, if there is one; `known` is the same with all the keys that it may
/// have.
pub(crate) fn find(given: &Value, known: &Value) -> Option<String> {
    let Value::Object(keys) = given else { return None };
    let mut rest = keys.iter().filter(|(key, _)| !IGNORED.contains(&key.as_str()));
    rest.find_map(|(key, value)| find_at(key, key, value, known))
}

fn find_within(path: &str, given: &Value, known: &Value) -> Option<String> {
    match given {
        Value::Object(keys) => {
            keys.iter().find_map(|(key, value)| find_at(&format!("{path}.{key}"), key, value, known))
        }
        Value::Array(items) => {
            let known = known.as_array().map(Vec::as_slice).unwrap_or_default();
            let mut pairs = items.iter().zip(known).enumerate();
            pairs.find_map(|(place, (given, known))| find_within(&place_of(path, place, given), given, known))
        }
        _ => None,
    }
}

fn find_at(path: &str, key: &str, given: &Value, known: &Value) -> Option<String> {
    // `null` is the same as nothing.
    if SECRETS.contains(&key) && !given.is_null() {
        return Some(format!(
            "{path} is a secret, and secrets do not belong into files: remove it here, and set it in the database"
        ));
    }
    match known.get(key) {
        _ if given.is_null() || key == FREE => None,
        Some(known) => find_within(path, given, known),
        None => Some(format!("there is no option {path}: remove it, or mend its name")),
    }
}

/// `fields.2 (title)`: counted from 0, as the API counts.
pub(crate) fn place_of(path: &str, place: usize, item: &Value) -> String {
    match item.get("name").and_then(Value::as_str) {
        Some(name) => format!("{path}.{place} ({name})"),
        None => format!("{path}.{place}"),
    }
}
