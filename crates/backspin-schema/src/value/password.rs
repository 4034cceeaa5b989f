//! Passwords in plain text: the writer stores their hash.

use backspin_core::{FieldError, Result, Value, limits};
use serde_json::Value as Json;

use super::{required, text};
use crate::Memo;
use crate::field::{Field, PasswordOptions};

const CHARS_MAX_DEFAULT: i64 = 71;
pub(super) fn to_stored(
    memo: &Memo,
    field: &Field,
    options: &PasswordOptions,
    input: &Json,
) -> Result<Result<Value, FieldError>> {
    let password = text::to_text(input);
    if password.is_empty() {
        return Ok(if field.required { Err(required()) } else { Ok(Value::Text(password)) });
    }
    if password.len() > limits::PASSWORD_BYTES_MAX {
        return Ok(Err(FieldError::new("validation_invalid_value", "Invalid value.")));
    }
    let chars = password.chars().count() as i64;
    if options.min > 0 && chars < options.min {
        let message = format!("Must be at least {} character(s).", options.min);
        return Ok(Err(FieldError::new("validation_min_text_constraint", message)));
    }
    let max = if options.max > 0 { options.max } else { CHARS_MAX_DEFAULT };
    if chars > max {
        let message = format!("Must be less than {max} character(s).");
        return Ok(Err(FieldError::new("validation_max_text_constraint", message)));
    }
    if !options.pattern.is_empty() && !text::matches(memo, &options.pattern, &password)? {
        return Ok(Err(FieldError::new("validation_invalid_format", "Invalid value format.")));
    }
    Ok(Ok(Value::Text(password)))
}
