//! `DELETE /api/collections/:collection/truncate`

use backspin_core::{Database, Env, Error, Platform, Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, Collection, SUPERUSERS_ID, Snapshot, VERSION_SQL, log};

use crate::actor;
use crate::delete::{By, Cascade};

/// Records that go at once, which bounds the memory.
const RECORDS_AT_ONCE: usize = 20_000;

/// Deletes all records of a collection in one transaction, with those that relations tie to them, and takes
/// their ids out of all other relations.
///
/// Errors: 400 for a view, for the superusers, one of whom must stay, and where a required relation of
/// another collection holds a record; 401, 403, 404.
pub async fn truncate(app: &App<impl Platform>, caller: &Caller, collection: &str) -> Result<()> {
    caller.require_superuser()?;
    app.with_schema(async |snapshot| {
        let collection = snapshot.find(collection).ok_or_else(Error::not_found)?;
        check(collection)?;
        let (actor, now) = (actor::of(caller), app.env().now().to_string());
        let by = By { actor: &actor, now: &now };
        let deleted = app
            .database()
            .transact(async |transaction| delete_all(snapshot, transaction, collection, by).await);
        match deleted.await {
            Ok(0) if !app.is_current(snapshot).await? => Ok(Attempt::Stale),
            Err(Error::BadRequest { .. }) => Err(Error::bad_request(HELD)),
            deleted => deleted.map(|_| Attempt::Done(())),
        }
    })
    .await
}

const HELD: &str =
    "Failed to truncate collection (most likely due to required cascade delete record references).";

fn check(collection: &Collection) -> Result<()> {
    if collection.is_view() {
        let message = "View collections cannot be truncated since they don't store their own records.";
        return Err(Error::bad_request(message));
    }
    if collection.id == SUPERUSERS_ID {
        return Err(Error::bad_request("Superusers cannot be truncated: one of them must stay."));
    }
    Ok(())
}

/// Returns how many records are deleted; none if the schema is another one.
async fn delete_all(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    collection: &Collection,
    by: By<'_>,
) -> Result<usize> {
    let (table, mark) = (Quoted(&collection.name), log::by_delete("?2"));
    let sql = format!(
        r#"UPDATE {table}
SET {mark}
WHERE "_rowid_" IN (SELECT "_rowid_" FROM {table} LIMIT {RECORDS_AT_ONCE})
    AND {VERSION_SQL} = ?1
RETURNING "id""#
    );
    let mut deleted = 0;
    loop {
        let rows = transaction.execute(&sql, vec![snapshot.version().into(), by.actor.into()]).await?.rows;
        if rows.is_empty() {
            return Ok(deleted);
        }
        deleted += rows.len();
        let ids = rows.into_iter().filter_map(|row| id(row.into_iter().next()?)).collect();
        Cascade::of_all(snapshot, transaction, by, collection).run(collection, ids).await?;
    }
}

fn id(value: Value) -> Option<String> {
    match value {
        Value::Text(id) => Some(id),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
    }
}
