//! One-time passwords: codes of a few digits, which are mailed to the account.

use backspin_core::{Database, Env, Error, Platform, Result, Timestamp, Value, id};
use backspin_schema::collection::{AuthOptions, Otp};
use backspin_schema::{App, Collection};

use crate::throttle::{Counter, Policy};

const DIGITS: &[u8] = b"0123456789";
const MINUTE_MS: i64 = 60_000;

/// Codes for one address. With five tries each, nobody guesses even four digits.
const REQUESTS: Policy =
    Policy { free: 5, pause_ms: MINUTE_MS, pause_ms_max: 60 * MINUTE_MS, kept_ms: 60 * MINUTE_MS };

/// Also what has run out, of this account.
pub(crate) const FORGET_OLD_SQL: &str = r#"DELETE FROM "_otps"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "created" < ?3"#;

pub(crate) const ADD_SQL: &str = r#"INSERT INTO "_otps"
("id", "collectionRef", "recordRef", "password", "sentTo", "created", "updated")
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)"#;

const FIND_SQL: &str = r#"SELECT "recordRef", "password", "sentTo" FROM "_otps"
WHERE "id" = ?1 AND "collectionRef" = ?2 AND "created" >= ?3"#;

const TAKE_SQL: &str = r#"DELETE FROM "_otps" WHERE "id" = ?1 AND "password" = ?2 RETURNING 1"#;

/// A code that was mailed and has not been used.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    id: String,
    pub(crate) record_id: String,
    pub(crate) hash: String,
    /// The email that it was mailed to.
    pub(crate) sent_to: String,
}

impl Code {
    /// The code of the collection with this id, if it lasts still.
    pub(crate) async fn find(
        app: &App<impl Platform>,
        collection: &Collection,
        options: &Otp,
        id: &str,
    ) -> Result<Option<Self>> {
        let parameters = vec![id.into(), collection.id.as_str().into(), oldest(app.env(), options).into()];
        let row = app.database().query(FIND_SQL, parameters).await?.rows.into_iter().next();
        let mut texts = row.unwrap_or_default().into_iter().map(|value| match value {
            Value::Text(text) => text,
            _ => String::new(),
        });
        let mut next = || texts.next();
        let code = next().zip(next()).zip(next());
        Ok(code.map(|((record_id, hash), sent_to)| Code { id: id.to_owned(), record_id, hash, sent_to }))
    }

    /// Uses the code up. Tells whether it was there to be used.
    pub(crate) async fn take(&self, app: &App<impl Platform>) -> Result<bool> {
        let parameters = vec![self.id.as_str().into(), self.hash.as_str().into()];
        Ok(app.database().execute(TAKE_SQL, parameters).await?.into_first().is_some())
    }
}

/// New digits.
pub(crate) fn digits(env: &impl Env, options: &Otp) -> String {
    id::random_string(env, usize::try_from(options.length).unwrap_or_default(), DIGITS)
}

/// When the oldest code was made that lasts still.
pub(crate) fn oldest(env: &impl Env, options: &Otp) -> String {
    let ms = options.duration.saturating_mul(1000);
    Timestamp::from_unix_ms(env.now().unix_ms().saturating_sub(ms)).to_string()
}

/// What counts the codes for an address.
pub(crate) fn requests(collection_id: &str, email: &str) -> Counter {
    Counter::of(&["codes", collection_id, email], REQUESTS).passing_known()
}

/// Errors: 403 if the collection has no one-time passwords.
pub(crate) fn has_codes(_collection: &Collection, options: &AuthOptions) -> Result<()> {
    match options.otp.enabled {
        true => Ok(()),
        false => {
            let message = "The collection is not configured to allow OTP authentication.";
            Err(Error::Forbidden(message.to_owned()))
        }
    }
}
