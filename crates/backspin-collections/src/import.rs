//! `PUT /api/collections/import`

use backspin_core::{Error, FieldError, FieldErrors, Platform, Result, limits};
use backspin_migrations::Losses;
use backspin_schema::{App, Caller, Snapshot};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use crate::account;
use crate::change::{Missing, Wanted, change, conflict, find_defined};

const UNREADABLE: &str = "An error occurred while loading the submitted data.";
const INVALID: &str = "An error occurred while validating the submitted data.";
const FAILED: &str = "Failed to import collections.";

/// Makes or changes the collections of `{"collections":[…],"deleteMissing":false}`, all of them or none, as
/// one migration. They may refer to each other in any order.
///
/// A definition is that of the collection with its id, or else with its name, or else of a new one; what it
/// leaves out stays, as do fields that it does not have. With `deleteMissing` other collections and fields go,
/// but for those of the system.
///
/// Errors: 400 with what is wrong in all definitions, as the one text that clients show; 401, 403; 409 if somebody
/// else has changed at the same time what would be replaced or deleted.
pub async fn import(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<()> {
    caller.require_superuser()?;
    let (definitions, deletes) = (definitions(&body)?, delete_missing(&body)?);
    let missing = Missing { deletes_collections: deletes, deletes_fields: deletes, as_in_import: true };
    let seen = app.reload().await?;
    let key = SecretKey::of(app.env()).await?;
    let wanted = |snapshot: &Snapshot| {
        if deletes {
            conflict::check_all(&seen, snapshot)?;
        }
        for definition in &definitions {
            if let Some(now) = find_defined(snapshot, definition) {
                conflict::check(&seen, snapshot, now, definition)?;
            }
        }
        let mut wanted = Wanted::merged(snapshot, &definitions, missing, app.env(), &key)?;
        for collection in &mut wanted.collections {
            if let Some(before) = snapshot.find_by_id(&collection.id) {
                account::end_sessions(collection, before, app.env());
            }
        }
        Ok(wanted)
    };
    match change(app, caller, Losses::All, wanted).await {
        Ok(_) => Ok(()),
        Err(error) => Err(told(error, &definitions)),
    }
}

fn definitions(body: &Map<String, Json>) -> Result<Vec<Map<String, Json>>> {
    let refused = |code, reason: String| Err(Error::field(INVALID, "collections", code, reason));
    let list = match body.get("collections") {
        None | Some(Json::Null) => &[][..],
        Some(Json::Array(list)) => list,
        Some(_) => return Err(Error::bad_request(UNREADABLE)),
    };
    if list.is_empty() {
        return refused("validation_required", "Cannot be blank.".to_owned());
    }
    if list.len() > limits::COLLECTIONS_DEFINED_MAX {
        let reason = format!("At most {} collections are imported at once.", limits::COLLECTIONS_DEFINED_MAX);
        return refused("validation_length_too_long", reason);
    }
    let definition = |item: &Json| match item {
        Json::Object(definition) => Ok(definition.clone()),
        Json::Null => Ok(Map::new()),
        _ => Err(Error::bad_request(UNREADABLE)),
    };
    list.iter().map(definition).collect()
}

fn delete_missing(body: &Map<String, Json>) -> Result<bool> {
    match body.get("deleteMissing") {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(deletes)) => Ok(*deletes),
        Some(_) => Err(Error::bad_request(UNREADABLE)),
    }
}

/// A refusal as PocketBase gives it: everything that is wrong, in one text.
fn told(error: Error, definitions: &[Map<String, Json>]) -> Error {
    let Error::BadRequest { message, fields } = error else { return error };
    let text = match fields.get("collections") {
        Some(FieldError::Nested(collections)) => {
            let refused = |number: usize, definition| {
                let error = collections.get(&number.to_string())?;
                Some(format!("Data validations failed for collection {}:\n{}", name(definition), text(error)))
            };
            let refused: Vec<String> =
                definitions.iter().enumerate().filter_map(|(number, one)| refused(number, one)).collect();
            refused.join("\n")
        }
        _ => {
            let reason =
                if fields.is_empty() { message } else { message + "\n" + &text(&FieldError::Nested(fields)) };
            format!("Failed to import the collections configuration. Raw error:\n{reason}")
        }
    };
    let error = FieldError::new("validation_collections_import_failure", text);
    Error::BadRequest { message: FAILED.to_owned(), fields: FieldErrors::from_iter([("collections", error)]) }
}

/// `"movies" (pbc_1)`, as far as it is told.
fn name(definition: &Map<String, Json>) -> String {
    let text = |key| definition.get(key).and_then(Json::as_str).unwrap_or_default();
    let id = if text("id").is_empty() { String::new() } else { format!(" ({})", text("id")) };
    format!("{:?}{id}", text("name"))
}

/// The messages by part.
fn text(error: &FieldError) -> String {
    let messages = serde_json::to_value(error).map(messages).unwrap_or_default();
    format!("{messages:#}")
}

fn messages(error: Json) -> Json {
    match error {
        Json::Object(mut leaf) if leaf.get("code").is_some_and(Json::is_string) => {
            leaf.remove("message").unwrap_or_default()
        }
        Json::Object(parts) => parts.into_iter().map(|(part, error)| (part, messages(error))).collect(),
        other => other,
    }
}
