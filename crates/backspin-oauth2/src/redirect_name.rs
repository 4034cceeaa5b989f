//! Names of users that come with the redirect and not from the provider's endpoints: Apple sends the name in the form of
//! the first sign-in, and never again. It waits here until the code of that sign-in is used.

use backspin_core::{Database, DatabaseError, Env, Platform, Result, Rows, Value};
use backspin_schema::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Longer ones are cut.
const NAME_CHARS_MAX: usize = 255;
/// More is no form of Apple's.
const FORM_BYTES_MAX: usize = 8 << 10;
/// Apple's codes are good for five minutes.
const WAIT_MS_MAX: i64 = 300_000;
/// Beyond these the oldest go.
const WAITING_MAX: i64 = 1000;

/// `key`: a hash of the code, for who reads the database shall not be able to use it. `ends`: in milliseconds since 1970.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_redirectNames" (
    "number" INTEGER PRIMARY KEY,
    "key" TEXT NOT NULL UNIQUE,
    "name" TEXT NOT NULL,
    "ends" INTEGER NOT NULL
)"#;

const KEEP_SQL: &str = r#"INSERT INTO "_redirectNames" ("key", "name", "ends")
VALUES (?1, ?2, ?3)
ON CONFLICT ("key") DO NOTHING"#;

/// Those that have ended, and the oldest beyond the limit.
const SWEEP_SQL: &str = r#"DELETE FROM "_redirectNames"
WHERE "ends" <= ?1 OR "number" <= (SELECT max("number") FROM "_redirectNames") - ?2"#;

const FIND_SQL: &str = r#"SELECT 1 FROM "_redirectNames" WHERE "key" = ?1"#;

const TAKE_SQL: &str = r#"DELETE FROM "_redirectNames" WHERE "key" = ?1 RETURNING "name", "ends""#;

/// Keeps the name in the form field `user`, JSON as `{"name":{"firstName":"Ann","lastName":"Lee"}}`, for who brings
/// `code` within five minutes. A field without a name is none, and the first name of a code stays.
///
/// Errors: those of the database only.
pub async fn keep_redirect_name(app: &App<impl Platform>, code: &str, user: &str) -> Result<()> {
    let Some(name) = read_name(user) else { return Ok(()) };
    let now = app.env().now().unix_ms();
    let parameters = vec![key(code).into(), name.into(), (now + WAIT_MS_MAX).into()];
    let database = app.database();
    match database.execute(KEEP_SQL, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            database.execute(TABLE_SQL, Vec::new()).await?;
            database.execute(KEEP_SQL, parameters).await?;
        }
        kept => drop(kept?),
    }
    database.execute(SWEEP_SQL, vec![now.into(), WAITING_MAX.into()]).await?;
    Ok(())
}

/// The name that waits for `code`, which nobody gets again; empty if there is none.
///
/// Errors: those of the database only.
pub async fn take_redirect_name(app: &App<impl Platform>, code: &str) -> Result<String> {
    let key: Vec<Value> = vec![key(code).into()];
    let found = match app.database().query(FIND_SQL, key.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => Rows::default(),
        found => found?,
    };
    if found.rows.is_empty() {
        return Ok(String::new());
    }
    let taken = app.database().execute(TAKE_SQL, key).await?.rows.pop().unwrap_or_default();
    Ok(match <[Value; 2]>::try_from(taken) {
        Ok([Value::Text(name), Value::Integer(ends)]) if ends > app.env().now().unix_ms() => name,
        _ => String::new(),
    })
}

fn key(code: &str) -> String {
    BASE64.encode(Sha256::digest(format!("name for {code}")))
}

fn read_name(user: &str) -> Option<String> {
    if user.len() > FORM_BYTES_MAX {
        return None;
    }
    let user: Json = serde_json::from_str(user).ok()?;
    let part = |name: &str| user["name"][name].as_str().unwrap_or_default().trim();
    let name = format!("{} {}", part("firstName"), part("lastName"));
    let name: String = name.trim().chars().filter(|char| !char.is_control()).take(NAME_CHARS_MAX).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use backspin_native::{FixedEnv, Native, NativeDatabase};
    use futures::executor::block_on;

    use super::*;

    const ANN: &str = r#"{"name":{"firstName":"Ann","lastName":"Lee"},"email":"ann@example.com"}"#;

    struct Backend {
        app: App<Native<NativeDatabase, FixedEnv>>,
        _folder: tempfile::TempDir,
    }

    impl Backend {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
            Backend { app: App::new(Native { database, env: FixedEnv::new() }), _folder: folder }
        }

        fn keep(&self, code: &str, user: &str) {
            block_on(keep_redirect_name(&self.app, code, user)).unwrap();
        }

        fn take(&self, code: &str) -> String {
            block_on(take_redirect_name(&self.app, code)).unwrap()
        }

        fn rows(&self) -> Vec<Vec<Value>> {
            block_on(self.app.database().query(r#"SELECT * FROM "_redirectNames""#, Vec::new())).unwrap().rows
        }
    }

    #[test]
    fn a_name_waits_for_its_code_and_is_taken_once() {
        let backend = Backend::new();
        assert_eq!(backend.take("c0de"), "");
        backend.keep("c0de", ANN);
        backend.keep("c0de", r#"{"name":{"firstName":"Eve"}}"#);
        assert!(!format!("{:?}", backend.rows()).contains("c0de"));
        assert_eq!([backend.take("other"), backend.take("c0de"), backend.take("c0de")], ["", "Ann Lee", ""]);
        assert!(backend.rows().is_empty());
    }

    #[test]
    fn a_name_waits_for_five_minutes() {
        let backend = Backend::new();
        for (ms, name) in [(WAIT_MS_MAX - 1, "Ann Lee"), (WAIT_MS_MAX, "")] {
            backend.keep("c0de", ANN);
            backend.app.env().advance_ms(ms);
            assert_eq!(backend.take("c0de"), name);
        }
        backend.keep("old", ANN);
        backend.app.env().advance_ms(WAIT_MS_MAX);
        backend.keep("new", ANN);
        assert_eq!(backend.rows().len(), 1);
    }

    #[test]
    fn so_many_names_wait_and_the_oldest_go() {
        let backend = Backend::new();
        for at in 0..WAITING_MAX + 2 {
            backend.keep(&at.to_string(), ANN);
        }
        assert_eq!(backend.rows().len(), WAITING_MAX as usize);
        let last = (WAITING_MAX + 1).to_string();
        assert_eq!(["0", "1", "2", &last].map(|code| backend.take(code)), ["", "", "Ann Lee", "Ann Lee"]);
    }

    #[test]
    fn what_is_no_name_is_not_kept() {
        let read = |user: &str| read_name(user).unwrap_or_default();
        assert_eq!(read(r#"{"name":{"firstName":" Ann\n ","lastName":null}}"#), "Ann");
        assert_eq!(read(r#"{"name":{"lastName":"Lee\u0000"}}"#), "Lee");
        for none in ["", "Ann", "{}", "[]", r#"{"name":"Ann"}"#, r#"{"name":{"firstName":["Ann"]}}"#] {
            assert_eq!(read(none), "", "{none}");
        }
        let long = |chars| format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "é".repeat(chars));
        assert_eq!(read(&long(300)).chars().count(), NAME_CHARS_MAX);
        assert_eq!(read(&long(FORM_BYTES_MAX)), "");
    }
}
