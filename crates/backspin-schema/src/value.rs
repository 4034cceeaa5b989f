//! What a client sends for a field, made into what is stored, or refused with PocketBase's codes.

mod autogenerate;
mod bool;
mod date;
mod json;
mod number;
mod text;

pub use autogenerate::autogenerate;

use backspin_core::{FieldError, Result, Value};
use serde_json::Value as Json;

use crate::Snapshot;
use crate::field::{Field, FieldOptions};

/// The stored form of `input` for `field`, validated. The outer error is a fault of ours.
///
/// Errors (inner): the reason for which the input is refused.
pub fn to_stored(snapshot: &Snapshot, field: &Field, input: &Json) -> Result<Result<Value, FieldError>> {
    Ok(match &field.options {
        FieldOptions::Text(options) => return text::to_stored(snapshot.memo(), field, options, input),
        FieldOptions::Number(options) => number::to_stored(field, options, input),
        FieldOptions::Bool(_) => bool::to_stored(field, input),
        FieldOptions::Json(options) => json::to_stored(field, options, input),
        FieldOptions::Date(options) => date::to_stored(field, options, input),
        other => Err(FieldError::new(
            "validation_unsupported_type",
            format!("Fields of the type {} cannot be written yet.", other.type_name()),
        )),
    })
}

/// The code and message of a value that must not be empty.
pub fn required() -> FieldError {
    FieldError::new("validation_required", "Cannot be blank.")
}

/// Whether `pattern` is a regular expression that [`to_stored`] can use; else why not.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    text::compile(pattern).map(|_| ()).map_err(|error| error.to_string())
}
