//! Ids and names.

use backspin_core::{FieldError, id, limits};
use serde_json::json;

use super::{Draft, required};

/// Tables of ours that are no collections, in lower case; `sqlite_` is SQLite's own prefix.
const INTERNAL_TABLES: [&str; 16] = [
    "_apikeys",
    "_backspin",
    "_changes",
    "_collections",
    "_devices",
    "_hashturns",
    "_migrations",
    "_outbox",
    "_params",
    "_realtimeclients",
    "_realtimemessages",
    "_redirectnames",
    "_sessions",
    "_signins",
    "_throttles",
    "_totps",
];
const ID_CHARS_MAX: usize = 100;

pub(super) fn id(draft: &Draft<'_>) -> Result<(), FieldError> {
    let collection = draft.collection;
    length(&collection.id, ID_CHARS_MAX)?;
    word(&collection.id)?;
    if draft.others().any(|other| other.id == collection.id) {
        // An id that was made from the name is taken because the name is, and that is told already.
        let made = collection.id == id::collection_id(collection.type_name(), &collection.name);
        if !(made && has_name(draft, &collection.name)) {
            let message = "The model id is invalid or already exists.";
            return Err(FieldError::new("validation_invalid_or_existing_id", message));
        }
    }
    Ok(())
}

pub(super) fn of_collection(draft: &Draft<'_>) -> Result<(), FieldError> {
    let name = &draft.collection.name;
    length(name, limits::COLLECTION_NAME_CHARS_MAX)?;
    word(name)?;
    without_via(name)?;
    if has_name(draft, name) {
        let message = "Collection name must be unique (case insensitive).";
        return Err(FieldError::new("validation_collection_name_exists", message));
    }
    if draft.others().any(|other| other.id == *name) {
        let message = "The name must not match an existing collection id.";
        return Err(FieldError::new("validation_collection_name_id_duplicate", message));
    }
    if is_internal_table(name) { Err(internal_table()) } else { Ok(()) }
}

/// Whether a collection of this name would be taken for a table of the system, made by now or not, or is one of SQLite.
pub fn is_internal_table(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    INTERNAL_TABLES.contains(&lower.as_str()) || lower.starts_with("sqlite_")
}

/// Whether another collection has this name.
fn has_name(draft: &Draft<'_>, name: &str) -> bool {
    draft.others().any(|other| other.name.to_lowercase() == name.to_lowercase())
}

pub(super) fn internal_table() -> FieldError {
    let message = "The name shouldn't match with an existing internal table.";
    FieldError::new("validation_collection_name_invalid", message)
}

pub(super) fn length(text: &str, max: usize) -> Result<(), FieldError> {
    if text.is_empty() {
        return Err(required());
    }
    length_between(text, 1, max)
}

pub(super) fn length_between(text: &str, min: usize, max: usize) -> Result<(), FieldError> {
    if (min..=max).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(FieldError::with_params(
        "validation_length_out_of_range",
        format!("The length must be between {min} and {max}."),
        json!({ "max": max, "min": min }),
    ))
}

/// Letters, digits and underscores only.
pub(super) fn word(text: &str) -> Result<(), FieldError> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(());
    }
    Err(no_word())
}

pub(crate) fn no_word() -> FieldError {
    FieldError::new("validation_match_invalid", "Must be in a valid format.")
}

/// `_via_` marks back-relations in filters.
pub(super) fn without_via(text: &str) -> Result<(), FieldError> {
    if text.to_ascii_lowercase().contains("_via_") {
        return Err(FieldError::new("validation_found_via", "The value cannot contain \"_via_\"."));
    }
    Ok(())
}
