//! The statement that deletes the record itself.

use std::rc::Rc;

use backspin_core::Result;
use backspin_query::Parameters;
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, SUPERUSERS_ID, Snapshot, VERSION_SQL, log};

use crate::actor;
use crate::plan::Plan;
use crate::request::RequestInfo;
use crate::verdict::{allowed, written_row};

/// The alias of the record.
const ROW: &str = "record";

/// Deletes the record `?1` of the schema `?2`, where the rule lets the caller. It returns a row if it did. A trigger of
/// the change log removes what the statement marks.
pub(super) fn plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
) -> Result<Rc<Plan>> {
    let key = format!("{:?}", ("delete", &collection.id, request.auth_collection_id(), request.context));
    Plan::get(snapshot, &key, || {
        let mut parameters = Parameters::after(2);
        let target = written_row(request, collection, ROW, true);
        let rule = collection.delete_rule.as_deref();
        let allowed = allowed(snapshot, request, rule, target, &mut parameters)?;
        let by = log::by_delete(&actor::expression(request, &mut parameters));
        let table = Quoted(&collection.name);
        let mut sql =
            format!("UPDATE {table} AS {ROW}\nSET {by}\nWHERE {ROW}.\"id\" = ?1\n    AND {VERSION_SQL} = ?2");
        if allowed != "1" {
            sql.push_str(&format!("\n    AND {allowed}"));
        }
        if collection.id == SUPERUSERS_ID {
            sql.push_str(&format!("\n    AND (SELECT count(*) FROM {table}) > 1"));
        }
        sql.push_str("\nRETURNING 1");
        Ok(Plan::new(sql, parameters, None))
    })
}
