//! From a client's JSON to a whole collection: what is left out is filled in.

use backspin_core::{Error, Result, Timestamp, id};
use serde_json::{Map, Value as Json, json};

use backspin_schema::Collection;
use backspin_schema::Index;
use backspin_schema::field::{Field, FieldOptions, TextOptions};

const ID_PATTERN: &str = "^[a-z0-9]+$";
const ID_AUTOGENERATE_PATTERN: &str = "[a-z0-9]{15}";

/// The collection that the body describes, as far as it does.
///
/// Errors: 400 if a key has a value of the wrong kind.
pub(super) fn read(mut body: Map<String, Json>) -> Result<Collection> {
    let is_text = |key| body.get(key).is_none_or(|value: &Json| value.is_null() || value.is_string());
    if !is_text("type") || !is_text("name") {
        let message = "Failed to load the collection type data due to invalid formatting.";
        return Err(Error::bad_request(message));
    }
    if body.get("type").is_none_or(|kind| kind.is_null() || kind == "") {
        body.insert("type".to_owned(), json!("base"));
    }
    if !["base", "auth", "view"].iter().any(|kind| body["type"] == *kind) {
        let (code, reason) = ("validation_in_invalid", "Must be a valid value.");
        return Err(Error::field("Failed to create collection.", "type", code, reason));
    }
    // Set by the server alone.
    for key in ["created", "updated"] {
        body.remove(key);
    }
    serde_json::from_value(Json::Object(body))
        .map_err(|_| Error::bad_request("Failed to load the submitted data due to invalid formatting."))
}

/// Adds the ids, the system fields, and the indexes' table.
pub(super) fn complete(collection: &mut Collection) {
    if collection.id.is_empty() {
        collection.id = id::collection_id(collection.type_name(), &collection.name);
    }
    let mut fields = vec![id_field()];
    for field in std::mem::take(&mut collection.fields) {
        add(&mut fields, field);
    }
    collection.fields = fields;
    for index in &mut collection.indexes {
        // An index is always on the collection's own table.
        if let Some(mut parsed) = Index::parse(index).filter(|parsed| parsed.table != collection.name) {
            parsed.table.clone_from(&collection.name);
            *index = parsed.to_string();
        }
    }
}

fn id_field() -> Field {
    let options = TextOptions {
        min: id::RECORD_ID_CHARS as i64,
        max: id::RECORD_ID_CHARS as i64,
        pattern: ID_PATTERN.to_owned(),
        autogenerate_pattern: ID_AUTOGENERATE_PATTERN.to_owned(),
        primary_key: true,
    };
    Field {
        id: id::field_id("text", "id"),
        name: "id".to_owned(),
        system: true,
        hidden: false,
        presentable: false,
        required: true,
        help: String::new(),
        options: FieldOptions::Text(options),
    }
}

/// Appends the field, or puts it in the place of the one with the same id or name.
fn add(fields: &mut Vec<Field>, mut field: Field) {
    if let FieldOptions::Text(options) = &mut field.options
        && field.name == "id"
    {
        field.system = true;
        field.required = true;
        options.primary_key = true;
        if options.pattern.is_empty() {
            options.pattern = ID_PATTERN.to_owned();
        }
    }
    if let FieldOptions::Date(options) = &mut field.options {
        for bound in [&mut options.min, &mut options.max] {
            *bound = Timestamp::parse(bound).map(|bound| bound.to_string()).unwrap_or_default();
        }
    }
    let replaces_id = field.name != "id" || field.is_primary_key();
    let same_name = fields.iter().position(|other| other.name == field.name && replaces_id);
    if field.id.is_empty() {
        field.id = match same_name {
            Some(place) => fields[place].id.clone(),
            None => id::field_id(field.type_name(), &field.name),
        };
    }
    match same_name.or_else(|| fields.iter().position(|other| other.id == field.id)) {
        Some(place) => fields[place] = field,
        None => fields.push(field),
    }
}
