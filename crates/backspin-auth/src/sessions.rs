//! Who is signed in where: a row in `_sessions` for each sign-in, named by the tokens of it. A token whose row is gone
//! is refused.

use backspin_core::{Database, Env, Error, LogLevel, Platform, Result, Timestamp, Value, id};
use backspin_schema::{App, AuthRecord};

use crate::client::Client;
use crate::internal_table::execute;

/// Times are texts as in records. `address` is a network (of IPv6 the /64), `used` is late by up to [`USED_MS`] and
/// `expires` early by up to [`EXTENDED_MS`], so that most requests write nothing.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_sessions" (
    "id" TEXT PRIMARY KEY NOT NULL,
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "created" TEXT NOT NULL,
    "used" TEXT NOT NULL,
    "expires" TEXT NOT NULL
) WITHOUT ROWID"#;

const MADE_BY_SQL: [&str; 4] = [
    TABLE_SQL,
    r#"CREATE INDEX IF NOT EXISTS "idx__sessions_record" ON "_sessions" ("collectionRef", "recordRef", "created")"#,
    r#"CREATE INDEX IF NOT EXISTS "idx__sessions_created" ON "_sessions" ("created")"#,
    r#"CREATE INDEX IF NOT EXISTS "idx__sessions_expires" ON "_sessions" ("expires")"#,
];

const START_SQL: &str = r#"INSERT INTO "_sessions"
("id", "collectionRef", "recordRef", "method", "address", "userAgent", "created", "used", "expires")
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)"#;

const EXTEND_SQL: &str = r#"UPDATE "_sessions"
SET "used" = ?2, "expires" = max("expires", ?3), "address" = ?4, "userAgent" = ?5
WHERE "id" = ?1"#;

const USE_SQL: &str = r#"UPDATE "_sessions"
SET "used" = ?2
WHERE "id" = ?1 AND "used" < ?3"#;

/// Those that have ended before `?1`, and of one account those beyond the `?4` that were used last; at most `?5` of each.
const SWEEP_SQL: &str = r#"DELETE FROM "_sessions"
WHERE "id" IN (
    SELECT "id" FROM (SELECT "id" FROM "_sessions" WHERE "expires" < ?1 LIMIT ?5)
    UNION ALL
    SELECT "id" FROM (
        SELECT "id" FROM "_sessions"
        WHERE "collectionRef" = ?2 AND "recordRef" = ?3
        ORDER BY "used" DESC
        LIMIT ?5 OFFSET ?4
    )
)"#;

/// How old `used` may be before a request writes it anew.
const USED_MS: i64 = 3_600_000;
/// How far a token may outlast `expires` before a refresh writes it anew.
const EXTENDED_MS: i64 = 300_000;
/// Sessions of one account.
const OF_ACCOUNT_MAX: i64 = 10_000;
/// One sign-in in so many sweeps, and takes away more than that many can have brought.
const SWEEP_EVERY: u8 = 16;
const SWEEP_ROWS_MAX: i64 = 100;

/// The session of a token, as a request finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) created: String,
    pub(crate) used: String,
    pub(crate) expires: String,
}

/// Begins a session of `record`, which has signed in by `method`, until `ends`. Returns its id.
pub(crate) async fn start(
    app: &App<impl Platform>,
    record: &AuthRecord,
    method: &str,
    client: &Client,
    ends: Timestamp,
) -> Result<String> {
    let (id, now) = (id::record_id(app.env()), app.env().now());
    let account = [record.collection_id.as_str(), record.id()];
    let new = [&id, account[0], account[1], method, &client.network(), &client.short_user_agent()];
    let times = [now.to_string(), ends.to_string()].map(Value::from);
    execute(app, &MADE_BY_SQL, START_SQL, new.map(Value::from).into_iter().chain(times).collect()).await?;
    let mut random = [0];
    app.env().fill_random(&mut random);
    if random[0].is_multiple_of(SWEEP_EVERY) {
        // A token may outlast what its row says.
        let ended = now.plus_ms(-2 * EXTENDED_MS).to_string().into();
        let account = account.map(Value::from);
        let bounds = [OF_ACCOUNT_MAX, SWEEP_ROWS_MAX].map(Value::from);
        let parameters = std::iter::once(ended).chain(account).chain(bounds).collect();
        app.database().execute(SWEEP_SQL, parameters).await?;
    }
    Ok(id)
}

impl Session {
    /// The session goes on until `ends`, in what `client` says now. No statement if it has done so lately.
    pub(crate) async fn extend(
        &self,
        app: &App<impl Platform>,
        client: &Client,
        ends: Timestamp,
    ) -> Result<()> {
        if self.expires >= ends.plus_ms(-EXTENDED_MS).to_string() {
            return Ok(());
        }
        let now = app.env().now().to_string();
        let client = [client.network(), client.short_user_agent()];
        let times = [self.id.clone(), now, ends.to_string()];
        let parameters = times.into_iter().chain(client).map(Value::from).collect();
        app.database().execute(EXTEND_SQL, parameters).await?;
        Ok(())
    }

    /// Remembers that the session is in use. No statement if it was remembered within the hour; a fault is logged and
    /// keeps nobody from reading.
    pub(crate) async fn touch(&self, app: &App<impl Platform>) {
        let now = app.env().now();
        let oldest = now.plus_ms(-USED_MS).to_string();
        if self.used >= oldest {
            return;
        }
        let parameters = vec![self.id.as_str().into(), now.to_string().into(), oldest.into()];
        if let Err(error) = app.database().execute(USE_SQL, parameters).await {
            let error = Error::from(error).chain();
            app.env().log(LogLevel::Warning, &format!("the use of a session was not noted: {error}"));
        }
    }
}
