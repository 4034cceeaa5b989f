//! Making superusers: the first one, and from the command line.

use backspin_core::{
    Database, DatabaseError, Env, Error, FieldError, FieldErrors, Platform, Result, Value, id, limits,
};
use backspin_password::Hashing;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, SUPERUSERS_ID, Snapshot, value};
use serde_json::json;

use crate::form::email_field;
use crate::internal_table::or_nothing;

const PASSWORD_CHARS_MIN: usize = 8;
const PASSWORD_CHARS_MAX: usize = 71;
const TOKEN_KEY_CHARS: usize = 50;
const TOKEN_KEY_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const FAILED: &str = "Failed to save the superuser.";

const INSERT_SQL: &str = r#"INSERT INTO "_superusers"
("id", "email", "password", "tokenKey", "verified", "emailVisibility", "created", "updated")
SELECT ?1, ?2, ?3, ?4, TRUE, FALSE, ?5, ?5"#;

/// What ends with the token key and the password: what was made with them, and who is known by them.
const ENDED: [&str; 6] = ["_apiKeys", "_authOrigins", "_devices", "_mfas", "_otps", "_sessions"];

/// Whether there is a superuser. Makes the system tables if they are missing.
pub async fn any_superuser(app: &App<impl Platform>) -> Result<bool> {
    app.snapshot().await?;
    let rows = app.database().query(r#"SELECT EXISTS (SELECT 1 FROM "_superusers")"#, Vec::new()).await?;
    Ok(rows.into_first() == Some(Value::Integer(1)))
}

/// Makes a superuser. Makes the system tables if they are missing.
///
/// Errors: 400 if the email or password is not acceptable, or the email has a superuser already.
pub async fn create_superuser(app: &App<impl Platform>, email: &str, password: &str) -> Result<()> {
    save(app, email, password, "").await.map(|_| ())
}

/// Makes a superuser, or gives the one with this email a new password and ends its sessions, half sign-ins and
/// API keys, takes back its codes, and forgets its devices.
/// Makes the system tables if they are missing.
///
/// Errors: 400 if the email or password is not acceptable.
pub async fn upsert_superuser(app: &App<impl Platform>, email: &str, password: &str) -> Result<()> {
    let on_conflict = r#"
WHERE TRUE
ON CONFLICT ("email") WHERE "email" != '' DO UPDATE
SET "password" = "excluded"."password", "tokenKey" = "excluded"."tokenKey", "updated" = "excluded"."updated""#;
    save(app, email, password, on_conflict).await?;
    for table in ENDED.map(Quoted) {
        let sql = format!(
            r#"DELETE FROM {table}
WHERE "collectionRef" = ?1 AND "recordRef" IN (SELECT "id" FROM "_superusers" WHERE "email" = ?2)"#
        );
        or_nothing(app.database().execute(&sql, vec![SUPERUSERS_ID.into(), email.into()]).await)?;
    }
    Ok(())
}

/// The emails of the superusers, in the order of the alphabet. Makes the system tables if they are missing.
pub async fn list_superusers(app: &App<impl Platform>) -> Result<Vec<String>> {
    app.snapshot().await?;
    let sql = r#"SELECT "email" FROM "_superusers" ORDER BY "email""#;
    let rows = app.database().query(sql, Vec::new()).await?.rows;
    let emails = rows.into_iter().map(|row| match row.into_iter().next() {
        Some(Value::Text(email)) => Ok(email),
        _ => Err(Error::internal("a superuser has no email")),
    });
    emails.collect()
}

/// Deletes the superuser with this email.
///
/// Errors: 404 if there is none, 400 if it is the only one.
pub async fn delete_superuser(app: &App<impl Platform>, email: &str) -> Result<()> {
    app.snapshot().await?;
    let sql = r#"DELETE FROM "_superusers"
WHERE "email" = ?1 AND EXISTS (SELECT 1 FROM "_superusers" WHERE "email" != ?1)
RETURNING 1"#;
    let deleted = app.database().execute(sql, vec![email.into()]).await?.into_first().is_some();
    match deleted {
        true => Ok(()),
        false if list_superusers(app).await?.iter().any(|other| other == email) => {
            Err(Error::bad_request("The only superuser cannot be deleted."))
        }
        false => Err(Error::NotFound(format!("There is no superuser {email}."))),
    }
}

/// Makes the superuser of the application's variables, unless there is one already or the variables
/// are not set. Tells whether it did.
pub(crate) async fn create_first_superuser(app: &App<impl Platform>) -> Result<bool> {
    if any_superuser(app).await? {
        return Ok(false);
    }
    let email = app.env().variable("superuser_email").await?;
    let password = app.env().variable("superuser_password").await?;
    let (Some(email), Some(password)) = (email, password) else { return Ok(false) };
    let unless_any = r#" WHERE NOT EXISTS (SELECT 1 FROM "_superusers")"#;
    let saved =
        Hashing::default().in_turn(app.platform(), async || save(app, &email, &password, unless_any).await);
    saved.await.map_err(|error| match error {
        Error::BadRequest { message, fields } => {
            let reasons = serde_json::to_string(&fields).unwrap_or_default();
            Error::internal(format!(
                "the variables superuser_email and superuser_password: {message} {reasons}"
            ))
        }
        error => error,
    })
}

/// Tells whether a row was written.
async fn save(app: &App<impl Platform>, email: &str, password: &str, clause: &str) -> Result<bool> {
    check(&*app.snapshot().await?, email, password)?;
    let parameters: Vec<Value> = vec![
        id::record_id(app.env()).into(),
        email.into(),
        Hashing::default().hash(password, app.platform()).await?.into(),
        id::random_string(app.env(), TOKEN_KEY_CHARS, TOKEN_KEY_ALPHABET).into(),
        app.env().now().to_string().into(),
    ];
    match app.database().execute(&format!("{INSERT_SQL}{clause}\nRETURNING 1"), parameters).await {
        Ok(rows) => Ok(rows.into_first().is_some()),
        Err(DatabaseError::Unique { .. }) => {
            Err(Error::field(FAILED, "email", "validation_not_unique", "Value must be unique."))
        }
        Err(error) => Err(error.into()),
    }
}

fn check(snapshot: &Snapshot, email: &str, password: &str) -> Result<()> {
    let mut errors = FieldErrors::default();
    if value::to_stored(snapshot, &email_field(), &email.into())?.is_err() {
        // Mail for a new password has to find its way; PocketBase would not take the record either.
        let message = "Must be a valid email address, with a domain such as example.com.";
        errors.add("email", FieldError::new("validation_is_email", message));
    } else if email.chars().count() > limits::IDENTITY_CHARS_MAX {
        let message = format!("Must be no more than {} character(s).", limits::IDENTITY_CHARS_MAX);
        errors.add("email", FieldError::new("validation_max_text_constraint", message));
    }
    if password.is_empty() {
        errors.add("password", value::required());
    } else if password.chars().count() < PASSWORD_CHARS_MIN {
        let message = format!("Must be at least {PASSWORD_CHARS_MIN} character(s).");
        let params = json!({ "min": PASSWORD_CHARS_MIN });
        errors.add("password", FieldError::with_params("validation_min_text_constraint", message, params));
    } else if password.chars().count() > PASSWORD_CHARS_MAX {
        let message = format!("Must be less than {PASSWORD_CHARS_MAX} character(s).");
        errors.add("password", FieldError::new("validation_max_text_constraint", message));
    } else if password.len() > limits::PASSWORD_BYTES_MAX {
        let message = format!("Must be no more than {} bytes.", limits::PASSWORD_BYTES_MAX);
        errors.add("password", FieldError::new("validation_max_text_constraint", message));
    }
    errors.into_result(FAILED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_native::{FixedEnv, Native, NativeDatabase};
    use futures::executor::block_on;

    const PASSWORD: &str = "correct horse";

    fn app() -> (tempfile::TempDir, App<Native<NativeDatabase, FixedEnv>>) {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
        (folder, App::new(Native { database, env: FixedEnv::new() }))
    }

    #[test]
    fn superusers_are_listed_and_all_but_the_last_deleted() {
        let (_folder, app) = app();
        block_on(async {
            assert!(!any_superuser(&app).await.unwrap());
            assert_eq!(list_superusers(&app).await.unwrap(), [""; 0]);
            upsert_superuser(&app, "b@example.com", PASSWORD).await.unwrap();
            upsert_superuser(&app, "a@example.com", PASSWORD).await.unwrap();
            upsert_superuser(&app, "a@example.com", "another password").await.unwrap();
            assert_eq!(list_superusers(&app).await.unwrap(), ["a@example.com", "b@example.com"]);
            assert_eq!(delete_superuser(&app, "c@example.com").await.unwrap_err().status(), 404);
            delete_superuser(&app, "a@example.com").await.unwrap();
            assert_eq!(delete_superuser(&app, "b@example.com").await.unwrap_err().status(), 400);
            assert_eq!(list_superusers(&app).await.unwrap(), ["b@example.com"]);
        });
    }

    #[test]
    fn an_email_has_one_superuser() {
        let (_folder, app) = app();
        block_on(async {
            create_superuser(&app, "a@example.com", PASSWORD).await.unwrap();
            assert_eq!(create_superuser(&app, "a@example.com", PASSWORD).await.unwrap_err().status(), 400);
        });
    }

    #[test]
    fn bad_emails_and_passwords_are_refused() {
        let (_folder, app) = app();
        block_on(async {
            for (email, password) in [
                ("", PASSWORD),
                ("a", PASSWORD),
                ("a@", PASSWORD),
                ("a@b@c", PASSWORD),
                ("a@localhost", PASSWORD),
                ("a@b..c", PASSWORD),
                ("a@b.c", "short"),
                ("a@b.c", ""),
            ] {
                let error = upsert_superuser(&app, email, password).await.unwrap_err();
                assert_eq!(error.status(), 400, "{email} {password}");
            }
            assert!(!any_superuser(&app).await.unwrap());
        });
    }
}
