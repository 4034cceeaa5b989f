//! A field of a collection: its name, its type and the options of that type, in PocketBase's JSON.

mod column;
mod options;

pub use column::ColumnKind;
pub use options::{
    AutodateOptions, BoolOptions, DateOptions, DomainOptions, EditorOptions, FieldOptions, FileOptions,
    GeoPointOptions, JsonOptions, NumberOptions, PasswordOptions, RelationOptions, SelectOptions,
    TextOptions, number_json,
};

use backspin_core::id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// One field of a collection.
///
/// Reads and writes exactly the JSON object PocketBase 0.40 uses for a field: the common keys
/// below, `type`, and the keys of that type beside them. Absent keys and `null` mean the default.
/// An unknown `type` is an error that lists the known ones.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(remote = "Self")]
pub struct Field {
    /// Stable for the field's life, whatever it is renamed to: the planner matches by it.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// Made by the system: cannot be renamed, retyped or removed.
    #[serde(default)]
    pub system: bool,
    /// Never sent to, nor usable in a filter by, anyone but superusers.
    #[serde(default)]
    pub hidden: bool,
    /// Shown as the record's label in the dashboard.
    #[serde(default)]
    pub presentable: bool,
    /// Must not be the type's zero value. Always false for `autodate`, which has no such option.
    #[serde(default)]
    pub required: bool,
    /// A note shown under the field in the dashboard. Always empty for `autodate`.
    #[serde(default)]
    pub help: String,
    /// The type and its options.
    #[serde(flatten)]
    pub options: FieldOptions,
}

impl Field {
    /// With PocketBase's id for a field of that type and name, and nothing else set.
    pub fn new(name: &str, options: FieldOptions) -> Self {
        Field {
            id: id::field_id(options.type_name(), name),
            name: name.to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            required: false,
            help: String::new(),
            options,
        }
    }

    /// The type's name as in JSON: `text`, `number`, … `geoPoint`.
    pub fn type_name(&self) -> &'static str {
        self.options.type_name()
    }

    /// Whether a record holds a list here: a select, relation or file with `maxSelect` over 1.
    pub fn is_multiple(&self) -> bool {
        match &self.options {
            FieldOptions::Select(select) => select.max_select > 1,
            FieldOptions::Relation(relation) => relation.max_select > 1,
            FieldOptions::File(file) => file.max_select > 1,
            _ => false,
        }
    }

    /// The relation's options, if this is a relation.
    pub fn relation(&self) -> Option<&RelationOptions> {
        match &self.options {
            FieldOptions::Relation(relation) => Some(relation),
            _ => None,
        }
    }

    /// Whether this is the record's primary key (`id`).
    pub fn is_primary_key(&self) -> bool {
        matches!(&self.options, FieldOptions::Text(text) if text.primary_key)
    }

    /// How the column that stores this field is declared.
    pub fn column(&self) -> ColumnKind {
        column::kind(self)
    }

    /// What a record holds when nothing was given: `""`, `0`, `false`, `[]`, `null`, or
    /// `{"lon":0,"lat":0}`.
    pub fn zero_value(&self) -> Value {
        self.column().zero_value()
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = crate::null::without_nulls(Value::deserialize(deserializer)?);
        if value.get("type").is_some_and(Value::is_number) {
            // It would be taken for the position of a type.
            return Err(serde::de::Error::custom("the type of a field is a name"));
        }
        Field::deserialize(value).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Repr<'a> {
            id: &'a str,
            name: &'a str,
            #[serde(flatten)]
            options: &'a FieldOptions,
            #[serde(skip_serializing_if = "Option::is_none")]
            help: Option<&'a str>,
            hidden: bool,
            presentable: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            required: Option<bool>,
            system: bool,
        }
        let described = !matches!(self.options, FieldOptions::Autodate(_));
        Repr {
            id: &self.id,
            name: &self.name,
            options: &self.options,
            help: described.then_some(&self.help),
            hidden: self.hidden,
            presentable: self.presentable,
            required: described.then_some(self.required),
            system: self.system,
        }
        .serialize(serializer)
    }
}
