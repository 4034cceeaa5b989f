//! `DELETE /api/collections/:collection/records/:id`

use backspin_core::{Error, Platform, Result};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, SUPERUSERS_ID, VERSION_SQL};

use crate::access::{check_rule, get_collection};

/// Deletes a record.
///
/// Errors: 400 for the last superuser, 403, 404.
pub async fn delete(app: &App<impl Platform>, caller: &Caller, collection: &str, id: &str) -> Result<()> {
    app.with_schema(async |snapshot| {
        let collection = get_collection(snapshot, collection)?;
        check_rule(collection.delete_rule.as_deref(), caller)?;
        if collection.is_view() {
            return Err(Error::bad_request("Records of a view cannot be deleted."));
        }
        let table = Quoted(&collection.name);
        let mut sql = format!("DELETE FROM {table}\nWHERE \"id\" = ?1 AND {VERSION_SQL} = ?2");
        let is_superusers = collection.id == SUPERUSERS_ID;
        if is_superusers {
            sql.push_str(&format!(" AND (SELECT count(*) FROM {table}) > 1"));
        }
        sql.push_str("\nRETURNING 1");
        let parameters = vec![id.into(), snapshot.version().into()];
        Ok(match app.write(snapshot, &sql, parameters).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Ok(Some(_))) => Attempt::Done(()),
            Attempt::Done(Ok(None)) if is_superusers && is_only_one(caller, id) => {
                return Err(Error::bad_request("You can't delete the only existing superuser."));
            }
            Attempt::Done(Ok(None)) => return Err(Error::not_found()),
            Attempt::Done(Err(_)) => {
                return Err(Error::bad_request(
                    "Failed to delete record. Make sure that the record is not part of a required relation reference.",
                ));
            }
        })
    })
    .await
}

/// Only superusers get here; if the caller's own record could not be deleted, it is the last one.
fn is_only_one(caller: &Caller, id: &str) -> bool {
    match caller {
        Caller::Record(record) => record.get("id") == Some(&id.into()),
        Caller::Guest => false,
    }
}
