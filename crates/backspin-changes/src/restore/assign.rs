//! What of a row of the log fits into the record's fields of today.

use backspin_core::{FieldError, FieldErrors, Value};
use backspin_schema::Collection;
use backspin_schema::field::{ColumnKind, Field, FieldOptions};
use backspin_schema::log::{Image, empty, is_secret};
use serde_json::Value as Json;

/// A field and what is to be stored in it.
pub(super) struct Assigned<'a> {
    pub(super) field: &'a Field,
    pub(super) value: Value,
}

/// The fields that the image has, but for the id and secrets.
///
/// Errors: the fields whose type is another one now, which the values do not fit.
pub(super) fn assigned<'a>(
    collection: &'a Collection,
    image: &Image,
) -> Result<Vec<Assigned<'a>>, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut assigned = Vec::with_capacity(collection.fields.len());
    for field in &collection.fields {
        if field.is_primary_key() || is_secret(collection, field) {
            continue;
        }
        match image.get(field).map(|value| fit(field, value)) {
            None => {}
            Some(Some(value)) => assigned.push(Assigned { field, value }),
            Some(None) => {
                let message = "The field is of another type now: what it held does not fit.";
                errors.add(&field.name, FieldError::new("validation_type_changed", message));
            }
        }
    }
    if errors.is_empty() { Ok(assigned) } else { Err(errors) }
}

/// The value as the column of today holds it. Between one value and several it is converted as a migration does.
fn fit(field: &Field, value: Value) -> Option<Value> {
    let several = |text: &str| serde_json::from_str::<Vec<String>>(text).ok();
    match (field.column(), value) {
        (ColumnKind::Json, value) => Some(value),
        (_, Value::Null) => Some(empty(field)),
        (ColumnKind::List, Value::Text(text)) if text.is_empty() => Some(empty(field)),
        (ColumnKind::List, Value::Text(text)) => Some(match several(&text) {
            Some(_) => text.into(),
            None => Json::from(vec![text]).to_string().into(),
        }),
        (ColumnKind::Text, Value::Text(text)) if is_reference(field) && text.starts_with('[') => {
            Some(several(&text).map_or(text, |mut texts| texts.pop().unwrap_or_default()).into())
        }
        (ColumnKind::Number | ColumnKind::Bool, Value::Text(text)) => {
            text.parse::<f64>().is_ok().then(|| text.into())
        }
        (ColumnKind::GeoPoint, Value::Text(text)) => serde_json::from_str::<Json>(&text)
            .is_ok_and(|json| json.get("lon").is_some())
            .then(|| text.into()),
        (ColumnKind::List | ColumnKind::GeoPoint, _) => None,
        (_, value) => Some(value),
    }
}

fn is_reference(field: &Field) -> bool {
    matches!(field.options, FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_))
}
