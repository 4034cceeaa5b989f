//! A bound on how many hashes are computed at once, in all instances together: each takes memory and keeps a processor
//! busy. Whoever wants one takes a number from the database and waits until it is among the first.
//!
//! A number lasts for a second and a half and is renewed while its holder waits. So those who went away hold up the others
//! for no longer; one who computes for longer lets one more in.

use backspin_core::{Database, DatabaseError, Env, Error, Platform, Result, Rows, Value};

/// `ends`: when the number is void, in milliseconds since 1970.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_hashTurns" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "ends" INTEGER NOT NULL
)"#;

/// None where too many wait.
const ENTER_SQL: &str = r#"INSERT INTO "_hashTurns" ("ends")
SELECT ?2
WHERE (SELECT count(*) FROM "_hashTurns" WHERE "ends" > ?1) < ?3
RETURNING "id""#;

/// How many are before this one, and when it ends; null if it has ended.
const PLACE_SQL: &str = r#"SELECT
    (SELECT count(*) FROM "_hashTurns" WHERE "id" < ?1 AND "ends" > ?2),
    (SELECT "ends" FROM "_hashTurns" WHERE "id" = ?1 AND "ends" > ?2)"#;

const RENEW_SQL: &str = r#"UPDATE "_hashTurns" SET "ends" = ?2 WHERE "id" = ?1"#;

const LEAVE_SQL: &str = r#"DELETE FROM "_hashTurns" WHERE "id" = ?1 OR "ends" <= ?2"#;

/// Who waits and who computes, together.
const ENTERED_MAX: i64 = 256;
/// How long one waits.
const PATIENCE_MS: i64 = 10_000;
/// How long a number lasts: longer than any pause between two looks at it.
const LASTS_MS: i64 = 1_500;
/// One that is looked at with less than this left is renewed.
const RENEWED_BELOW_MS: i64 = 1_000;
/// Who is the next looks again after so long, others later by about what those before them take.
const PAUSE_MS_MIN: i64 = 5;
const HASH_MS: i64 = 20;
const PAUSE_MS_MAX: i64 = 400;
const RETRY_AFTER_SECONDS: u32 = 5;

/// Does `work` when it is its turn.
pub(crate) async fn in_turn<T>(
    platform: &impl Platform,
    at_once: u32,
    work: impl AsyncFnOnce() -> Result<T>,
) -> Result<T> {
    if platform.is_transaction() {
        return work().await;
    }
    let number = wait(platform, i64::from(at_once)).await?;
    let done = work().await;
    let now = platform.env().now().unix_ms();
    platform.database().execute(LEAVE_SQL, vec![number.into(), now.into()]).await?;
    done
}

/// Returns the number whose turn it is.
async fn wait(platform: &impl Platform, at_once: i64) -> Result<i64> {
    let (database, env) = (platform.database(), platform.env());
    let gives_up = env.now().unix_ms().saturating_add(PATIENCE_MS);
    let mut number = enter(platform).await?;
    loop {
        let now = env.now().unix_ms();
        let place = database.query(PLACE_SQL, vec![number.into(), now.into()]).await?;
        let (before, ends) = match place.rows.into_iter().next().unwrap_or_default()[..] {
            [Value::Integer(before), Value::Integer(ends)] => (before, ends),
            // It has ended meanwhile: this instance was held up for long.
            _ if now >= gives_up => return Err(crowded()),
            _ => {
                number = enter(platform).await?;
                continue;
            }
        };
        if ends - now < RENEWED_BELOW_MS {
            database.execute(RENEW_SQL, vec![number.into(), (now + LASTS_MS).into()]).await?;
        }
        if before < at_once {
            return Ok(number);
        }
        if now >= gives_up {
            database.execute(LEAVE_SQL, vec![number.into(), now.into()]).await?;
            return Err(crowded());
        }
        let pause_ms = PAUSE_MS_MIN + (before - at_once).saturating_mul(HASH_MS) / at_once.max(1);
        env.sleep_ms(pause_ms.min(PAUSE_MS_MAX).unsigned_abs()).await;
    }
}

/// Takes a number.
///
/// Errors: 429 if too many wait.
async fn enter(platform: &impl Platform) -> Result<i64> {
    let database = platform.database();
    let now = platform.env().now().unix_ms();
    let parameters: Vec<Value> = [now, now + LASTS_MS, ENTERED_MAX].map(Value::from).into();
    let entered: Rows = match database.execute(ENTER_SQL, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            database.execute(TABLE_SQL, Vec::new()).await?;
            database.execute(ENTER_SQL, parameters).await?
        }
        entered => entered?,
    };
    match entered.into_first() {
        Some(Value::Integer(number)) => Ok(number),
        _ => Err(crowded()),
    }
}

fn crowded() -> Error {
    let message = "Too many sign-ins at the moment, please try again in a few seconds.".to_owned();
    Error::Crowded { message, retry_after_seconds: RETRY_AFTER_SECONDS }
}
