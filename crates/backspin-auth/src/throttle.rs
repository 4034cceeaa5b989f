//! Counters that make whoever guesses, or asks for too much mail, wait ever longer. They are in the database, so they
//! hold for all instances; each is counted before the attempt is made, so that many at once gain nothing.

use backspin_core::{Database, DatabaseError, Env, Error, Platform, Result, Rows, Transaction, Value};
use backspin_schema::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// `count`: attempts since the counter began; `opens` and `ends`: when the next attempt is taken and when the counter
/// is forgotten, in milliseconds since 1970.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_throttles" (
    "key" TEXT PRIMARY KEY NOT NULL,
    "count" INTEGER NOT NULL,
    "opens" INTEGER NOT NULL,
    "ends" INTEGER NOT NULL
) WITHOUT ROWID"#;

const INDEX_SQL: &str = r#"CREATE INDEX IF NOT EXISTS "idx__throttles_ends" ON "_throttles" ("ends")"#;

/// Counts the attempt on each counter of the JSON array `?1`, unless one of them is closed at `?2`. A closed one that
/// `passes_known` lets an account (`?3`, `?4`) pass on a device (`?5`) that it has used before. One row for each counter,
/// none for an attempt that is refused.
const TAKE_SQL: &str = r#"INSERT INTO "_throttles" ("key", "count", "opens", "ends")
SELECT "new"."key", "new"."count",
    ?2 + CASE WHEN "new"."count" < "new"."free" THEN 0
        ELSE min("new"."pause_max", "new"."pause" << min("new"."count" - "new"."free", 20)) END,
    ?2 + "new"."kept"
FROM (
    SELECT "policy"."value" ->> 'key' AS "key",
        "policy"."value" ->> 'free' AS "free",
        "policy"."value" ->> 'pause' AS "pause",
        "policy"."value" ->> 'pause_max' AS "pause_max",
        "policy"."value" ->> 'kept' AS "kept",
        "policy"."value" ->> 'passes_known' AS "passes_known",
        1 + coalesce((SELECT "count" FROM "_throttles" AS "old"
            WHERE "old"."key" = "policy"."value" ->> 'key' AND "old"."ends" > ?2), 0) AS "count"
    FROM json_each(?1) AS "policy"
) AS "new"
WHERE NOT EXISTS (
    SELECT 1 FROM json_each(?1) AS "policy"
    JOIN "_throttles" AS "old" ON "old"."key" = "policy"."value" ->> 'key'
    WHERE "old"."opens" > ?2 AND "old"."ends" > ?2
        AND NOT ("policy"."value" ->> 'passes_known' AND EXISTS (SELECT 1 FROM "_authOrigins"
            WHERE "collectionRef" = ?3 AND "recordRef" = ?4 AND "fingerprint" = ?5))
)
ON CONFLICT ("key") DO UPDATE
SET "count" = "excluded"."count", "opens" = "excluded"."opens", "ends" = "excluded"."ends"
RETURNING 1"#;

/// Counts one more on `?1` at `?2`, in a window of `?3` milliseconds.
const COUNT_SQL: &str = r#"INSERT INTO "_throttles" ("key", "count", "opens", "ends")
VALUES (?1, 1, 0, ?2 + ?3)
ON CONFLICT ("key") DO UPDATE
SET "count" = CASE WHEN "ends" <= ?2 THEN 1 ELSE "count" + 1 END,
    "ends" = CASE WHEN "ends" <= ?2 THEN "excluded"."ends" ELSE "ends" END
RETURNING "count""#;

/// The attempt was none: `?1` are begun anew, of `?2` it is taken back.
const FORGIVE_SQL: &str = r#"UPDATE "_throttles"
SET "count" = CASE WHEN "key" IN (SELECT "value" FROM json_each(?1)) THEN 0 ELSE "count" - 1 END,
    "opens" = CASE WHEN "key" IN (SELECT "value" FROM json_each(?1)) THEN 0 ELSE "opens" END
WHERE "key" IN (SELECT "value" FROM json_each(?1) UNION SELECT "value" FROM json_each(?2))"#;

const SWEEP_SQL: &str = r#"DELETE FROM "_throttles"
WHERE "key" IN (SELECT "key" FROM "_throttles" WHERE "ends" <= ?1 LIMIT ?2)"#;

/// One attempt in so many sweeps, and takes away more than that many attempts can have brought.
const SWEEP_EVERY: u8 = 16;
const SWEEP_ROWS_MAX: i64 = 100;

/// How a counter makes wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// Attempts without a pause after them.
    pub(crate) free: i64,
    /// The pause after the next one; each further one doubles it.
    pub(crate) pause_ms: i64,
    pub(crate) pause_ms_max: i64,
    /// Without attempts for so long, it is forgotten. No less than `pause_ms_max`.
    pub(crate) kept_ms: i64,
}

