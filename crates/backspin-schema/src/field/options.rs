//! The options of each field type, named as in PocketBase's JSON.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// A field's type with its options; the JSON key `type` tells them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FieldOptions {
    Text(TextOptions),
    Number(NumberOptions),
    Bool(BoolOptions),
    Email(DomainOptions),
    Url(DomainOptions),
    Editor(EditorOptions),
    Date(DateOptions),
    Autodate(AutodateOptions),
    Select(SelectOptions),
    Relation(RelationOptions),
    File(FileOptions),
    Json(JsonOptions),
    Password(PasswordOptions),
    GeoPoint(GeoPointOptions),
}

impl FieldOptions {
    /// The type's name as in JSON.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Bool(_) => "bool",
            Self::Email(_) => "email",
            Self::Url(_) => "url",
            Self::Editor(_) => "editor",
            Self::Date(_) => "date",
            Self::Autodate(_) => "autodate",
            Self::Select(_) => "select",
            Self::Relation(_) => "relation",
            Self::File(_) => "file",
            Self::Json(_) => "json",
            Self::Password(_) => "password",
            Self::GeoPoint(_) => "geoPoint",
        }
    }
}

/// Plain text. Lengths are in characters; 0 means the default (no minimum, at most 5000).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextOptions {
    pub min: i64,
    pub max: i64,
    /// A regular expression the whole value must match; empty for none.
    pub pattern: String,
    /// A regular expression from which an absent value is made; empty for none.
    pub autogenerate_pattern: String,
    pub primary_key: bool,
}

/// A double-precision number; `min` and `max` are inclusive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NumberOptions {
    #[serde(serialize_with = "whole_as_integer")]
    pub min: Option<f64>,
    #[serde(serialize_with = "whole_as_integer")]
    pub max: Option<f64>,
    pub only_int: bool,
}

/// True or false. It has no options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BoolOptions {}

/// Options of `email` and `url`: which domains may or may not occur. At most one list is non-empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DomainOptions {
    pub except_domains: Vec<String>,
    pub only_domains: Vec<String>,
}

impl DomainOptions {
    /// Whether an address at `domain` may be stored.
    pub(crate) fn allow(&self, domain: &str) -> bool {
        let listed = |domains: &[String]| domains.iter().any(|other| other == domain);
        (self.only_domains.is_empty() || listed(&self.only_domains)) && !listed(&self.except_domains)
    }
}

/// HTML. `max_size` is in bytes; 0 means the default of 5 MiB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorOptions {
    pub max_size: i64,
    #[serde(rename = "convertURLs")]
    pub convert_urls: bool,
}

/// A moment, stored as `YYYY-MM-DD HH:mm:ss.sssZ`. Bounds are in that form, empty for none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DateOptions {
    pub min: String,
    pub max: String,
}

/// A moment the server sets. At least one of the two must be true.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutodateOptions {
    pub on_create: bool,
    pub on_update: bool,
}

/// One or several of a fixed list of values. `max_select` of 0 or 1 means one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelectOptions {
    pub values: Vec<String>,
    pub max_select: i64,
}

/// Ids of records of another collection. `max_select` of 0 or 1 means one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RelationOptions {
    /// The id (not the name) of the collection referred to.
    pub collection_id: String,
    /// Delete this record when the one it refers to is deleted.
    pub cascade_delete: bool,
    pub min_select: i64,
    pub max_select: i64,
}

/// Names of stored files. `max_size` is in bytes for one file; 0 means the default of 5 MiB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileOptions {
    pub max_select: i64,
    pub max_size: i64,
    pub mime_types: Vec<String>,
    /// Sizes of which thumbnails may be asked, such as `100x100` or `0x50f`.
    pub thumbs: Vec<String>,
    /// Served only with a file token.
    pub protected: bool,
}

/// Any JSON value. `max_size` is in bytes; 0 means the default of 1 MiB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JsonOptions {
    pub max_size: i64,
}

/// A password, stored as its hash. Lengths are in characters; a `cost` of 0 means the default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PasswordOptions {
    pub pattern: String,
    pub min: i64,
    pub max: i64,
    pub cost: i64,
}

/// A place on Earth, `{"lon":0,"lat":0}` in degrees. It has no options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeoPointOptions {}

/// Writes 3.0 as `3`, as PocketBase does.
fn whole_as_integer<S: Serializer>(bound: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    bound.map(number_json).serialize(serializer)
}

/// The number as JSON, whole ones without a point.
pub fn number_json(number: f64) -> Value {
    const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT_UP_TO {
        return Value::from(number as i64);
    }
    Value::from(number)
}
