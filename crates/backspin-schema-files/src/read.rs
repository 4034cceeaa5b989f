//! From the text of a file to a collection.

use std::path::Path;

use backspin_core::json as strict_json;
use backspin_schema::{Collection, Field};
use serde_json::{Map, Value, json};

use crate::described;
use crate::error::FileError;
use crate::unknown::{find, place_of};

/// The collection that a file describes, in PocketBase's JSON; absent keys have the values of a new
/// collection. Ids may be absent: an empty id stands for that.
///
/// Errors name `file` with the line and column, or the part of the collection: no JSON, a key given twice, an
/// option that does not exist or is of the wrong kind, a secret.
pub fn read(file: &Path, text: &[u8]) -> Result<Collection, FileError> {
    let json = strict_json::read(text).map_err(|error| FileError::Syntax {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        reason: without_place(&error),
    })?;
    from_json(&json).map_err(|reason| FileError::Collection { file: file.to_owned(), reason })
}

/// The collection that the JSON describes, as [`read`] does.
///
/// Errors: a sentence that names the part.
pub fn from_json(json: &Value) -> Result<Collection, String> {
    let Value::Object(keys) = json else { return Err("a collection is a JSON object".to_owned()) };
    for key in ["name", "type"] {
        match keys.get(key) {
            Some(Value::String(text)) if !text.is_empty() => {}
            Some(_) => return Err(format!("{key} must be a text")),
            None => return Err(format!("{key} is missing")),
        }
    }
    let mut options = keys.clone();
    let fields = options.shift_remove("fields").unwrap_or_default();
    let mut collection = read_options(options)?;
    collection.fields = read_fields(&fields)?;
    let known = serde_json::to_value(&collection).map_err(|error| error.to_string())?;
    match find(json, &known) {
        Some(reason) => Err(reason),
        None => Ok(described(&collection)),
    }
}

fn read_options(options: Map<String, Value>) -> Result<Collection, String> {
    let read =
        |options: Value| serde_json::from_value::<Collection>(options).map_err(|error| error.to_string());
    let kind = options["type"].clone();
    read(json!({ "type": kind })).map_err(|error| format!("type: {error}"))?;
    read(options.clone().into()).map_err(|error| {
        let is_wrong = |(key, value): &(&String, &Value)| read(json!({ "type": kind, *key: value })).is_err();
        let wrong = options.iter().find(is_wrong).map_or("", |(key, _)| key);
        format!("{wrong}: {error}")
    })
}

/// One by one, so that an error can tell which it is.
fn read_fields(fields: &Value) -> Result<Vec<Field>, String> {
    let fields = match fields {
        Value::Array(fields) => fields.as_slice(),
        Value::Null => &[],
        _ => return Err("fields must be a list".to_owned()),
    };
    let read = |(place, field): (usize, &Value)| {
        let place = place_of("fields", place, field);
        match serde_json::from_value::<Field>(field.clone()) {
            Ok(read) if read.name.is_empty() => Err(format!("{place} has no name")),
            Ok(read) => Ok(read),
            Err(error) => Err(format!("{place}: {error}")),
        }
    };
    let read: Vec<Field> = fields.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    refuse_twins(&read)?;
    Ok(read)
}

/// The server would take the second for the first.
fn refuse_twins(fields: &[Field]) -> Result<(), String> {
    for (place, second) in fields.iter().enumerate() {
        for (earlier, first) in fields[..place].iter().enumerate() {
            let what = if first.name.eq_ignore_ascii_case(&second.name) {
                "name"
            } else if !first.id.is_empty() && first.id == second.id {
                "id"
            } else {
                continue;
            };
            let (first, second) = (&first.name, &second.name);
            return Err(format!(
                "fields.{earlier} ({first}) and fields.{place} ({second}) have the same {what}"
            ));
        }
    }
    Ok(())
}

/// serde_json repeats the place at the end.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}
