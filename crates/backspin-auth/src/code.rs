//! One-time passwords: codes of a few digits, which are mailed to the account.

use backspin_core::{Database, Env, Error, Platform, Result, Timestamp, Value, id};
use backspin_schema::collection::{AuthOptions, Otp};
use backspin_schema::{App, Collection};

use crate::client::Client;
use crate::throttle::{Counter, Policy};

const DIGITS: &[u8] = b"0123456789";
const MINUTE_MS: i64 = 60_000;

/// Codes for one address that are asked for from one network.
const FROM_NETWORK: Policy =
    Policy { free: 5, pause_ms: MINUTE_MS, pause_ms_max: 60 * MINUTE_MS, kept_ms: 24 * 60 * MINUTE_MS };
/// Codes for one address, whoever asks; and those that one device asks for, which the others do not hold up where the
/// account knows it. With five tries each, nobody guesses even four digits.
const FROM_ANYWHERE: Policy = Policy { free: 15, ..FROM_NETWORK };

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

/// What counts the codes that are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Requests {
    /// From one network, and from one device: these begin anew with a code that is right.
    pub(crate) own: [Counter; 2],
    /// From everywhere. A code that is right is taken back: those of others stay counted.
    pub(crate) shared: Counter,
}

impl Requests {
    /// Of codes for an address: that of the account, however the one who asks spells it.
    pub(crate) fn of(collection_id: &str, email: &str, client: &Client) -> Self {
        let of =
            |from: &[&str], policy| Counter::of(&[&["codes", collection_id, email], from].concat(), policy);
        let from_network = of(&["network", &client.network()], FROM_NETWORK).passing_known();
        let from_device = of(&["device", &client.fingerprint()], FROM_ANYWHERE);
        Requests { own: [from_network, from_device], shared: of(&[], FROM_ANYWHERE).passing_known() }
    }

    pub(crate) fn counters(self) -> Vec<Counter> {
        [self.own.as_slice(), &[self.shared]].concat()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::throttle::{Device, take};
    use backspin_native::{FixedEnv, Native, NativeDatabase};
    use futures::executor::block_on;

    const DAY_MINUTES: i64 = 24 * 60;
    const TRIES_OF_A_CODE: usize = 5;

    /// Tries of codes that are asked for in a day, as often as they are given, from a place that may be another each
    /// minute.
    fn tries_in_a_day(address: impl Fn(i64) -> String, is_known: bool) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
        let app = App::new(Native { database, env: FixedEnv::new() });
        let mut codes = 0;
        block_on(async {
            app.snapshot().await.unwrap();
            for minute in 0..DAY_MINUTES {
                let client = Client { address: address(minute), user_agent: "x".to_owned() };
                let fingerprint = client.fingerprint();
                let device = match is_known {
                    true => Device { collection_id: "c", record_id: "r", fingerprint: &fingerprint },
                    false => Device::default(),
                };
                if is_known && minute == 0 {
                    let sql = r#"INSERT INTO "_authOrigins" ("id", "collectionRef", "recordRef", "fingerprint")
VALUES ('x', 'c', 'r', ?1)"#;
                    app.database().execute(sql, vec![fingerprint.as_str().into()]).await.unwrap();
                }
                while take(&app, &Requests::of("c", "a@b.co", &client).counters(), device).await.unwrap() {
                    codes += 1;
                }
                app.env().advance_ms(MINUTE_MS);
            }
        });
        codes * TRIES_OF_A_CODE
    }

    #[test]
    fn a_day_of_guessing_has_as_many_tries_as_is_told() {
        let from_one_network = tries_in_a_day(|_| "10.0.0.1".to_owned(), false);
        let from_everywhere =
            tries_in_a_day(|minute| format!("10.1.{}.{}", minute / 200, minute % 200), false);
        let from_a_known_device = tries_in_a_day(|_| "10.0.0.1".to_owned(), true);
        assert_eq!((from_one_network, from_everywhere, from_a_known_device), (165, 215, 215));
        let told = include_str!("../../../docs/security.md");
        for tries in
            ["165 tries a day from one network", "215 from everywhere", "215 from a device that is known"]
        {
            assert!(told.contains(tries), "{tries}");
        }
    }
}
