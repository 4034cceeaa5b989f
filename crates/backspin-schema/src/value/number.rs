//! Numbers: text is read as one, true is 1, anything else is 0.

use std::borrow::Cow;

use backspin_core::{FieldError, Value};
use serde_json::{Value as Json, json};

use super::required;
use crate::field::{Field, NumberOptions, number_json};

/// Up to here every whole number is exact in a double, as JavaScript reads it.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

pub(super) fn to_stored(field: &Field, options: &NumberOptions, input: &Json) -> Result<Value, FieldError> {
    let number = to_number(input);
    if !number.is_finite() {
        let message = "The submitted number is not properly formatted.";
        return Err(FieldError::new("validation_not_a_number", message));
    }
    if number == 0.0 {
        return if field.required { Err(required()) } else { Ok(Value::Integer(0)) };
    }
    // A number beyond 64 bits counts as a decimal one.
    if options.only_int && number as i64 as f64 != number {
        let message = "Decimal numbers are not allowed.";
        return Err(FieldError::new("validation_only_int_constraint", message));
    }
    if let Some(min) = options.min.filter(|min| number < *min) {
        return Err(FieldError::with_params(
            "validation_min_number_constraint",
            format!("Must be greater or equal than {min}."),
            json!({ "min": number_json(min) }),
        ));
    }
    if let Some(max) = options.max.filter(|max| number > *max) {
        return Err(FieldError::with_params(
            "validation_max_number_constraint",
            format!("Must be less or equal than {max}."),
            json!({ "max": number_json(max) }),
        ));
    }
    let whole = number.fract() == 0.0 && number.abs() <= EXACT_MAX;
    Ok(if whole { Value::Integer(number as i64) } else { Value::Real(number) })
}

fn to_number(input: &Json) -> f64 {
    match input {
        Json::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Json::Bool(true) => 1.0,
        Json::String(text) => parse(text).unwrap_or(0.0),
        Json::Null | Json::Bool(false) | Json::Array(_) | Json::Object(_) => 0.0,
    }
}

/// A text as a number; a `_` may stand between two digits, as in `1_000`. `None` if it is none, or one too large.
fn parse(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut underscores = text.match_indices('_').map(|(at, _)| at);
    if !underscores.all(|at| at > 0 && is_digit(at - 1) && is_digit(at + 1)) {
        return None;
    }
    let plain = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    let number: f64 = plain.parse().ok()?;
    let is_overflow = number.is_infinite() && text.contains(|char: char| char.is_ascii_digit());
    (!is_overflow).then_some(number)
}
