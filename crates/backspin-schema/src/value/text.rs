//! Text: numbers and booleans are taken as their text, anything else as none.

use backspin_core::{Error, FieldError, Result, Value};
use regex::{Regex, RegexBuilder};
use serde_json::{Value as Json, json};

use super::{primary_key, required};
use crate::Memo;
use crate::field::{Field, TextOptions};

const CHARS_MAX_DEFAULT: i64 = 5000;
/// Compiled patterns may take this much memory; one that needs more is refused.
const PATTERN_BYTES_MAX: usize = 1 << 20;

pub(super) fn to_stored(
    memo: &Memo,
    field: &Field,
    options: &TextOptions,
    input: &Json,
) -> Result<Result<Value, FieldError>> {
    let text = to_text(input);
    if text.is_empty() {
        return Ok(if field.required { Err(required()) } else { Ok(Value::Text(text)) });
    }
    let chars = text.chars().count() as i64;
    let max = if options.max > 0 { options.max } else { CHARS_MAX_DEFAULT };
    if options.min > 0 && chars < options.min {
        return Ok(Err(FieldError::with_params(
            "validation_min_text_constraint",
            format!("Must be at least {} character(s).", options.min),
            json!({ "min": options.min }),
        )));
    }
    if chars > max {
        return Ok(Err(FieldError::with_params(
            "validation_max_text_constraint",
            format!("Must be no more than {max} character(s)."),
            json!({ "max": max }),
        )));
    }
    if !options.pattern.is_empty() && !matches(memo, &options.pattern, &text)? {
        return Ok(Err(FieldError::new("validation_invalid_format", "Invalid value format.")));
    }
    if options.primary_key
        && let Err(error) = primary_key::check(&text, &options.pattern)
    {
        return Ok(Err(error));
    }
    Ok(Ok(Value::Text(text)))
}

pub(super) fn to_text(input: &Json) -> String {
    match input {
        Json::String(text) => text.clone(),
        Json::Bool(boolean) => boolean.to_string(),
        // Without an exponent, in the fewest digits that read back as the same number.
        Json::Number(number) => number.as_f64().map(|number| number.to_string()).unwrap_or_default(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

pub(super) fn matches(memo: &Memo, pattern: &str, text: &str) -> Result<bool> {
    // Nearly every text that is held against a pattern is an id.
    if pattern == primary_key::DEFAULT_PATTERN {
        return Ok(!text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    }
    let regex = memo.get_or_make(pattern, || {
        compile(pattern).map_err(|error| Error::internal(format!("the pattern {pattern}: {error}")))
    })?;
    Ok(regex.is_match(text))
}

/// Matching takes time in proportion to pattern × text, whatever the pattern: the engine never backtracks.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).dfa_size_limit(PATTERN_BYTES_MAX).build()
}
