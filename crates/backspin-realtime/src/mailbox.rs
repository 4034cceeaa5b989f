//! Messages on their way to a client: sent within a transaction, seen on the board, taken once.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use backspin_core::{Env, Error, Platform, Result, Row, Transaction, Value, limits};
use backspin_schema::App;

use crate::tables::{execute, query};

const SEND_SQL: &str = r#"INSERT INTO "_realtimeMessages" ("client", "topic", "data", "ends")
VALUES (?1, ?2, ?3, ?4)"#;

/// By the index alone.
const WAITING_SQL: &str = r#"SELECT DISTINCT "client" FROM "_realtimeMessages" LIMIT ?1"#;

const HAS_MAIL_SQL: &str = r#"SELECT 1 FROM "_realtimeMessages" WHERE "client" = ?1 LIMIT 1"#;

const TAKE_SQL: &str = r#"DELETE FROM "_realtimeMessages" WHERE "client" = ?1
RETURNING "number", "topic", "data", "ends""#;

/// Clients with mail that one look lists.
const LISTED_MAX: usize = 1000;
/// How long the streams of an instance rely on one look.
const FRESH_MS: i64 = 100;

/// Who has mail, as one instance has seen it last: however many streams it has, they look into the database together.
#[derive(Debug, Default)]
pub struct Board {
    looked: Cell<i64>,
    waiting: RefCell<HashSet<String>>,
}

impl Board {
    /// What has come for the client, in the order in which it was sent. Nobody gets it again. One statement if there is
    /// something, at most one for all clients if there is not.
    pub(crate) async fn take_mail(&self, app: &App<impl Platform>, client: &str) -> Result<Vec<Message>> {
        let now = app.env().now().unix_ms();
        // A clock that was put back makes the look old, too.
        if !(0..FRESH_MS).contains(&(now - self.looked.get())) {
            self.looked.set(now);
            self.waiting.replace(look(app).await?);
        }
        let is_full = self.waiting.borrow().len() >= LISTED_MAX;
        let is_listed = self.waiting.borrow_mut().remove(client);
        if is_listed || (is_full && has_mail(app, client).await?) {
            take(app, client).await
        } else {
            Ok(Vec::new())
        }
    }
}

async fn look(app: &App<impl Platform>) -> Result<HashSet<String>> {
    let rows = query(app, WAITING_SQL, vec![(LISTED_MAX as i64).into()]).await?;
    let keys = rows.rows.into_iter().flatten().filter_map(|value| match value {
        Value::Text(key) => Some(key),
        _ => None,
    });
    Ok(keys.collect())
}

async fn has_mail(app: &App<impl Platform>, client: &str) -> Result<bool> {
    Ok(!query(app, HAS_MAIL_SQL, vec![client.into()]).await?.rows.is_empty())
}

async fn take(app: &App<impl Platform>, client: &str) -> Result<Vec<Message>> {
    let now = app.env().now().unix_ms();
    let rows = execute(app, TAKE_SQL, vec![client.into()]).await?;
    let mut messages = rows.rows.into_iter().map(Message::read).collect::<Result<Vec<_>>>()?;
    messages.retain(|message| message.ends > now);
    messages.sort_by_key(|message| message.number);
    Ok(messages)
}

/// A message as its client gets it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    number: i64,
    pub(crate) topic: String,
    /// JSON.
    pub(crate) data: String,
    ends: i64,
}

/// Sends a message, if and when the transaction is committed. It waits for [`limits::REALTIME_MESSAGE_MS_MAX`].
pub(crate) async fn send_in(
    transaction: &impl Transaction,
    env: &impl Env,
    client: &str,
    topic: &str,
    data: String,
) -> Result<()> {
    let ends = env.now().unix_ms() + limits::REALTIME_MESSAGE_MS_MAX;
    transaction.execute(SEND_SQL, vec![client.into(), topic.into(), data.into(), ends.into()]).await?;
    Ok(())
}

impl Message {
    fn read(row: Row) -> Result<Self> {
        match <[Value; 4]>::try_from(row) {
            Ok([Value::Integer(number), Value::Text(topic), Value::Text(data), Value::Integer(ends)]) => {
                Ok(Message { number, topic, data, ends })
            }
            _ => Err(Error::internal("a realtime message is not what was sent")),
        }
    }
}
