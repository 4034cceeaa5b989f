//! HTML as an editor makes it, kept as given: the client shows it and must clean it.

use backspin_core::{FieldError, Value};
use serde_json::{Value as Json, json};

use super::{required, text};
use crate::field::{EditorOptions, Field};

const BYTES_MAX_DEFAULT: i64 = 5 << 20;

pub(super) fn to_stored(field: &Field, options: &EditorOptions, input: &Json) -> Result<Value, FieldError> {
    let html = text::to_text(input);
    if html.is_empty() {
        return if field.required { Err(required()) } else { Ok(Value::Text(html)) };
    }
    let max = if options.max_size > 0 { options.max_size } else { BYTES_MAX_DEFAULT };
    if html.len() as i64 > max {
        return Err(FieldError::with_params(
            "validation_content_size_limit",
            format!("The maximum allowed content size is {max} bytes."),
            json!({ "maxSize": max }),
        ));
    }
    Ok(Value::Text(html))
}
