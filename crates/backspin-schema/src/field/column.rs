//! How each field is stored: the column's declared type and its default.

use serde_json::{Value, json};

use super::{Field, FieldOptions};

/// The declaration of a record table's column. Every kind but [`ColumnKind::Json`] is `NOT NULL`,
/// so a comparison with a value needs no care for `NULL` and can use an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// The record's id.
    PrimaryKey,
    /// Text, a date, one file name, one option, one related id.
    Text,
    Number,
    Bool,
    /// A JSON array of strings: several files, options or related ids.
    List,
    /// Any JSON, or `NULL`.
    Json,
    /// `{"lon":0,"lat":0}`
    GeoPoint,
}

impl ColumnKind {
    /// What follows the column's name in `CREATE TABLE` and `ALTER TABLE … ADD COLUMN`.
    pub fn declaration(self) -> &'static str {
        match self {
            Self::PrimaryKey => "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL",
            Self::Text => "TEXT DEFAULT '' NOT NULL",
            Self::Number => "NUMERIC DEFAULT 0 NOT NULL",
            Self::Bool => "BOOLEAN DEFAULT FALSE NOT NULL",
            Self::List => "JSON DEFAULT '[]' NOT NULL",
            Self::Json => "JSON DEFAULT NULL",
            Self::GeoPoint => r#"JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL"#,
        }
    }

    /// The column's default as JSON.
    pub fn zero_value(self) -> Value {
        match self {
            Self::PrimaryKey | Self::Text => json!(""),
            Self::Number => json!(0),
            Self::Bool => json!(false),
            Self::List => json!([]),
            Self::Json => Value::Null,
            Self::GeoPoint => json!({"lon": 0, "lat": 0}),
        }
    }
}

pub(super) fn kind(field: &Field) -> ColumnKind {
    match &field.options {
        FieldOptions::Text(text) if text.primary_key => ColumnKind::PrimaryKey,
        FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_)
            if field.is_multiple() =>
        {
            ColumnKind::List
        }
        FieldOptions::Number(_) => ColumnKind::Number,
        FieldOptions::Bool(_) => ColumnKind::Bool,
        FieldOptions::Json(_) => ColumnKind::Json,
        FieldOptions::GeoPoint(_) => ColumnKind::GeoPoint,
        FieldOptions::Text(_)
        | FieldOptions::Email(_)
        | FieldOptions::Url(_)
        | FieldOptions::Editor(_)
        | FieldOptions::Date(_)
        | FieldOptions::Autodate(_)
        | FieldOptions::Select(_)
        | FieldOptions::Relation(_)
        | FieldOptions::File(_)
        | FieldOptions::Password(_) => ColumnKind::Text,
    }
}
