//! The log of sign-ins, in `_signIns`: who has come in, by what and from where, and who has tried.
//!
//! What a client gives as an identity is never stored: it may be a password, typed into the wrong field. Of an unknown
//! one there is the address alone. Failures of one account from one network are counted in one row for ten minutes, and
//! of those that were held up most are not even that, so a flood of failures is no flood of writes and no flood of rows.

use backspin_core::{Database, Env, Error, Platform, Result, Value, id};
use backspin_schema::App;
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::internal_table::{execute, or_nothing};

/// `seq` grows, so the oldest rows have the least; `count`: attempts that the row stands for.
const MADE_BY_SQL: [&str; 3] = [
    r#"CREATE TABLE IF NOT EXISTS "_signIns" (
    "seq" INTEGER PRIMARY KEY,
    "id" TEXT UNIQUE NOT NULL,
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "address" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "created" TEXT NOT NULL,
    "updated" TEXT NOT NULL
)"#,
    r#"CREATE INDEX IF NOT EXISTS "idx__signIns_record" ON "_signIns" ("collectionRef", "recordRef", "created")"#,
    r#"CREATE INDEX IF NOT EXISTS "idx__signIns_created" ON "_signIns" ("created")"#,
];

const ADD_SQL: &str = r#"INSERT INTO "_signIns"
("id", "collectionRef", "recordRef", "method", "outcome", "count", "address", "userAgent", "created", "updated")
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
ON CONFLICT ("id") DO UPDATE
SET "count" = "count" + "excluded"."count", "userAgent" = "excluded"."userAgent",
    "updated" = "excluded"."updated""#;

const IS_THERE_SQL: &str = r#"SELECT 1 FROM "_signIns" WHERE "id" = ?1"#;

/// Those older than `?1` and those beyond the latest `?2`; at most `?3` of each.
const SWEEP_SQL: &str = r#"DELETE FROM "_signIns"
WHERE "seq" IN (
    SELECT "seq" FROM (SELECT "seq" FROM "_signIns" WHERE "created" < ?1 LIMIT ?3)
    UNION ALL
    SELECT "seq" FROM (
        SELECT "seq" FROM "_signIns"
        WHERE "seq" <= (SELECT max("seq") FROM "_signIns") - ?2
        LIMIT ?3
    )
)"#;

/// Failures are counted together for so long.
const WINDOW_MS: i64 = 600_000;
/// Of attempts that were held up, one in so many is written, and counts for as many.
const HELD_UP_EACH: u8 = 32;
const KEPT_DAYS: i64 = 90;
const KEPT_ROWS: i64 = 100_000;
/// One row in so many sweeps, and takes away more than that many can have brought.
const SWEEP_EVERY: u8 = 16;
const SWEEP_ROWS_MAX: i64 = 100;

/// What came of an attempt to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A session has begun.
    Ok,
    /// It was right, and a second factor is asked for.
    SecondFactor,
    /// It was right, and the collection's auth rule does not let the account in.
    Refused,
    /// The password, code or account was not.
    Wrong,
    /// Not even looked at: there were too many before.
    Throttled,
}

impl Outcome {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ok, Self::SecondFactor, Self::Refused, Self::Wrong, Self::Throttled];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::SecondFactor => "secondFactor",
            Outcome::Refused => "refused",
            Outcome::Wrong => "wrong",
            Outcome::Throttled => "throttled",
        }
    }
}

/// An attempt to sign in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignInAttempt<'a> {
    pub(crate) collection_id: &'a str,
    /// Empty if it names no account.
    pub(crate) record_id: &'a str,
    /// `password`, `otp`, …
    pub(crate) method: &'a str,
    pub(crate) client: &'a Client,
}

impl SignInAttempt<'_> {
    /// Writes down what came of it. The same statements whether there is such an account or not.
    pub(crate) async fn log(self, app: &App<impl Platform>, outcome: Outcome) -> Result<()> {
        let (id, count) = match outcome {
            Outcome::Ok | Outcome::SecondFactor | Outcome::Refused => (id::record_id(app.env()), 1),
            Outcome::Wrong => (self.id_in_window(app.env(), outcome), 1),
            Outcome::Throttled => {
                let id = self.id_in_window(app.env(), outcome);
                let there = app.database().query(IS_THERE_SQL, vec![id.as_str().into()]).await;
                match or_nothing(there)?.into_first() {
                    None => (id, 1),
                    Some(_) if one_in(app.env(), HELD_UP_EACH) => (id, i64::from(HELD_UP_EACH)),
                    Some(_) => return Ok(()),
                }
            }
        };
        let now = app.env().now();
        let (user_agent, address) = (self.client.short_user_agent(), self.client.address.as_str());
        let what = [&id, self.collection_id, self.record_id, self.method, outcome.as_str()].map(Value::from);
        let from = [address, &user_agent, &now.to_string()].map(Value::from);
        let parameters = what.into_iter().chain([count.into()]).chain(from).collect();
        execute(app, &MADE_BY_SQL, ADD_SQL, parameters).await?;
        if one_in(app.env(), SWEEP_EVERY) {
            let oldest = now.plus_ms(-KEPT_DAYS * 86_400_000).to_string();
            let parameters = vec![oldest.into(), KEPT_ROWS.into(), SWEEP_ROWS_MAX.into()];
            app.database().execute(SWEEP_SQL, parameters).await?;
        }
        Ok(())
    }

    /// Passes on whether the attempt was right, and writes it down if it was not or was not even looked at.
    pub(crate) async fn log_failure(self, app: &App<impl Platform>, is_right: Result<bool>) -> Result<bool> {
        match &is_right {
            Ok(false) => self.log(app, Outcome::Wrong).await?,
            Err(Error::TooManyRequests { .. }) => self.log(app, Outcome::Throttled).await?,
            _ => {}
        }
        is_right
    }

    /// The same for attempts of one kind on one account from one network at one time.
    fn id_in_window(&self, env: &impl Env, outcome: Outcome) -> String {
        let window = (env.now().unix_ms() / WINDOW_MS).to_string();
        let network = self.client.network();
        let parts = [self.collection_id, self.record_id, self.method, outcome.as_str(), &network, &window];
        let named = serde_json::to_vec(&parts).unwrap_or_default();
        Sha256::digest(named).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn one_in(env: &impl Env, count: u8) -> bool {
    let mut random = [0];
    env.fill_random(&mut random);
    random[0].is_multiple_of(count)
}
