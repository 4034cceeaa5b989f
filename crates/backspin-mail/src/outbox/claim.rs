//! Delivery's side of the outbox: a lease on what is due, and what came of it.

use backspin_core::{Env, Error, Platform, Result, Row, Timestamp, Value};
use backspin_schema::App;

use super::{execute, query};
use crate::Message;

/// Messages that are taken at once.
const CLAIM_MAX: i64 = 3;
/// How long whoever has taken messages has them alone: longer than their delivery may last.
const LEASE_MS: i64 = 10 * 60_000;
/// After so many tries a message is given up.
pub const TRIES_MAX: i64 = 10;
/// The pause after the first failure; it doubles with each.
const PAUSE_MS: i64 = 30_000;
const PAUSE_MS_MAX: i64 = 4 * 3_600_000;
/// What is not delivered by then is deleted: what is in it has run out long before.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// More messages are not kept: those that were given up go first, then the oldest.
pub const MESSAGES_MAX: i64 = 10_000;
const ERROR_CHARS_MAX: usize = 500;

const CLAIM_SQL: &str = r#"UPDATE "_outbox"
SET "due" = ?2, "tries" = "tries" + 1
WHERE "id" IN (
    SELECT "id" FROM "_outbox"
    WHERE "failed" = FALSE AND "due" <= ?1 AND ("expires" = '' OR "expires" > ?1)
    ORDER BY "due"
    LIMIT ?3
)
RETURNING "id", "to", "subject", "html", "tries""#;

const DELIVERED_SQL: &str = r#"DELETE FROM "_outbox" WHERE "id" = ?1"#;

const FAILED_SQL: &str = r#"UPDATE "_outbox"
SET "due" = ?2, "failed" = ?3, "error" = ?4
WHERE "id" = ?1"#;

const GIVE_UP_EXPIRED_SQL: &str = r#"UPDATE "_outbox"
SET "failed" = TRUE, "error" = iif("error" = '', ?2, "error" || '; ' || ?2)
WHERE "failed" = FALSE AND "expires" <> '' AND "expires" <= ?1"#;

/// Why a message is given up that nobody can use any more.
const EXPIRED: &str = "what is in it was over before it could be sent";

const HOLD_SQL: &str = r#"UPDATE "_outbox" SET "error" = ?1 WHERE "failed" = FALSE AND "error" <> ?1"#;

const WAITING_SQL: &str = r#"SELECT COUNT(*), MIN("due") FROM "_outbox" WHERE "failed" = FALSE"#;

/// Whether there is something to prune: the first row is the oldest.
const OVERFULL_SQL: &str = r#"SELECT COUNT(*) > ?2 OR (SELECT "created" FROM "_outbox" ORDER BY "rowid" LIMIT 1) < ?1
FROM "_outbox""#;

const PRUNE_SQL: &str = r#"DELETE FROM "_outbox"
WHERE "created" < ?1 OR "id" IN (
    SELECT "id" FROM "_outbox"
    ORDER BY "failed", "created" DESC
    LIMIT -1 OFFSET ?2
)"#;

/// A message that is this caller's to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    pub id: String,
    pub message: Message,
    /// Counts this one.
    pub tries: i64,
}

/// Takes messages that are due, oldest first, for as long as a delivery may last: nobody else gets them meanwhile. If
/// the caller dies, they are due again after that.
pub async fn claim(app: &App<impl Platform>) -> Result<Vec<Queued>> {
    let now = app.env().now();
    let lease = later(now, LEASE_MS);
    let rows = execute(app, CLAIM_SQL, vec![now.to_string().into(), lease.into(), CLAIM_MAX.into()]).await?;
    rows.rows.into_iter().map(queued).collect()
}

/// Removes a message that the mail server has taken.
pub async fn delivered(app: &App<impl Platform>, id: &str) -> Result<()> {
    execute(app, DELIVERED_SQL, vec![id.into()]).await.map(|_| ())
}

/// Keeps a message that could not be delivered: to be tried again after a pause that doubles from 30 seconds up to
/// 4 hours, or, if `is_final` or after [`TRIES_MAX`] tries, only to be looked at.
pub async fn failed(app: &App<impl Platform>, queued: &Queued, error: &str, is_final: bool) -> Result<()> {
    let doublings = u32::try_from(queued.tries.clamp(1, TRIES_MAX) - 1).unwrap_or_default();
    let pause = (PAUSE_MS << doublings).min(PAUSE_MS_MAX);
    let error: String = error.chars().take(ERROR_CHARS_MAX).collect();
    let parameters: Vec<Value> = vec![
        queued.id.as_str().into(),
        later(app.env().now(), pause).into(),
        (is_final || queued.tries >= TRIES_MAX).into(),
        error.into(),
    ];
    execute(app, FAILED_SQL, parameters).await.map(|_| ())
}

/// Gives up the messages whose token or code is over: whoever got one would only find that it does not work.
pub async fn give_up_expired(app: &App<impl Platform>) -> Result<()> {
    let parameters = vec![app.env().now().to_string().into(), EXPIRED.into()];
    execute(app, GIVE_UP_EXPIRED_SQL, parameters).await.map(|_| ())
}

/// Notes at all messages that wait why none of them is tried.
pub async fn hold(app: &App<impl Platform>, reason: &str) -> Result<()> {
    execute(app, HOLD_SQL, vec![reason.into()]).await.map(|_| ())
}

/// How many messages wait, and in how many milliseconds the next of them is due (0 for at once).
pub async fn waiting(app: &App<impl Platform>) -> Result<Option<(i64, i64)>> {
    let row = query(app, WAITING_SQL, Vec::new()).await?.rows.into_iter().next().unwrap_or_default();
    let (Some(Value::Integer(count)), Some(Value::Text(due))) = (row.first(), row.get(1)) else {
        return Ok(None);
    };
    let due = Timestamp::parse(due).map_or(0, Timestamp::unix_ms);
    Ok(Some((*count, (due - app.env().now().unix_ms()).max(0))))
}

/// Deletes what could not be delivered for a week, and what is beyond [`MESSAGES_MAX`]. Writes only if there is any.
pub async fn prune(app: &App<impl Platform>) -> Result<()> {
    let parameters: Vec<Value> = vec![later(app.env().now(), -KEPT_MS).into(), MESSAGES_MAX.into()];
    match query(app, OVERFULL_SQL, parameters.clone()).await?.into_first() {
        Some(Value::Integer(1)) => execute(app, PRUNE_SQL, parameters).await.map(|_| ()),
        _ => Ok(()),
    }
}

fn later(now: Timestamp, ms: i64) -> String {
    Timestamp::from_unix_ms(now.unix_ms().saturating_add(ms)).to_string()
}

fn queued(row: Row) -> Result<Queued> {
    match <[Value; 5]>::try_from(row) {
        Ok(
            [
                Value::Text(id),
                Value::Text(to),
                Value::Text(subject),
                Value::Text(html),
                Value::Integer(tries),
            ],
        ) => Ok(Queued { id, message: Message::new(&to, &subject, html)?, tries }),
        _ => Err(Error::internal("a row of _outbox has not the columns of a message")),
    }
}
