//! The table where mail waits. A message is written with what it belongs to and removed once it is delivered, so
//! nothing that was promised is lost.

mod claim;
mod list;

pub use claim::{MESSAGES_MAX, Queued, TRIES_MAX, claim, delivered, failed, hold, prune, waiting};
pub use list::list;

use backspin_core::{Database, DatabaseError, Env, Platform, Result, Rows, Transaction, Value, id};
use backspin_schema::App;

use crate::Message;

/// The component that delivers.
pub const COMPONENT: &str = "mail";

/// `due`: when it may be tried next; whoever tries moves it into the future first. `tries` counts those that began.
/// `failed` is set when it is given up.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_outbox" (
    "id" TEXT PRIMARY KEY NOT NULL,
    "to" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "created" TEXT NOT NULL,
    "due" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "failed" BOOLEAN NOT NULL DEFAULT FALSE,
    "error" TEXT NOT NULL DEFAULT ''
)"#;

const INDEX_SQL: &str = r#"CREATE INDEX IF NOT EXISTS "idx__outbox_due" ON "_outbox" ("failed", "due")"#;

const ENQUEUE_SQL: &str = r#"INSERT INTO "_outbox" ("id", "to", "subject", "html", "created", "due")
SELECT ?1, ?2, ?3, ?4, ?5, ?5
WHERE ?6"#;

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
    match transaction.execute(ENQUEUE_SQL, parameters(env, message, true)).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            transaction.execute(TABLE_SQL, Vec::new()).await?;
            transaction.execute(INDEX_SQL, Vec::new()).await?;
            transaction.execute(ENQUEUE_SQL, parameters(env, message, true)).await?;
        }
        result => drop(result?),
    }
    Ok(())
}

/// Has the component that delivers look into the outbox, after the reply to this request. Should it not hear, the next
/// call finds what is left.
pub fn wake(app: &App<impl Platform>) {
    app.env().wake(COMPONENT);
}

fn parameters(env: &impl Env, message: &Message, condition: bool) -> Vec<Value> {
    vec![
        id::record_id(env).into(),
        message.to().into(),
        message.subject().into(),
        message.html().into(),
        env.now().to_string().into(),
        condition.into(),
    ]
}

/// Runs a writing statement on the outbox, which is made if it is missing.
async fn execute(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    match app.database().execute(sql, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            app.database().execute(TABLE_SQL, Vec::new()).await?;
            app.database().execute(INDEX_SQL, Vec::new()).await?;
            Ok(app.database().execute(sql, parameters).await?)
        }
        result => Ok(result?),
    }
}

/// Runs a reading statement on the outbox; no rows if it was not made yet.
async fn query(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    match app.database().query(sql, parameters).await {
        Err(DatabaseError::NoSuchTable(_)) => Ok(Rows::default()),
        result => Ok(result?),
    }
}
