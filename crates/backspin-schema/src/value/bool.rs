//! Booleans: numbers other than 0 and the usual words for true are true, anything else is false.

use backspin_core::{FieldError, Value};
use serde_json::Value as Json;

use super::required;
use crate::field::Field;

pub(super) fn to_stored(field: &Field, input: &Json) -> Result<Value, FieldError> {
    let boolean = match input {
        Json::Bool(boolean) => *boolean,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    };
    if field.required && !boolean { Err(required()) } else { Ok(boolean.into()) }
}
