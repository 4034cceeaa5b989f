//! The authenticator apps of accounts, in `_totps`: the secret that each shares with the server, and recovery codes.

use backspin_core::{Database, Env, Platform, Result, Timestamp, Value};
use backspin_schema::{App, AuthRecord};
use backspin_secrets::SecretKey;
use serde_json::Value as Json;

use crate::internal_table::{execute, or_nothing};
use crate::recovery_code;
use crate::totp_code::TotpSecret;

/// `secret`: as [`SecretKey::seal`] makes it; `step`: the last one whose code was used; `confirmed`: when the first code was given,
/// empty until then; `recoveryCodes`: hashes, as a JSON array.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_totps" (
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "created" TEXT NOT NULL,
    "confirmed" TEXT NOT NULL,
    "recoveryCodes" TEXT NOT NULL,
    PRIMARY KEY ("collectionRef", "recordRef")
) WITHOUT ROWID"#;

/// None where there is one that is confirmed.
const ADD_SQL: &str = r#"INSERT INTO "_totps"
("collectionRef", "recordRef", "secret", "step", "created", "confirmed", "recoveryCodes")
VALUES (?1, ?2, ?3, 0, ?4, '', '[]')
ON CONFLICT DO UPDATE
SET "secret" = "excluded"."secret", "step" = 0, "created" = "excluded"."created"
WHERE "confirmed" = ''
RETURNING 1"#;

const FIND_SQL: &str = r#"SELECT "secret", "step", "created", "confirmed", json_array_length("recoveryCodes")
FROM "_totps"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2"#;

const IS_ON_SQL: &str = r#"SELECT 1 FROM "_totps"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "confirmed" != ''"#;

/// Of several that bring the same code one gets a row.
const USE_SQL: &str = r#"UPDATE "_totps"
SET "step" = ?4
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "secret" = ?3 AND "step" < ?4
RETURNING 1"#;

const CONFIRM_SQL: &str = r#"UPDATE "_totps"
SET "confirmed" = ?4, "recoveryCodes" = ?5
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "secret" = ?3 AND "confirmed" = ''
RETURNING 1"#;

const SPEND_SQL: &str = r#"UPDATE "_totps"
SET "recoveryCodes" = (
    SELECT json_group_array("value") FROM json_each("recoveryCodes") WHERE "value" != ?3
)
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "confirmed" != ''
    AND EXISTS (SELECT 1 FROM json_each("recoveryCodes") WHERE "value" = ?3)
RETURNING 1"#;

const RENEW_CODES_SQL: &str = r#"UPDATE "_totps"
SET "recoveryCodes" = ?3
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "confirmed" != ''
RETURNING 1"#;

const REMOVE_SQL: &str = r#"DELETE FROM "_totps"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2
RETURNING 1"#;

/// A secret that was not confirmed within this time is void.
const CONFIRMED_WITHIN_MS: i64 = 15 * 60_000;

/// Whose authenticator app it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) collection_id: &'a str,
    pub(crate) record_id: &'a str,
}

/// An authenticator app that shares a secret with the server.
pub(crate) struct Totp {
    stored: String,
    step: i64,
    created: Option<Timestamp>,
    /// Empty for one that is not in use yet.
    pub(crate) confirmed: String,
    pub(crate) recovery_codes: i64,
}

impl<'a> Owner<'a> {
    pub(crate) fn of(record: &'a AuthRecord) -> Self {
        Owner { collection_id: &record.collection_id, record_id: record.id() }
    }

    /// Makes a secret, which is in use once it is confirmed. `None` if there is one in use already.
    pub(crate) async fn add_totp(self, app: &App<impl Platform>) -> Result<Option<TotpSecret>> {
        let (env, secret) = (app.env(), TotpSecret::new(app.env()));
        let stored = SecretKey::of(env).await?.seal(secret.bytes(), &self.place())?;
        let added = execute(app, &[TABLE_SQL], ADD_SQL, self.and([stored, env.now().to_string()])).await?;
        Ok(added.into_first().map(|_| secret))
    }

