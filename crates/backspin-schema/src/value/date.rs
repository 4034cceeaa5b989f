//! Dates: text that is no date is none, as is anything else.

use backspin_core::{FieldError, Timestamp, Value};
use serde_json::{Value as Json, json};

use super::required;
use crate::field::{DateOptions, Field};

pub(super) fn to_stored(field: &Field, options: &DateOptions, input: &Json) -> Result<Value, FieldError> {
    let date = input.as_str().and_then(Timestamp::parse);
    let Some(date) = date else {
        return if field.required { Err(required()) } else { Ok(Value::from("")) };
    };
    if let Some(min) = Timestamp::parse(&options.min).filter(|min| date < *min) {
        return Err(out_of_bounds("validation_min_greater_equal_than_required", "less", min));
    }
    if let Some(max) = Timestamp::parse(&options.max).filter(|max| date > *max) {
        return Err(out_of_bounds("validation_max_less_equal_than_required", "greater", max));
    }
    Ok(date.to_string().into())
}

/// The stored form without any check: empty if `input` is no date.
pub(super) fn to_text(input: &Json) -> Value {
    let date = input.as_str().and_then(Timestamp::parse);
    date.map(|date| date.to_string()).unwrap_or_default().into()
}

fn out_of_bounds(code: &str, direction: &str, bound: Timestamp) -> FieldError {
    let text = bound.to_string();
    let seconds = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    FieldError::with_params(
        code,
        format!("Must be no {direction} than {seconds} +0000 UTC."),
        json!({ "threshold": format!("{}Z", seconds.replacen(' ', "T", 1)) }),
    )
}
