//! Values on their way between JSON and a column.

use backspin_core::{FieldError, Result, Value};
use backspin_schema::field::{
    ColumnKind, DateOptions, FieldOptions, JsonOptions, NumberOptions, TextOptions,
};
use backspin_schema::value::{texts, to_stored};
use backspin_schema::{Field, Snapshot};
use serde_json::Value as Json;

/// What is stored for `input`, and why it may not be: rules are asked before that is told.
pub(crate) fn checked(
    snapshot: &Snapshot,
    field: &Field,
    input: &Json,
) -> Result<(Value, Option<FieldError>)> {
    Ok(match to_stored(snapshot, field, input)? {
        Ok(value) => (value, None),
        Err(error) => (unchecked(snapshot, field, input)?, Some(error)),
    })
}

/// What would be stored for `input` if the field's options forbade nothing.
pub(crate) fn unchecked(snapshot: &Snapshot, field: &Field, input: &Json) -> Result<Value> {
    let options = match &field.options {
        FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
            let mut texts = texts(field, input);
            return Ok(match field.is_multiple() {
                true => Json::from(texts).to_string().into(),
                false => texts.pop().unwrap_or_default().into(),
            });
        }
        FieldOptions::Number(_) => FieldOptions::Number(NumberOptions::default()),
        FieldOptions::Date(_) => FieldOptions::Date(DateOptions::default()),
        FieldOptions::Json(_) => FieldOptions::Json(JsonOptions { max_size: i64::MAX }),
        same @ (FieldOptions::Bool(_) | FieldOptions::Autodate(_) | FieldOptions::GeoPoint(_)) => {
            same.clone()
        }
        FieldOptions::Text(_)
        | FieldOptions::Email(_)
        | FieldOptions::Url(_)
        | FieldOptions::Editor(_)
        | FieldOptions::Password(_) => {
            FieldOptions::Text(TextOptions { max: i64::MAX, ..TextOptions::default() })
        }
    };
    let lenient = Field { required: false, options, ..field.clone() };
    // What is no number or place at all is none.
    Ok(to_stored(snapshot, &lenient, input)?.unwrap_or_else(|_| match lenient.column() {
        ColumnKind::Number => Value::Integer(0),
        _ => Value::Text(lenient.zero_value().to_string()),
    }))
}

/// A stored value as a record's JSON has it.
pub(crate) fn to_json(field: &Field, value: &Value) -> Json {
    let kind = field.column();
    match value {
        Value::Null | Value::Blob(_) => Json::Null,
        Value::Integer(integer) if kind == ColumnKind::Bool => Json::Bool(*integer != 0),
        Value::Integer(integer) => Json::from(*integer),
        Value::Real(real) => Json::from(*real),
        // Raw SQL may have stored text that is no JSON; it stands for itself.
        Value::Text(text) => match kind {
            ColumnKind::List | ColumnKind::Json | ColumnKind::GeoPoint => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str()))
            }
            _ => Json::from(text.as_str()),
        },
    }
}

/// Whether nothing is stored.
pub(crate) fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Null) || matches!(value, Value::Text(text) if text.is_empty())
}
