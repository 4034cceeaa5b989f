//! The rows of `_collections`, which PocketBase has kept in this form since 0.23.

use std::collections::HashMap;

use backspin_collections::is_internal_table;
use backspin_core::{Database, Value};
use backspin_native::NativeDatabase;
use backspin_schema::{Collection, Field};
use serde_json::{Map, Value as Json};

use crate::{ImportError, Report};

const SELECT_SQL: &str = r#"SELECT "id", "system", "type", "name", "fields", "indexes", "listRule", "viewRule", "createRule", "updateRule", "deleteRule", "options", "created", "updated"
FROM "_collections"
ORDER BY "rowid""#;

/// A collection of the source, or what is left of one that cannot be read.
pub(crate) struct SourceCollection {
    pub(crate) name: String,
    /// `None` if nothing can be made of it; the report says why.
    pub(crate) collection: Option<Collection>,
}

/// All collections in their order. What cannot be read of them is told to `report`.
pub(crate) async fn read(
    database: &NativeDatabase,
    report: &mut Report,
) -> Result<Vec<SourceCollection>, ImportError> {
    let rows = database.query(SELECT_SQL, Vec::new()).await?;
    let collections = rows.into_maps().map(|mut row| {
        let name = text(&mut row, "name");
        let collection = if is_internal_table(&name) {
            // Its table would be taken for that of the sessions, say, and nobody could sign in.
            Err("Backspin has a table of its own of this name: rename it in PocketBase first".to_owned())
        } else {
            collection(row, &name, report).map_err(|error| error.to_string())
        };
        let collection = collection
            .map_err(|reason| report.not_brought(format!("the collection {name} and its records"), reason));
        SourceCollection { name, collection: collection.ok() }
    });
    Ok(collections.collect())
}

fn collection(
    mut row: HashMap<String, Value>,
    name: &str,
    report: &mut Report,
) -> Result<Collection, serde_json::Error> {
    let mut json = match serde_json::from_str(&text(&mut row, "options"))? {
        Json::Object(options) => options,
        _ => Map::new(),
    };
    let fields: Vec<Json> = serde_json::from_str(&text(&mut row, "fields"))?;
    json.insert("name".to_owned(), name.into());
    json.insert("system".to_owned(), (row.get("system") == Some(&Value::Integer(1))).into());
    json.insert("indexes".to_owned(), serde_json::from_str(&text(&mut row, "indexes"))?);
    json.insert("fields".to_owned(), readable(fields, name, report).into());
    for key in ["id", "type", "created", "updated"] {
        json.insert(key.to_owned(), text(&mut row, key).into());
    }
    for key in ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"] {
        let rule = match row.get(key) {
            Some(Value::Null) | None => Json::Null,
            Some(_) => text(&mut row, key).into(),
        };
        json.insert(key.to_owned(), rule);
    }
    let json = Json::Object(json);
    let collection: Collection = serde_json::from_value(json.clone())?;
    let mut unknown = Vec::new();
    find_unknown(&json, &serde_json::to_value(&collection)?, "", &mut unknown);
    for option in unknown {
        report.not_brought(
            format!("the option {option} of the collection {name}"),
            "Backspin does not know it",
        );
    }
    Ok(collection)
}

/// The fields without those of a type that there is not.
fn readable(fields: Vec<Json>, collection: &str, report: &mut Report) -> Vec<Json> {
    let keep = |field: &Json| match serde_json::from_value::<Field>(field.clone()) {
        Ok(_) => true,
        Err(error) => {
            let name = field["name"].as_str().unwrap_or("without a name");
            report.not_brought(format!("the field {name} of the collection {collection}"), error.to_string());
            false
        }
    };
    let mut keep = keep;
    fields.into_iter().filter(|field| keep(field)).collect()
}

/// The paths of what `source` says and `ours` does not.
fn find_unknown(source: &Json, ours: &Json, path: &str, unknown: &mut Vec<String>) {
    match (source, ours) {
        (Json::Object(source), Json::Object(ours)) => {
            for (key, value) in source {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match ours.get(key) {
                    Some(ours) => find_unknown(value, ours, &path, unknown),
                    None if says_nothing(value) => {}
                    None => unknown.push(path),
                }
            }
        }
        (Json::Array(source), Json::Array(ours)) => {
            for (position, (source, ours)) in source.iter().zip(ours).enumerate() {
                let part = source["name"].as_str().map_or_else(|| position.to_string(), str::to_owned);
                find_unknown(source, ours, &format!("{path}.{part}"), unknown);
            }
        }
        _ => {}
    }
}

fn says_nothing(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Bool(true) => false,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
    }
}

/// A text, which PocketBase stores as bytes where it is JSON.
fn text(row: &mut HashMap<String, Value>, column: &str) -> String {
    match row.remove(column) {
        Some(Value::Text(text)) => text,
        Some(Value::Blob(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    }
}
