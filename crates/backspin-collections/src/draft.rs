//! From a client's JSON to a whole collection: what is left out is as it was, or as in a new one.

use backspin_core::{Env, Error, Result, Timestamp, id};
use backspin_schema::collection::CollectionKind;
use backspin_schema::field::{FieldOptions, TextOptions};
use backspin_schema::{Collection, Field, Index, system};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json, json};

use crate::account;
use crate::check::Change;

pub(crate) const ID_PATTERN: &str = "^[a-z0-9]+$";
const ID_AUTOGENERATE_PATTERN: &str = "[a-z0-9]{15}";

/// The new collection that the body describes. The fields of a view are yet to be found in its query.
///
/// Errors: 400 if a key has a value of the wrong kind.
pub(crate) fn create(body: Map<String, Json>, env: &impl Env, key: &SecretKey) -> Result<Collection> {
    create_with_indexes_of(body, (env, key), |_, usual_id| usual_id.to_owned())
}

/// As [`create`], but the indexes that an auth collection begins with are named after its own id, as PocketBase
/// does where definitions are imported.
pub(crate) fn create_imported(
    body: Map<String, Json>,
    env: &impl Env,
    key: &SecretKey,
) -> Result<Collection> {
    create_with_indexes_of(body, (env, key), |own_id, _| own_id.to_owned())
}

fn create_with_indexes_of(
    mut body: Map<String, Json>,
    (env, key): (&impl Env, &SecretKey),
    index_id: impl Fn(&str, &str) -> String,
) -> Result<Collection> {
    let is_text = |key| body.get(key).is_none_or(|value: &Json| value.is_null() || value.is_string());
    if !is_text("type") || !is_text("name") {
        let message = "Failed to load the collection type data due to invalid formatting.";
        return Err(Error::bad_request(message));
    }
    if body.get("type").is_none_or(|kind| kind.is_null() || kind == "") {
        body.insert("type".to_owned(), json!("base"));
    }
    check_type(&body["type"], Change::Create)?;
    let mut new = from_json(json!({ "type": body["type"] }))?;
    system::fill_secrets(&mut new, env);
    let mut collection = merged(&new, body)?;
    let usual_id = id::collection_id(collection.type_name(), &collection.name);
    if collection.id.is_empty() {
        collection.id.clone_from(&usual_id);
    }
    if !collection.is_view() {
        collection.fields = with_id(put_together(std::mem::take(&mut collection.fields), &[]), &[]);
    }
    account::seal_secrets(&mut collection, None, key)?;
    let index_id = index_id(&collection.id, &usual_id);
    complete(&mut collection, &[], &index_id);
    system::stamp(&mut collection, env.now());
    Ok(collection)
}

/// The collection `before` with what the body changes. The fields of a view stay as they were.
///
/// Errors: 400 if a key has a value of the wrong kind, 404 for another id.
pub(crate) fn update(
    before: &Collection,
    mut body: Map<String, Json>,
    env: &impl Env,
    key: &SecretKey,
) -> Result<Collection> {
    match body.get("type") {
        None => {}
        Some(kind) if kind.is_null() || kind == "" => drop(body.remove("type")),
        Some(kind) => check_type(kind, Change::Update)?,
    }
    let names_fields = body.contains_key("fields");
    let mut collection = merged(before, body)?;
    if collection.id != before.id {
        return Err(Error::not_found());
    }
    if collection.is_view() {
        collection.fields.clone_from(&before.fields);
    } else if names_fields {
        let fields = put_together(std::mem::take(&mut collection.fields), &before.fields);
        collection.fields = with_id(fields, &before.fields);
    }
    account::seal_secrets(&mut collection, Some(before), key)?;
    complete(&mut collection, &before.fields, &before.id);
    collection.created.clone_from(&before.created);
    collection.updated = env.now().to_string();
    Ok(collection)
}

/// What a new collection of this kind begins with; new indexes are named after `index_id`.
pub(crate) fn scaffold(kind: CollectionKind, index_id: &str) -> Collection {
    let fields = if matches!(kind, CollectionKind::View(_)) { Vec::new() } else { with_id(Vec::new(), &[]) };
    let mut collection = Collection {
        id: String::new(),
        list_rule: None,
        view_rule: None,
        create_rule: None,
        update_rule: None,
        delete_rule: None,
        name: String::new(),
        kind,
        fields,
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        system: false,
    };
    account::complete(&mut collection, &[], index_id);
    collection
}

/// What an auth collection needs, and indexes on the collection's own table.
fn complete(collection: &mut Collection, before: &[Field], index_id: &str) {
    for index in &mut collection.indexes {
        let parsed = Index::parse(index).filter(|parsed| parsed.table != collection.name);
        if let Some(mut parsed) = parsed.filter(|_| !collection.name.is_empty()) {
            parsed.table.clone_from(&collection.name);
            *index = parsed.to_string();
        }
    }
    account::complete(collection, before, index_id);
}

