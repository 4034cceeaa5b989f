//! A stored value of PocketBase as our tables hold it: the one that PocketBase shows. Raw SQL may have put anything
//! into its tables.

use backspin_core::{Timestamp, Value};
use backspin_schema::field::{ColumnKind, FieldOptions, number_json};
use backspin_schema::{Field, value};
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};

/// Up to here every whole number is exact in a double, as which PocketBase reads all numbers.
const EXACT_MAX: u64 = 1 << 53;

/// A value that can be stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Taken {
    /// It shows as it did.
    Whole(Value),
    /// It was something that PocketBase cannot show; this is put in its place.
    Replaced(Value),
}

/// The value for the column of `field`.
pub(crate) fn take(field: &Field, value: Value) -> Taken {
    match field.column() {
        ColumnKind::Text if matches!(field.options, FieldOptions::Date(_) | FieldOptions::Autodate(_)) => {
            date(value)
        }
        ColumnKind::Text if is_choice(field) && text_of(&value).contains('[') => choice(field, value),
        ColumnKind::PrimaryKey | ColumnKind::Text => Taken::Whole(text(value)),
        ColumnKind::Number => number(value),
        ColumnKind::Bool => Taken::Whole(boolean(value)),
        ColumnKind::List => Taken::Whole(list(field, value)),
        ColumnKind::Json => json(value),
        ColumnKind::GeoPoint => geo_point(value),
    }
}

fn is_choice(field: &Field) -> bool {
    matches!(field.options, FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_))
}

fn text_of(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => "",
    }
}

fn text(value: Value) -> Value {
    match value {
        text @ Value::Text(_) => text,
        Value::Null => Value::from(""),
        Value::Integer(integer) => integer.to_string().into(),
        Value::Real(real) => real.to_string().into(),
        Value::Blob(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}

/// Of a field for one value, the last.
fn choice(field: &Field, value: Value) -> Taken {
    let texts = value::texts(field, &Json::from(text_of(&value)));
    Taken::Whole(texts.into_iter().next_back().unwrap_or_default().into())
}

fn date(value: Value) -> Taken {
    let Value::Text(text) = text(value) else { return Taken::Whole(Value::from("")) };
    match Timestamp::parse(&text) {
        Some(date) => Taken::Whole(date.to_string().into()),
        None if text.is_empty() => Taken::Whole(text.into()),
        None => Taken::Replaced(Value::from("")),
    }
}

/// The column has made numbers of all texts that are, but of those whose digits are grouped, as in `1_000`.
fn number(value: Value) -> Taken {
    match value {
        Value::Integer(integer) if integer.unsigned_abs() > EXACT_MAX => {
            Taken::Whole(Value::Integer(integer as f64 as i64))
        }
        Value::Integer(_) => Taken::Whole(value),
        Value::Real(real) if real.is_finite() => Taken::Whole(value),
        Value::Null => Taken::Whole(Value::Integer(0)),
        Value::Text(text) if text.is_empty() => Taken::Whole(Value::Integer(0)),
        Value::Text(text) => match text.replace('_', "").parse::<f64>() {
            Ok(grouped) if grouped.is_finite() => Taken::Whole(Value::Real(grouped)),
            _ => Taken::Replaced(Value::Integer(0)),
        },
        Value::Real(_) | Value::Blob(_) => Taken::Replaced(Value::Integer(0)),
    }
}

fn boolean(value: Value) -> Value {
    let boolean = match value {
        Value::Integer(integer) => integer == 1,
        Value::Text(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        Value::Null | Value::Real(_) | Value::Blob(_) => false,
    };
    boolean.into()
}

fn list(field: &Field, value: Value) -> Value {
    let Value::Text(text) = text(value) else { return Value::from("[]") };
    match text.as_str() {
        "" | "[]" => Value::from("[]"),
        text => Json::from(value::texts(field, &Json::from(text))).to_string().into(),
    }
}

fn json(value: Value) -> Taken {
    match value {
        Value::Null | Value::Integer(_) => Taken::Whole(value),
        Value::Real(real) if real.is_finite() => Taken::Whole(value),
        Value::Real(_) => Taken::Replaced(Value::Null),
        Value::Text(_) | Value::Blob(_) => {
            let Value::Text(text) = text(value) else { return Taken::Replaced(Value::Null) };
            Taken::Whole(if is_json(&text) { text.into() } else { Json::from(text).to_string().into() })
        }
    }
}

/// With a space around it, PocketBase takes JSON as a text.
fn is_json(text: &str) -> bool {
    let read = || serde_json::from_str::<IgnoredAny>(text);
    let too_deep_for_us =
        |error: &serde_json::Error| error.to_string().starts_with("recursion limit exceeded");
    text == text.trim() && read().map_or_else(|error| too_deep_for_us(&error), |_| true)
}

fn geo_point(value: Value) -> Taken {
    let nowhere = || Value::from(r#"{"lon":0,"lat":0}"#);
    let Value::Text(text) = text(value) else { return Taken::Whole(nowhere()) };
    if text.is_empty() {
        return Taken::Whole(nowhere());
    }
    let degrees = |point: &Json, name: &str| match point.get(name) {
        None | Some(Json::Null) => Some(0.0),
        Some(degrees) => degrees.as_f64(),
    };
    match serde_json::from_str::<Json>(&text) {
        Ok(Json::Null) => Taken::Whole(nowhere()),
        Ok(point @ Json::Object(_)) => match (degrees(&point, "lon"), degrees(&point, "lat")) {
            (Some(lon), Some(lat)) => {
                Taken::Whole(json!({ "lon": number_json(lon), "lat": number_json(lat) }).to_string().into())
            }
            _ => Taken::Replaced(nowhere()),
        },
        _ => Taken::Replaced(nowhere()),
    }
}
