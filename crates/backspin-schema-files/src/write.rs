//! From a collection to the text of its file, and to the JSON that the server plans with.

use backspin_schema::Collection;
use serde_json::{Map, Value, json};

use crate::defaults::strip;
use crate::described;

/// Who may do what: always written, for a reviewer has to see it.
const RULES: [&str; 5] = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];
const VIEW_RULES: [&str; 2] = ["listRule", "viewRule"];
const AUTH_RULES: [&str; 2] = ["authRule", "manageRule"];

/// A key that is not here comes after these, in the order of PocketBase.
const FIRST: [&str; 14] = [
    "id",
    "name",
    "type",
    "system",
    "viewQuery",
    "listRule",
    "viewRule",
    "createRule",
    "updateRule",
    "deleteRule",
    "authRule",
    "manageRule",
    "fields",
    "indexes",
];
const FIRST_OF_FIELD: [&str; 8] =
    ["id", "name", "type", "system", "required", "hidden", "presentable", "help"];

/// The text of the collection's file: JSON in a fixed order, two spaces a level, a newline at the end; what is
/// as in a new collection is left out, except rules. [`crate::read`] gives [`described`] of it again.
pub fn to_text(collection: &Collection) -> Result<String, serde_json::Error> {
    let described = described(collection);
    let mut json = object(&described)?;
    let default: Collection = serde_json::from_value(json!({ "type": described.type_name() }))?;
    let mut kept = vec!["id", "name", "type"];
    kept.extend(if described.is_view() { &VIEW_RULES[..] } else { &RULES });
    if described.is_auth() {
        kept.extend(AUTH_RULES);
    }
    strip(&mut json, &serde_json::to_value(default)?, &kept);
    if let Some(Value::Array(fields)) = json.get_mut("fields") {
        for field in fields {
            write_field(field)?;
        }
    }
    let mut text = serde_json::to_string_pretty(&ordered(json, &FIRST))?;
    text.push('\n');
    Ok(text)
}

fn write_field(field: &mut Value) -> Result<(), serde_json::Error> {
    let Value::Object(keys) = field.take() else { return Ok(()) };
    let default: backspin_schema::Field = serde_json::from_value(json!({ "type": keys["type"] }))?;
    let mut keys = keys;
    strip(&mut keys, &serde_json::to_value(default)?, &["id", "name", "type"]);
    *field = ordered(keys, &FIRST_OF_FIELD);
    Ok(())
}

/// The collection for `POST /api/migrations/plan`: every option written out, so that none is taken for "as it
/// was"; ids that the file leaves to the server are absent.
pub fn to_body(collection: &Collection) -> Result<Value, serde_json::Error> {
    let mut json = object(&described(collection))?;
    for key in ["created", "updated"] {
        json.shift_remove(key);
    }
    without_empty_id(&mut json);
    match json.get_mut("fields") {
        Some(_) if collection.is_view() => {
            json.shift_remove("fields");
        }
        Some(Value::Array(fields)) => {
            fields.iter_mut().filter_map(Value::as_object_mut).for_each(without_empty_id);
        }
        _ => {}
    }
    Ok(json.into())
}

fn without_empty_id(keys: &mut Map<String, Value>) {
    if keys.get("id").is_some_and(|id| id == "") {
        keys.shift_remove("id");
    }
}

fn object(collection: &Collection) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::to_value(collection)? {
        Value::Object(keys) => Ok(keys),
        _ => Ok(Map::new()),
    }
}

fn ordered(mut keys: Map<String, Value>, first: &[&str]) -> Value {
    let mut ordered = Map::new();
    for key in first {
        if let Some(value) = keys.shift_remove(*key) {
            ordered.insert((*key).to_owned(), value);
        }
    }
    ordered.extend(keys);
    ordered.into()
}
