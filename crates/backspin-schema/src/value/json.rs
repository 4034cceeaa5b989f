//! JSON: kept as given; text that is itself JSON is taken as that, so that forms can send it. Text that only looks
//! like JSON, for a key comes twice or a number is too large, is refused.

use backspin_core::{FieldError, Value, json as strict};
use serde_json::{Value as Json, json};

use super::required;
use crate::field::{Field, JsonOptions};

const BYTES_MAX_DEFAULT: i64 = 1 << 20;

pub(super) fn to_stored(field: &Field, options: &JsonOptions, input: &Json) -> Result<Value, FieldError> {
    if input.is_null() {
        return if field.required { Err(required()) } else { Ok(Value::Null) };
    }
    let text = match input {
        Json::String(text) if is_json(text) => match strict::parse(text.as_bytes()) {
            Some(_) => text.clone(),
            None => return Err(FieldError::new("validation_invalid_json", "Must be a valid json value.")),
        },
        input => input.to_string(),
    };
    let max = if options.max_size > 0 { options.max_size } else { BYTES_MAX_DEFAULT };
    if text.len() as i64 > max {
        return Err(FieldError::with_params(
            "validation_json_size_limit",
            format!("The maximum allowed JSON size is {max} bytes."),
            json!({ "maxSize": max }),
        ));
    }
    if field.required && matches!(text.as_str(), "null" | "\"\"" | "[]" | "{}") {
        return Err(required());
    }
    Ok(text.into())
}

fn is_json(text: &str) -> bool {
    text == text.trim() && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
