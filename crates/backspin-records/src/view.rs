//! `GET /api/collections/:collection/records/:id`

use std::rc::Rc;

use backspin_core::{Error, Platform, Result, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, Snapshot, VERSION_SQL};

use crate::access::{check_rule, get_collection};
use crate::render::{Sight, record_json_sql};
use crate::request::{ReplyShape, RequestInfo};

/// The record as JSON.
///
/// Errors: 403, 404.
pub async fn view(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    let caller = request.caller;
    shape.refuse()?;
    let json = app.with_schema(async |snapshot| {
        let plan = Plan::get(snapshot, caller, collection)?;
        let mut parameters: Vec<Value> = vec![id.into()];
        parameters.extend(plan.sight.parameter(caller));
        Ok(match app.read(snapshot, &plan.sql, parameters).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(row) => Attempt::Done(row.into_iter().next()),
        })
    });
    match json.await? {
        Some(Value::Text(json)) => Ok(json.into_bytes()),
        _ => Err(Error::not_found()),
    }
}

const CALLER_PARAMETER: usize = 2;

struct Plan {
    sql: String,
    sight: Sight,
}

impl Plan {
    fn get(snapshot: &Snapshot, caller: &Caller, collection: &str) -> Result<Rc<Plan>> {
        let collection = get_collection(snapshot, collection)?;
        check_rule(collection.view_rule.as_deref(), caller)?;
        let sight = Sight::of(caller, collection, CALLER_PARAMETER);
        snapshot.memo().get_or_make(&format!("{}/{sight:?}", collection.id), || {
            let record = record_json_sql(collection, "", sight);
            let table = Quoted(&collection.name);
            let sql = format!(
                "SELECT {VERSION_SQL}, (\n    SELECT {record}\n    FROM {table}\n    WHERE \"id\" = ?1\n)"
            );
            Ok(Plan { sql, sight })
        })
    }
}
