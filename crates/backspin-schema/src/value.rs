//! What a client sends for a field, made into what is stored, or refused with PocketBase's codes.

mod autogenerate;
mod bool;
mod date;
mod editor;
mod email;
mod file;
mod geo_point;
mod json;
mod list;
mod number;
mod password;
mod primary_key;
mod relation;
mod repetition;
mod select;
mod text;
mod url;

pub use autogenerate::autogenerate;
pub use list::texts;

use backspin_core::{FieldError, Result, Value};
use serde_json::Value as Json;

use crate::Snapshot;
use crate::field::{Field, FieldOptions};

/// The stored form of `input` for `field`, validated. Of a password that is the plain text, for the
/// writer to hash. Relations and files are checked for their number only: whether there are such records
/// and files is for the writer to see. The outer error is a fault of ours.
///
/// Errors (inner): the reason for which the input is refused.
pub fn to_stored(snapshot: &Snapshot, field: &Field, input: &Json) -> Result<Result<Value, FieldError>> {
    let memo = snapshot.memo();
    Ok(match &field.options {
        FieldOptions::Text(options) => return text::to_stored(memo, field, options, input),
        FieldOptions::Number(options) => number::to_stored(field, options, input),
        FieldOptions::Bool(_) => bool::to_stored(field, input),
        FieldOptions::Email(options) => email::to_stored(field, options, input),
        FieldOptions::Url(options) => return url::to_stored(memo, field, options, input),
        FieldOptions::Editor(options) => editor::to_stored(field, options, input),
        FieldOptions::Date(options) => date::to_stored(field, options, input),
        FieldOptions::Autodate(_) => Ok(date::to_text(input)),
        FieldOptions::Select(options) => select::to_stored(field, options, input),
        FieldOptions::Relation(options) => relation::to_stored(field, options, input),
        FieldOptions::File(options) => file::to_stored(field, options, input),
        FieldOptions::Json(options) => json::to_stored(field, options, input),
        FieldOptions::Password(options) => return password::to_stored(memo, field, options, input),
        FieldOptions::GeoPoint(_) => geo_point::to_stored(field, input),
    })
}

/// The code and message of a value that must not be empty.
pub fn required() -> FieldError {
    FieldError::new("validation_required", "Cannot be blank.")
}

/// Whether `pattern` is a regular expression that [`to_stored`] can use and that repeats nothing more than
/// 1000 times; else why not.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    repetition::check(pattern)?;
    text::compile(pattern).map(|_| ()).map_err(|error| error.to_string())
}
