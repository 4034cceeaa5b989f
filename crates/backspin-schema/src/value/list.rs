//! What fields of one or several texts have in common: options, related ids and file names.

use backspin_core::{FieldError, Value};
use serde_json::{Value as Json, json};

use super::text;
use crate::field::Field;

/// The texts of `input` without empty ones and without the second of two equal ones. It may be a list,
/// one value, or a JSON list within a text, as forms send it. Of a field for one value, only the last.
pub fn texts(field: &Field, input: &Json) -> Vec<String> {
    let mut texts = match input {
        Json::Array(items) => unique(items.iter().map(text::to_text)),
        Json::String(text) => match list_within(text) {
            Some(items) => unique(items.into_iter()),
            None => unique(std::iter::once(text.clone())),
        },
        other => unique(std::iter::once(text::to_text(other))),
    };
    if !field.is_multiple() {
        texts.drain(..texts.len().saturating_sub(1));
    }
    texts
}

fn list_within(text: &str) -> Option<Vec<String>> {
    if !text.contains('[') {
        return None;
    }
    let items: Vec<Option<String>> = serde_json::from_str(text).ok()?;
    Some(items.into_iter().map(Option::unwrap_or_default).collect())
}

fn unique(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if seen.insert(text.clone()) {
            found.push(text);
        }
    }
    found
}

/// A JSON list for a field of several values, else the one text.
pub(super) fn stored(field: &Field, texts: Vec<String>) -> Value {
    match field.is_multiple() {
        true => Json::from(texts).to_string().into(),
        false => texts.into_iter().next().unwrap_or_default().into(),
    }
}

/// `max` of 0 or less means one.
pub(super) fn check_max(code: &str, phrase: &str, texts: &[String], max: i64) -> Result<(), FieldError> {
    let max = max.max(1);
    if texts.len() as i64 <= max {
        return Ok(());
    }
    Err(FieldError::with_params(code, format!("{phrase} {max}."), json!({ "maxSelect": max })))
}
