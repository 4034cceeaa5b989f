//! The tables, made when the first client connects, and how they are kept small.

use backspin_core::{Database, DatabaseError, Env, Platform, Result, Rows, Value};
use backspin_schema::App;

/// `key`: see [`crate::client::ClientId::key`]. `collectionRef` and `recordRef`: whom the client is bound to, empty
/// for nobody yet. `ends`: when it is forgotten, in milliseconds since 1970, if its stream does not remove it before.
const CLIENTS_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_realtimeClients" (
    "key" TEXT PRIMARY KEY NOT NULL,
    "collectionRef" TEXT NOT NULL DEFAULT '',
    "recordRef" TEXT NOT NULL DEFAULT '',
    "subscriptions" JSON NOT NULL DEFAULT '[]',
    "ends" INTEGER NOT NULL
) WITHOUT ROWID"#;

const CLIENTS_INDEX_SQL: &str =
    r#"CREATE INDEX IF NOT EXISTS "idx__realtimeClients_ends" ON "_realtimeClients" ("ends")"#;

/// Numbers are never given twice, so messages of one client keep their order.
const MESSAGES_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_realtimeMessages" (
    "number" INTEGER PRIMARY KEY AUTOINCREMENT,
    "client" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "data" JSON NOT NULL,
    "ends" INTEGER NOT NULL
)"#;

const MESSAGES_INDEX_SQL: &str =
    r#"CREATE INDEX IF NOT EXISTS "idx__realtimeMessages_client" ON "_realtimeMessages" ("client")"#;

const SWEEP_CLIENTS_SQL: &str = r#"DELETE FROM "_realtimeClients"
WHERE "key" IN (SELECT "key" FROM "_realtimeClients" WHERE "ends" <= ?1 LIMIT ?2)"#;

/// The oldest end first, so what has ended is found without an index of its own.
const SWEEP_MESSAGES_SQL: &str = r#"DELETE FROM "_realtimeMessages"
WHERE "ends" <= ?1 AND "number" IN (SELECT "number" FROM "_realtimeMessages" ORDER BY "number" LIMIT ?2)"#;

const SWEEP_ROWS_MAX: i64 = 100;

/// Runs a writing statement on the tables, which are made if they are missing.
pub(crate) async fn execute(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    let database = app.database();
    match database.execute(sql, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            for sql in [CLIENTS_SQL, CLIENTS_INDEX_SQL, MESSAGES_SQL, MESSAGES_INDEX_SQL] {
                database.execute(sql, Vec::new()).await?;
            }
            Ok(database.execute(sql, parameters).await?)
        }
        rows => Ok(rows?),
    }
}

/// Runs a reading statement on the tables; no rows if they were not made yet.
pub(crate) async fn query(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    match app.database().query(sql, parameters).await {
        Err(DatabaseError::NoSuchTable(_)) => Ok(Rows::default()),
        rows => Ok(rows?),
    }
}

/// Removes some of what has ended without being removed: the clients of streams that were cut off, and messages that
/// nobody has taken.
pub(crate) async fn sweep(app: &App<impl Platform>) -> Result<()> {
    let parameters: Vec<Value> = vec![app.env().now().unix_ms().into(), SWEEP_ROWS_MAX.into()];
    execute(app, SWEEP_CLIENTS_SQL, parameters.clone()).await?;
    execute(app, SWEEP_MESSAGES_SQL, parameters).await?;
    Ok(())
}
