//! `PATCH /api/collections/:collection/records/:id`

use backspin_core::{Error, Platform, Result, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Collection, Snapshot, VERSION_SQL};
use serde_json::{Map, Value as Json};

use crate::access::{check_rule, get_collection_to_write};
use crate::input::{self, Assignment};
use crate::render::{Sight, record_json_sql};
use crate::request::{ReplyShape, RequestInfo};

const FAILED: &str = "Failed to update record.";

/// Changes the fields of `body` in a record, and returns the JSON of all of it.
///
/// Errors: 400 with the refused fields, 403, 404.
pub async fn update(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    let caller = request.caller;
    shape.refuse()?;
    let written = app.with_schema(async |snapshot| {
        let collection = get_collection_to_write(snapshot, collection)?;
        check_rule(collection.update_rule.as_deref(), caller)?;
        input::check_writable(collection)?;
        let assignments = match input::of_update(snapshot, collection, id, body, app.env()) {
            Ok(assignments) => assignments,
            // That the record does not exist comes before what is wrong with the body.
            Err(error) => {
                return match exists(app, snapshot, collection, id).await? {
                    Attempt::Stale => Ok(Attempt::Stale),
                    Attempt::Done(true) => Err(error),
                    Attempt::Done(false) => Err(Error::not_found()),
                };
            }
        };

        let sight = Sight::of(caller, collection, assignments.len() + 3);
        let sql = sql(collection, &assignments, sight);
        let mut parameters: Vec<Value> = assignments.into_iter().map(|assigned| assigned.value).collect();
        parameters.extend([Value::from(id), snapshot.version().into()]);
        parameters.extend(sight.parameter(caller));
        app.write(snapshot, &sql, parameters).await
    });
    match written.await? {
        Ok(Some(Value::Text(json))) => Ok(json.into_bytes()),
        Ok(_) => Err(Error::not_found()),
        Err(error) => Err(input::constraint_error(error, FAILED)),
    }
}

fn sql(collection: &Collection, assignments: &[Assignment<'_>], sight: Sight) -> String {
    let mut sets: Vec<String> = assignments
        .iter()
        .enumerate()
        .map(|(position, assigned)| format!("{} = ?{}", Quoted(&assigned.field.name), position + 1))
        .collect();
    if sets.is_empty() {
        sets.push("\"id\" = \"id\"".to_owned());
    }
    format!(
        "UPDATE {}\nSET {}\nWHERE \"id\" = ?{} AND {VERSION_SQL} = ?{}\nRETURNING {}",
        Quoted(&collection.name),
        sets.join(", "),
        assignments.len() + 1,
        assignments.len() + 2,
        record_json_sql(collection, "", sight)
    )
}

async fn exists(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    collection: &Collection,
    id: &str,
) -> Result<Attempt<bool>> {
    let table = Quoted(&collection.name);
    let sql = format!("SELECT {VERSION_SQL}, EXISTS (SELECT 1 FROM {table} WHERE \"id\" = ?1)");
    Ok(match app.read(snapshot, &sql, vec![id.into()]).await? {
        Attempt::Stale => Attempt::Stale,
        Attempt::Done(row) => Attempt::Done(row.first() == Some(&Value::Integer(1))),
    })
}
