//! What the system's collections keep of accounts: they refer to them by `collectionRef` and `recordRef`.

use backspin_core::{DatabaseError, Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Snapshot, log};

pub(crate) const DEVICES: &str = "_authOrigins";
pub(crate) const PROVIDERS: &str = "_externalAuths";
pub(crate) const SECOND_FACTORS: &str = "_mfas";
pub(crate) const CODES: &str = "_otps";

/// What is signed with the token key or bound to it. These are no collections, and are made when they are needed.
const END_WITH_TOKEN_KEY_SQL: [&str; 3] = [
    r#"DELETE FROM "_devices"
WHERE "collectionRef" = ?1 AND "recordRef" IN (SELECT "value" FROM json_each(?2))"#,
    r#"DELETE FROM "_sessions"
WHERE "collectionRef" = ?1 AND "recordRef" IN (SELECT "value" FROM json_each(?2))"#,
    r#"DELETE FROM "_apiKeys"
WHERE "collectionRef" = ?1 AND "recordRef" IN (SELECT "value" FROM json_each(?2))"#,
];

const FORGET_TOTPS_SQL: &str = r#"DELETE FROM "_totps"
WHERE "collectionRef" = ?1 AND "recordRef" IN (SELECT "value" FROM json_each(?2))"#;

/// Deletes what these tables keep of these accounts of `collection`, `ids` as a JSON array, for `actor`. Codes go with the
/// token key, and so do sessions and API keys.
pub(crate) async fn forget(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    collection: &Collection,
    ids: Value,
    tables: &[&str],
    actor: &str,
) -> Result<()> {
    for table in tables.iter().filter(|table| snapshot.find_by_name(table).is_some()) {
        let sql = format!(
            "UPDATE {}\nSET {}\nWHERE \"collectionRef\" = ?1 AND \"recordRef\" IN (SELECT \"value\" FROM json_each(?2))",
            Quoted(table),
            log::by_delete("?3"),
        );
        transaction.execute(&sql, vec![collection.id.as_str().into(), ids.clone(), actor.into()]).await?;
    }
    match tables.contains(&CODES) {
        true => end_sessions(transaction, collection, ids).await,
        false => Ok(()),
    }
}

/// Deletes the authenticator apps of accounts that are deleted.
pub(crate) async fn forget_totps(
    transaction: &impl Transaction,
    collection: &Collection,
    ids: Value,
) -> Result<()> {
    match transaction.execute(FORGET_TOTPS_SQL, vec![collection.id.as_str().into(), ids]).await {
        Ok(_) | Err(DatabaseError::NoSuchTable(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Deletes the sessions and API keys of these accounts, and what limits know of their devices. Without their token key they are worth nothing any more.
async fn end_sessions(transaction: &impl Transaction, collection: &Collection, ids: Value) -> Result<()> {
    for sql in END_WITH_TOKEN_KEY_SQL {
        match transaction.execute(sql, vec![collection.id.as_str().into(), ids.clone()]).await {
            Ok(_) | Err(DatabaseError::NoSuchTable(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
