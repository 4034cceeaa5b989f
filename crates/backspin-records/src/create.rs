//! `POST /api/collections/:collection/records`

use backspin_core::{Error, Platform, Result, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Collection, VERSION_SQL};
use serde_json::{Map, Value as Json};

use crate::access::{check_rule, get_collection_to_write};
use crate::input;
use crate::render::{Sight, record_json_sql};
use crate::request::{ReplyShape, RequestInfo};

const FAILED: &str = "Failed to create record.";

/// Creates a record from the fields of `body`, and returns its JSON.
///
/// Errors: 400 with the refused fields, 403, 404.
pub async fn create(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    let caller = request.caller;
    shape.refuse()?;
    let written = app.with_schema(async |snapshot| {
        let collection = get_collection_to_write(snapshot, collection)?;
        check_rule(collection.create_rule.as_deref(), caller)?;
        input::check_writable(collection)?;
        let assignments = input::of_new_record(snapshot, collection, body, app.env())?;

        let sight = Sight::of(caller, collection, collection.fields.len() + 2);
        let sql = snapshot
            .memo()
            .get_or_make(&format!("{}/{sight:?}", collection.id), || Ok(Sql(sql(collection, sight))))?;
        let mut parameters: Vec<Value> = assignments.into_iter().map(|assigned| assigned.value).collect();
        parameters.push(snapshot.version().into());
        parameters.extend(sight.parameter(caller));
        app.write(snapshot, &sql.0, parameters).await
    });
    match written.await? {
        Ok(Some(Value::Text(json))) => Ok(json.into_bytes()),
        Ok(_) => Err(Error::bad_request(FAILED)),
        Err(error) => Err(input::constraint_error(error, FAILED)),
    }
}

struct Sql(String);

fn sql(collection: &Collection, sight: Sight) -> String {
    let columns: Vec<String> =
        collection.fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
    let values: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    format!(
        "INSERT INTO {} ({})\nSELECT {}\nWHERE {VERSION_SQL} = ?{}\nRETURNING {}",
        Quoted(&collection.name),
        columns.join(", "),
        values.join(", "),
        columns.len() + 1,
        record_json_sql(collection, "", sight)
    )
}
