//! The table where mail waits. A message is written with what it belongs to and removed once it is delivered, so
//! nothing that was promised is lost.

mod claim;
mod list;

pub use claim::{
    MESSAGES_MAX, Queued, TRIES_MAX, claim, delivered, failed, give_up_expired, hold, prune, waiting,
};
pub use list::list;

use backspin_core::{Database, DatabaseError, Env, Platform, Result, Rows, Transaction, Value, id};
use backspin_schema::App;

use crate::Message;

/// The component that delivers.
pub const COMPONENT: &str = "mail";

/// `due`: when it may be tried next; whoever tries moves it into the future first. `tries` counts those that began.
/// `failed` is set when it is given up. `expires`: when what is in it is over; empty if that is never.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_outbox" (
    "id" TEXT PRIMARY KEY NOT NULL,
    "to" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "created" TEXT NOT NULL,
    "due" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "failed" BOOLEAN NOT NULL DEFAULT FALSE,
    "error" TEXT NOT NULL DEFAULT '',
    "expires" TEXT NOT NULL DEFAULT ''
)"#;

/// For a table of before there was this column.
const ADD_COLUMN_SQL: &str = r#"ALTER TABLE "_outbox" ADD COLUMN "expires" TEXT NOT NULL DEFAULT ''"#;

const INDEX_SQL: &str = r#"CREATE INDEX IF NOT EXISTS "idx__outbox_due" ON "_outbox" ("failed", "due")"#;

const ENQUEUE_SQL: &str = r#"INSERT INTO "_outbox" ("id", "to", "subject", "html", "created", "due", "expires")
SELECT ?1, ?2, ?3, ?4, ?5, ?5, ?6
WHERE ?7"#;

/// Puts the message into the outbox and wakes the component that delivers. One statement.
pub async fn enqueue(app: &App<impl Platform>, message: &Message) -> Result<()> {
    enqueue_if(app, message, true).await
}

/// As [`enqueue`] if `condition` holds; else nothing is kept, by the same statement and with the same waking, so
/// that a client cannot tell from the time it takes which of the two it was.
pub async fn enqueue_if(app: &App<impl Platform>, message: &Message, condition: bool) -> Result<()> {
    execute(app, ENQUEUE_SQL, parameters(app.env(), message, condition)).await?;
    wake(app);
    Ok(())
}

/// Puts the message into the outbox within a transaction, so that it is sent if and only if that is committed. After
/// that, [`wake`] has it delivered.
pub async fn enqueue_in(transaction: &impl Transaction, env: &impl Env, message: &Message) -> Result<()> {
    let Err(error) = transaction.execute(ENQUEUE_SQL, parameters(env, message, true)).await else {
        return Ok(());
    };
    for sql in mended_by(error)? {
        transaction.execute(sql, Vec::new()).await?;
    }
    transaction.execute(ENQUEUE_SQL, parameters(env, message, true)).await?;
    Ok(())
}

/// Has the component that delivers look into the outbox, after the reply to this request. Should it not hear, the next
/// call finds what is left.
pub fn wake(app: &App<impl Platform>) {
    app.env().wake(COMPONENT);
}

fn parameters(env: &impl Env, message: &Message, condition: bool) -> Vec<Value> {
    let now = env.now();
    let expires = message.expiry().map(|expiry| expiry.time(now).to_string());
    vec![
        id::record_id(env).into(),
        message.to().into(),
        message.subject().into(),
        message.html().into(),
        now.to_string().into(),
        expires.unwrap_or_default().into(),
        condition.into(),
    ]
}

/// The statements after which what has failed for this works, because the outbox is as it should be.
///
/// Errors: what has failed for anything else.
fn mended_by(error: DatabaseError) -> Result<&'static [&'static str]> {
    match error {
        DatabaseError::NoSuchTable(_) => Ok(&[TABLE_SQL, INDEX_SQL]),
        DatabaseError::NoSuchColumn(_) => Ok(&[ADD_COLUMN_SQL]),
        other => Err(other.into()),
    }
}

/// Runs a writing statement on the outbox, which is made if it is missing.
async fn execute(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    let error = match app.database().execute(sql, parameters.clone()).await {
        Ok(rows) => return Ok(rows),
        Err(error) => error,
    };
    for sql in mended_by(error)? {
        // Somebody else may have been first; whether it works now shows next.
        let _ = app.database().execute(sql, Vec::new()).await;
    }
    Ok(app.database().execute(sql, parameters).await?)
}

/// Runs a reading statement on the outbox; no rows if it was not made yet.
async fn query(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    match app.database().query(sql, parameters).await {
        Err(DatabaseError::NoSuchTable(_)) => Ok(Rows::default()),
        result => Ok(result?),
    }
}
