//! A row as the log keeps it: one JSON object, by the ids of the fields.
//!
//! Texts (JSON of a field too) are strings, numbers are numbers with all their digits. What JSON does not have is
//! wrapped: `{"blob":"HEX"}`, `{"real":"Inf"}`. So every value can be put back as it was.

use backspin_core::Value;
use serde_json::{Map, Value as Json};

use crate::collection::Collection;
use crate::field::{ColumnKind, Field, FieldOptions};
use crate::quote::{Literal, Quoted};

/// Pairs of one call of `json_object`: SQLite takes 127 arguments.
const PAIRS_MAX: usize = 60;

/// Whether the values of this field are never logged: passwords, and the key that signs an account's tokens.
pub fn is_secret(collection: &Collection, field: &Field) -> bool {
    matches!(field.options, FieldOptions::Password(_)) || collection.is_auth() && field.name == "tokenKey"
}

/// The expression of the object that shows the row `NEW` or `OLD` of a trigger.
pub(super) fn expression(collection: &Collection, row: &str) -> String {
    let shown: Vec<&Field> = collection.fields.iter().filter(|field| !is_secret(collection, field)).collect();
    let objects: Vec<String> = shown.chunks(PAIRS_MAX).map(|fields| object(fields, row)).collect();
    let Some((first, rest)) = objects.split_first() else { return "'{}'".to_owned() };
    if rest.is_empty() {
        return first.clone();
    }
    // Each without its braces.
    let inner =
        |object| format!("(SELECT substr(\"o\", 2, length(\"o\") - 2) FROM (SELECT {object} AS \"o\"))");
    let inner: Vec<String> = objects.iter().map(inner).collect();
    format!("'{{' || {} || '}}'", inner.join(" || ',' || "))
}

/// What a field is known by: its id, which outlives its name.
pub fn key(field: &Field) -> &str {
    if field.id.is_empty() { &field.name } else { &field.id }
}

fn object(fields: &[&Field], row: &str) -> String {
    let pair = |field: &&Field| format!("{}, {}", Literal(key(field)), value(field, row));
    format!("json_object({})", fields.iter().map(pair).collect::<Vec<_>>().join(", "))
}

fn value(field: &Field, row: &str) -> String {
    let x = format!("{row}.{}", Quoted(&field.name));
    let blob = format!("WHEN 'blob' THEN json_object('blob', hex({x}))");
    match field.column() {
        ColumnKind::PrimaryKey | ColumnKind::Text => format!("CASE typeof({x}) {blob} ELSE {x} END"),
        ColumnKind::Number
        | ColumnKind::Bool
        | ColumnKind::List
        | ColumnKind::Json
        | ColumnKind::GeoPoint => format!(
            "CASE typeof({x}) WHEN 'real' THEN iif(abs({x}) < 9e999, json(printf('%!.17g', {x})), \
             json_object('real', printf('%!.17g', {x}))) {blob} ELSE {x} END"
        ),
    }
}

/// A row of the log: the values by the ids of the fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image(Map<String, Json>);

impl Image {
    /// What `before` and `after` hold.
    pub fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json).map(Image)
    }

    /// The object as the log has it.
    pub fn by_ids(&self) -> &Map<String, Json> {
        &self.0
    }

    /// The values of all fields in their order; those that the image does not have as an empty record has them.
    pub fn row(&self, collection: &Collection) -> Vec<Value> {
        let value = |field: &Field| self.get(field).unwrap_or_else(|| empty(field));
        collection.fields.iter().map(value).collect()
    }

    /// The value as it was stored; `None` if the collection did not have the field, or it is a secret.
    pub fn get(&self, field: &Field) -> Option<Value> {
        Some(match self.0.get(key(field))? {
            Json::Null => Value::Null,
            Json::Bool(boolean) => Value::Integer((*boolean).into()),
            Json::String(text) => Value::Text(text.clone()),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Value::Integer(integer),
                None => Value::Real(number.as_f64().unwrap_or_default()),
            },
            Json::Object(wrapped) => unwrap(wrapped),
            Json::Array(_) => Value::Null,
        })
    }
}

/// What the column of an empty record holds.
pub fn empty(field: &Field) -> Value {
    match field.column() {
        ColumnKind::PrimaryKey | ColumnKind::Text => Value::Text(String::new()),
        ColumnKind::Number | ColumnKind::Bool => Value::Integer(0),
        ColumnKind::Json => Value::Null,
        ColumnKind::List | ColumnKind::GeoPoint => Value::Text(field.zero_value().to_string()),
    }
}

fn unwrap(wrapped: &Map<String, Json>) -> Value {
    match (wrapped.get("blob"), wrapped.get("real")) {
        (Some(Json::String(hex)), _) => Value::Blob(from_hex(hex)),
        (_, Some(Json::String(real))) => real.parse().map_or(Value::Null, Value::Real),
        _ => Value::Null,
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digit = |byte: &u8| (*byte as char).to_digit(16).unwrap_or_default() as u8;
    hex.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, half| byte << 4 | digit(half))).collect()
}
