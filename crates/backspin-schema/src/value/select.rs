//! One or several of a fixed list of texts.

use backspin_core::{FieldError, Value};
use serde_json::{Value as Json, json};

use super::{list, required};
use crate::field::{Field, SelectOptions};

pub(super) fn to_stored(field: &Field, options: &SelectOptions, input: &Json) -> Result<Value, FieldError> {
    let texts = list::texts(field, input);
    if texts.is_empty() {
        return if field.required { Err(required()) } else { Ok(list::stored(field, texts)) };
    }
    list::check_max("validation_too_many_values", "Select no more than", &texts, options.max_select)?;
    if let Some(unknown) = texts.iter().find(|text| !options.values.contains(text)) {
        return Err(FieldError::with_params(
            "validation_invalid_value",
            sentence(&format!("Invalid value {unknown}")),
            json!({ "value": unknown }),
        ));
    }
    Ok(list::stored(field, texts))
}

/// Ends with a point unless it ends a sentence already.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}
