//! `DELETE /api/collections/:collection/records/:id`

use backspin_core::{Error, Platform, Result};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, SUPERUSERS_ID, VERSION_SQL};

use crate::access::{check_rule, get_collection};
use crate::request::RequestInfo;

/// Deletes a record.
///
/// Errors: 400 for the last superuser, 403, 404.
pub async fn delete(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
) -> Result<()> {
    let caller = request.caller;
    let deleted = app.with_schema(async |snapshot| {
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
        let written = app.write(snapshot, &sql, parameters).await?;
        Ok(match written {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(deleted) => Attempt::Done((deleted, is_superusers)),
        })
    });
    match deleted.await? {
        (Ok(Some(_)), _) => Ok(()),
        (Ok(None), true) if is_own(caller, id) => {
            Err(Error::bad_request("You can't delete the only existing superuser."))
        }
        (Ok(None), _) => Err(Error::not_found()),
        (Err(_), _) => Err(Error::bad_request(
            "Failed to delete record. Make sure that the record is not part of a required relation reference.",
        )),
    }
}

/// Only superusers delete superusers; one that could not delete its own record is the last.
fn is_own(caller: &Caller, id: &str) -> bool {
    match caller {
        Caller::Record(record) => record.get("id") == Some(&id.into()),
        Caller::Guest => false,
    }
}
