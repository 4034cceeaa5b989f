//! The API keys of accounts, in `_apiKeys`, and the bearer of one.

use backspin_core::{Database, Env, Error, LogLevel, Platform, Result, Rows, Value};
use backspin_schema::{App, Attempt, Caller, KeyBearer, Scopes};

use crate::api_key::{ApiKey, stamp};
use crate::internal_table::{execute, or_nothing};
use crate::session::find_record;

/// `hash` stands for the key and `stamp` for the owner's token key; `used` is empty before the first use, and late by up to
/// [`USED_MS`]. Times are texts as in records.
const MADE_BY_SQL: [&str; 3] = [
    r#"CREATE TABLE IF NOT EXISTS "_apiKeys" (
    "id" TEXT PRIMARY KEY NOT NULL,
    "hash" TEXT UNIQUE NOT NULL,
    "name" TEXT NOT NULL,
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    "stamp" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "created" TEXT NOT NULL,
    "used" TEXT NOT NULL DEFAULT '',
    "expires" TEXT NOT NULL
)"#,
    r#"CREATE INDEX IF NOT EXISTS "idx__apiKeys_record" ON "_apiKeys" ("collectionRef", "recordRef", "created")"#,
    r#"CREATE INDEX IF NOT EXISTS "idx__apiKeys_created" ON "_apiKeys" ("created")"#,
];

const FIND_SQL: &str = r#"SELECT "id", "collectionRef", "recordRef", "stamp", "scopes", "used"
FROM "_apiKeys"
WHERE "hash" = ?1 AND "expires" > ?2"#;

const USE_SQL: &str = r#"UPDATE "_apiKeys"
SET "used" = ?2
WHERE "id" = ?1 AND "used" < ?3"#;

/// How old `used` may be before a request writes it anew.
const USED_MS: i64 = 60_000;

/// As [`crate::identify`], and an API key makes its bearer: for what asks for scopes. Two statements for a key; once a
/// minute one more, which notes that it is used.
///
/// Errors: 401 for an API key that is unknown, deleted or over, or whose owner is gone or has new credentials.
pub async fn identify_with_key(app: &App<impl Platform>, token: Option<&str>) -> Result<Caller> {
    let Some(token) = token.filter(|token| ApiKey::is_meant(token)) else {
        return crate::identify(app, token).await;
    };
    let key = ApiKey::parse(token).ok_or_else(not_valid)?;
    let now = app.env().now();
    let parameters = vec![key.hash().into(), now.to_string().into()];
    let found = or_nothing(app.database().query(FIND_SQL, parameters).await)?;
    let found = Stored::of(found).ok_or_else(not_valid)?;
    let owner = app.with_schema(async |snapshot| {
        let collection = snapshot.find_by_id(&found.collection_id).filter(|found| found.is_auth());
        let Some(collection) = collection else {
            let current = app.is_current(snapshot).await?;
            return Ok(if current { Attempt::Done(None) } else { Attempt::Stale });
        };
        find_record(app, snapshot, collection, &found.record_id).await
    });
    let owner = owner.await?.filter(|owner| stamp(owner).is_some_and(|stamp| stamp == found.stamp));
    let owner = owner.ok_or_else(not_valid)?;
    let oldest = now.plus_ms(-USED_MS).to_string();
    if found.used < oldest {
        let parameters = vec![found.id.into(), now.to_string().into(), oldest.into()];
        if let Err(error) = app.database().execute(USE_SQL, parameters).await {
            let error = Error::from(error).chain();
            app.env().log(LogLevel::Warning, &format!("the use of an API key was not noted: {error}"));
        }
    }
    Ok(Caller::Key(KeyBearer { owner, scopes: Scopes::from_stored(&found.scopes) }))
}

/// Runs a statement that writes API keys, whose table is made if it is missing.
pub(crate) async fn write(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    execute(app, &MADE_BY_SQL, sql, parameters).await
}

fn not_valid() -> Error {
    Error::Unauthorized("The API key is not valid: it is mistyped, over, or was taken back.".to_owned())
}

struct Stored {
    id: String,
    collection_id: String,
    record_id: String,
    stamp: String,
    scopes: String,
    used: String,
}

impl Stored {
    fn of(rows: Rows) -> Option<Self> {
        let row = rows.rows.into_iter().next()?;
        let mut texts = row.into_iter().map(|value| match value {
            Value::Text(text) => text,
            _ => String::new(),
        });
        let mut next = || texts.next();
        Some(Stored {
            id: next()?,
            collection_id: next()?,
            record_id: next()?,
            stamp: next()?,
            scopes: next()?,
            used: next()?,
        })
    }
}