/// What is counted, and how.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    key: String,
    policy: Policy,
    passes_known: bool,
}

/// A device of an account, which may have been used before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Device<'a> {
    pub(crate) collection_id: &'a str,
    pub(crate) record_id: &'a str,
    pub(crate) fingerprint: &'a str,
}

impl Counter {
    /// The counter of whatever `parts` name together. Nothing of them can be read from the database.
    pub(crate) fn of(parts: &[&str], policy: Policy) -> Self {
        Counter { key: key(parts), policy, passes_known: false }
    }

    /// It does not hold up an account on a device from which it has signed in before.
    pub(crate) fn passing_known(self) -> Self {
        Counter { passes_known: true, ..self }
    }

    fn to_json(&self) -> Json {
        let Policy { free, pause_ms, pause_ms_max, kept_ms } = self.policy;
        json!({
            "key": self.key, "free": free, "pause": pause_ms, "pause_max": pause_ms_max, "kept": kept_ms,
            "passes_known": self.passes_known,
        })
    }
}

/// Counts an attempt, unless one of the counters is closed. Tells whether it may be made.
pub(crate) async fn take(app: &App<impl Platform>, counters: &[Counter], device: Device<'_>) -> Result<bool> {
    let taken = execute(app, TAKE_SQL, parameters(app.env(), counters, device)).await?;
    Ok(!taken.rows.is_empty())
}

/// Counts a request of whatever `parts` name together in windows of `window_ms`, each of which begins with a request.
/// Returns how many the present one has.
pub(crate) async fn count_in_window(app: &App<impl Platform>, parts: &[&str], window_ms: i64) -> Result<i64> {
    let parameters: Vec<Value> = vec![key(parts).into(), app.env().now().unix_ms().into(), window_ms.into()];
    match execute(app, COUNT_SQL, parameters).await?.into_first() {
        Some(Value::Integer(count)) => Ok(count),
        _ => Err(Error::internal("a counter has no count")),
    }
}

/// Runs a statement on the counters, which are made if they are missing; now and then, what has ended is swept away.
async fn execute(app: &App<impl Platform>, sql: &str, parameters: Vec<Value>) -> Result<Rows> {
    let database = app.database();
    let rows = match database.execute(sql, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            database.execute(TABLE_SQL, Vec::new()).await?;
            database.execute(INDEX_SQL, Vec::new()).await?;
            database.execute(sql, parameters).await?
        }
        rows => rows?,
    };
    if sweeps(app.env()) {
        database.execute(SWEEP_SQL, swept(app.env())).await?;
    }
    Ok(rows)
}

/// As [`take`], within a transaction.
pub(crate) async fn take_in(
    transaction: &impl Transaction,
    env: &impl Env,
    counters: &[Counter],
    device: Device<'_>,
) -> Result<bool> {
    let parameters = parameters(env, counters, device);
    let taken = match transaction.execute(TAKE_SQL, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            transaction.execute(TABLE_SQL, Vec::new()).await?;
            transaction.execute(INDEX_SQL, Vec::new()).await?;
            transaction.execute(TAKE_SQL, parameters).await?
        }
        taken => taken?,
    };
    if sweeps(env) {
        transaction.execute(SWEEP_SQL, swept(env)).await?;
    }
    Ok(!taken.rows.is_empty())
}

/// The attempt was a success: `whole` begin anew, and of `counted` it is taken back.
pub(crate) async fn forgive(app: &App<impl Platform>, whole: &[Counter], counted: &[Counter]) -> Result<()> {
    let keys = |counters: &[Counter]| {
        Json::from_iter(counters.iter().map(|counter| counter.key.as_str())).to_string().into()
    };
    app.database().execute(FORGIVE_SQL, vec![keys(whole), keys(counted)]).await?;
    Ok(())
}

fn key(parts: &[&str]) -> String {
    let named = serde_json::to_vec(parts).unwrap_or_default();
    BASE64.encode(&Sha256::digest(named)[..16])
}

fn parameters(env: &impl Env, counters: &[Counter], device: Device<'_>) -> Vec<Value> {
    let policies = Json::from_iter(counters.iter().map(Counter::to_json)).to_string();
    vec![
        policies.into(),
        env.now().unix_ms().into(),
        device.collection_id.into(),
        device.record_id.into(),
        device.fingerprint.into(),
    ]
}

/// Whether it is this attempt's turn to sweep.
fn sweeps(env: &impl Env) -> bool {
    let mut random = [0];
    env.fill_random(&mut random);
    random[0].is_multiple_of(SWEEP_EVERY)
}

fn swept(env: &impl Env) -> Vec<Value> {
    vec![env.now().unix_ms().into(), SWEEP_ROWS_MAX.into()]
}