    pub(crate) async fn find_totp(self, app: &App<impl Platform>) -> Result<Option<Totp>> {
        let rows = or_nothing(app.database().query(FIND_SQL, self.and([])).await)?;
        Ok(rows.rows.into_iter().next().and_then(|row| match <[Value; 5]>::try_from(row).ok()? {
            [
                Value::Text(stored),
                Value::Integer(step),
                Value::Text(created),
                Value::Text(confirmed),
                Value::Integer(recovery_codes),
            ] => {
                let created = Timestamp::parse(&created);
                Some(Totp { stored, step, created, confirmed, recovery_codes })
            }
            _ => None,
        }))
    }

    /// Whether a code of an app is asked for at each sign-in. One statement.
    pub(crate) async fn has_totp(self, app: &App<impl Platform>) -> Result<bool> {
        let rows = app.database().query(IS_ON_SQL, self.and([])).await;
        Ok(or_nothing(rows)?.into_first().is_some())
    }

    /// Whether `code` is one of the app's, which uses it up: neither it nor an earlier one is taken again.
    pub(crate) async fn uses_code(self, app: &App<impl Platform>, totp: &Totp, code: &str) -> Result<bool> {
        let secret = SecretKey::of(app.env()).await?.unseal(&totp.stored, &self.place())?;
        let secret = TotpSecret::from_bytes(secret);
        let Some(step) = secret.step_of(code, app.env().now(), totp.step)? else { return Ok(false) };
        let parameters = [self.and([totp.stored.clone()]), vec![step.into()]].concat();
        Ok(app.database().execute(USE_SQL, parameters).await?.into_first().is_some())
    }

    /// Whether `code` is one of the recovery codes, which uses it up.
    pub(crate) async fn uses_recovery_code(self, app: &App<impl Platform>, code: &str) -> Result<bool> {
        let hash = recovery_code::hash(self.collection_id, self.record_id, code);
        Ok(app.database().execute(SPEND_SQL, self.and([hash])).await?.into_first().is_some())
    }

    /// From now on the secret of `totp` is in use. Returns the recovery codes; `None` if it was replaced meanwhile.
    pub(crate) async fn confirm_totp(
        self,
        app: &App<impl Platform>,
        totp: &Totp,
    ) -> Result<Option<Vec<String>>> {
        let codes = recovery_code::new_codes(app.env());
        let confirmed = [totp.stored.clone(), app.env().now().to_string(), self.hashes(&codes)];
        let done = app.database().execute(CONFIRM_SQL, self.and(confirmed)).await?.into_first();
        Ok(done.map(|_| codes))
    }

    /// New recovery codes in the place of the old ones; `None` if no app is in use.
    pub(crate) async fn renew_recovery_codes(self, app: &App<impl Platform>) -> Result<Option<Vec<String>>> {
        let codes = recovery_code::new_codes(app.env());
        let renewed = app.database().execute(RENEW_CODES_SQL, self.and([self.hashes(&codes)])).await;
        Ok(or_nothing(renewed)?.into_first().map(|_| codes))
    }

    /// Tells whether there was one, in use or not.
    pub(crate) async fn remove_totp(self, app: &App<impl Platform>) -> Result<bool> {
        let removed = app.database().execute(REMOVE_SQL, self.and([])).await;
        Ok(or_nothing(removed)?.into_first().is_some())
    }

    fn hashes(self, codes: &[String]) -> String {
        let hash = |code: &String| recovery_code::hash(self.collection_id, self.record_id, code);
        Json::from_iter(codes.iter().map(hash)).to_string()
    }

    fn and<const N: usize>(self, others: [String; N]) -> Vec<Value> {
        let own = [self.collection_id, self.record_id].map(Value::from);
        own.into_iter().chain(others.map(Value::from)).collect()
    }

    /// A secret that somebody copies to another row of the table cannot be opened there.
    fn place(self) -> [&'a str; 3] {
        ["totp", self.collection_id, self.record_id]
    }
}

impl Totp {
    pub(crate) fn is_on(&self) -> bool {
        !self.confirmed.is_empty()
    }

    /// Whether it waits for its first code.
    pub(crate) fn can_be_confirmed(&self, now: Timestamp) -> bool {
        let since = now.plus_ms(-CONFIRMED_WITHIN_MS);
        !self.is_on() && self.created.is_some_and(|created| created >= since)
    }
}