fn check_type(kind: &Json, change: Change) -> Result<()> {
    if ["base", "auth", "view"].iter().any(|known| kind == known) {
        return Ok(());
    }
    let (code, reason) = ("validation_in_invalid", "Must be a valid value.");
    Err(Error::field(change.failed(), "type", code, reason))
}

/// `base` with the keys of the body; objects within are merged, lists replaced.
fn merged(base: &Collection, mut body: Map<String, Json>) -> Result<Collection> {
    // Set by the server alone.
    for key in ["created", "updated"] {
        if body.remove(key).is_some_and(|time| !time.is_null() && !time.is_string()) {
            return Err(unreadable());
        }
    }
    let mut json = serde_json::to_value(base).map_err(|error| Error::Internal(error.into()))?;
    merge(&mut json, Json::Object(body))?;
    from_json(json)
}

fn merge(base: &mut Json, body: Json) -> Result<()> {
    let (Json::Object(base), Json::Object(body)) = (base, body) else { return Err(unreadable()) };
    for (key, value) in body {
        match (base.get_mut(&key), with_blanks(value)) {
            (Some(old), Json::Null) if !key.ends_with("Rule") => clear(old),
            (Some(old @ Json::Object(_)), new) => merge(old, new)?,
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
    Ok(())
}

/// What `null` makes of an option.
fn clear(option: &mut Json) {
    match option {
        Json::Null => {}
        Json::Bool(is_on) => *is_on = false,
        Json::Number(number) => *number = 0.into(),
        Json::String(text) => text.clear(),
        Json::Array(list) => list.clear(),
        Json::Object(options) => options.values_mut().for_each(clear),
    }
}

/// In a list, `null` is a text that is not given.
fn with_blanks(value: Json) -> Json {
    let blank = |item: Json| if item.is_null() { Json::from("") } else { with_blanks(item) };
    match value {
        Json::Array(list) => list.into_iter().map(blank).collect(),
        Json::Object(map) => map.into_iter().map(|(key, value)| (key, with_blanks(value))).collect(),
        value => value,
    }
}

fn from_json(json: Json) -> Result<Collection> {
    serde_json::from_value(json).map_err(|_| unreadable())
}

fn unreadable() -> Error {
    Error::bad_request("Failed to load the submitted data due to invalid formatting.")
}

/// The fields in their order. One of the same id as an earlier one takes its place; one without an id has
/// that of the field that had its name.
fn put_together(fields: Vec<Field>, before: &[Field]) -> Vec<Field> {
    let mut together: Vec<Field> = Vec::with_capacity(fields.len() + 1);
    for mut field in fields {
        normalise(&mut field);
        let is_named = |other: &&Field| other.name == field.name && !field.name.is_empty();
        if field.id.is_empty() {
            let is_free = |id: &str| !together.iter().any(|other| other.id == id);
            let is_meant =
                |old: &&Field| is_named(old) && old.type_name() == field.type_name() && is_free(&old.id);
            let old = together.iter().find(is_named).or_else(|| before.iter().find(is_meant));
            field.id = match old {
                Some(old) => old.id.clone(),
                None => new_id(&field, is_free),
            };
        }
        match together.iter().position(|other| other.id == field.id) {
            Some(place) => together[place] = field,
            None => together.push(field),
        }
    }
    together
}

/// An id after type and name; with a number if another field has that.
fn new_id(field: &Field, is_free: impl Fn(&str) -> bool) -> String {
    let id = id::field_id(field.type_name(), &field.name);
    let numbered = (2..).map(|number| format!("{id}{number}"));
    std::iter::once(id.clone()).chain(numbered).find(|id| is_free(id)).unwrap_or(id)
}

/// Puts the field `id` first if there is none.
fn with_id(mut fields: Vec<Field>, before: &[Field]) -> Vec<Field> {
    let is_id = |field: &&Field| field.name == "id" && field.is_primary_key();
    if !fields.iter().any(|field| is_id(&field)) {
        let new = || Field {
            options: FieldOptions::Text(TextOptions {
                min: id::RECORD_ID_CHARS as i64,
                max: id::RECORD_ID_CHARS as i64,
                pattern: ID_PATTERN.to_owned(),
                autogenerate_pattern: ID_AUTOGENERATE_PATTERN.to_owned(),
                primary_key: true,
            }),
            ..id_field()
        };
        let old = before.iter().find(is_id).cloned();
        let id = old.unwrap_or_else(new);
        if !fields.iter().any(|field| field.id == id.id) {
            fields.insert(0, id);
        }
    }
    fields
}

/// A field `id` without any of its options.
pub(crate) fn id_field() -> Field {
    let options = FieldOptions::Text(TextOptions { primary_key: true, ..TextOptions::default() });
    Field { system: true, required: true, ..Field::new("id", options) }
}

fn normalise(field: &mut Field) {
    if let FieldOptions::Text(options) = &mut field.options
        && field.name == "id"
    {
        field.system = true;
        field.required = true;
        field.hidden = false;
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
}
