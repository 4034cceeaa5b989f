//! Superusers, sign-in and sessions on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_auth::{
    Credentials, any_superuser, create_superuser, identify, upsert_superuser, with_password,
};
use backspin_core::{Database, Error};
use backspin_native::{FixedEnv, Native, NativeDatabase, Recorder};
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "correct horse";

struct Backend {
    app: App<Native<Recorder<NativeDatabase>, FixedEnv>>,
    _folder: tempfile::TempDir,
}

impl Backend {
    fn empty(env: FixedEnv) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap();
        Backend { app: App::new(Native { database: Recorder::new(database), env }), _folder: folder }
    }

    fn with_superuser() -> Self {
        let backend = Backend::empty(FixedEnv::new());
        block_on(create_superuser(&backend.app, EMAIL, PASSWORD)).unwrap();
        backend
    }

    fn sign_in(&self, identity: &str, password: &str) -> Result<Json, Error> {
        let (identity, password) = (identity.to_owned(), password.to_owned());
        let credentials = Credentials { identity, password, identity_field: String::new() };
        let reply = block_on(with_password(&self.app, "_superusers", &credentials))?;
        Ok(serde_json::from_slice(&reply).unwrap())
    }

    fn identify(&self, token: &str) -> Caller {
        block_on(identify(&self.app, Some(token))).unwrap()
    }

    fn sql(&self, sql: &str) {
        block_on(self.app.database().execute(sql, Vec::new())).unwrap();
    }
}

fn token(reply: &Json) -> &str {
    reply["token"].as_str().unwrap()
}

#[test]
fn a_superuser_signs_in_and_is_known_by_the_token() {
    let backend = Backend::with_superuser();
    let reply = backend.sign_in(EMAIL, PASSWORD).unwrap();
    let record = reply["record"].as_object().unwrap();
    let keys: Vec<&String> = record.keys().collect();
    assert_eq!(
        keys,
        [
            "collectionId",
            "collectionName",
            "created",
            "email",
            "emailVisibility",
            "id",
            "updated",
            "verified"
        ]
    );
    assert_eq!((&record["email"], &record["verified"]), (&json!(EMAIL), &json!(true)));
    assert!(backend.identify(token(&reply)).is_superuser());
}

#[test]
fn a_session_takes_one_statement_and_a_guest_none() {
    let backend = Backend::with_superuser();
    let reply = backend.sign_in(EMAIL, PASSWORD).unwrap();
    backend.app.database().take();
    backend.identify(token(&reply));
    assert_eq!(backend.app.database().take().len(), 1);
    block_on(identify(&backend.app, None)).unwrap();
    backend.identify("no token");
    assert_eq!(backend.app.database().take(), Vec::<String>::new());
}

#[test]
fn wrong_and_unknown_credentials_get_the_same_reply() {
    let backend = Backend::with_superuser();
    for (identity, password) in
        [(EMAIL, "wrong horse"), ("nobody@example.com", PASSWORD), ("' OR 1=1 --", "x")]
    {
        let error = backend.sign_in(identity, password).unwrap_err();
        assert_eq!((error.status(), error.to_string().as_str()), (400, "Failed to authenticate."));
    }
}

#[test]
fn missing_and_oversized_credentials_are_refused_by_name() {
    let backend = Backend::with_superuser();
    let refused = |identity: &str, password: &str| match backend.sign_in(identity, password) {
        Err(Error::BadRequest { fields, .. }) => serde_json::to_value(fields).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("", "")["identity"]["code"], json!("validation_required"));
    assert_eq!(refused("a", "")["password"]["code"], json!("validation_required"));
    let long = "a".repeat(256);
    assert_eq!(refused(&long, "a")["identity"]["code"], json!("validation_length_out_of_range"));
    assert_eq!(refused("a", &long)["password"]["code"], json!("validation_length_out_of_range"));
}

#[test]
fn only_auth_collections_let_anybody_in() {
    let backend = Backend::with_superuser();
    let status = |collection| {
        let credentials =
            Credentials { identity: "a".into(), password: "b".into(), ..Credentials::default() };
        block_on(with_password(&backend.app, collection, &credentials)).unwrap_err().status()
    };
    assert_eq!((status("nowhere"), status("_mfas"), status("users")), (404, 404, 400));
}

#[test]
fn a_token_ends_with_its_time_its_record_and_its_token_key() {
    let backend = Backend::with_superuser();
    let reply = backend.sign_in(EMAIL, PASSWORD).unwrap();
    let token = token(&reply);

    backend.app.env().advance_ms(86_400_000 - 1000);
    assert!(backend.identify(token).is_superuser());
    backend.app.env().advance_ms(1000);
    assert_eq!(backend.identify(token), Caller::Guest);
    backend.app.env().advance_ms(-86_400_000);
    assert!(backend.identify(token).is_superuser());

    block_on(upsert_superuser(&backend.app, EMAIL, "another horse")).unwrap();
    assert_eq!(backend.identify(token), Caller::Guest);
    assert!(backend.sign_in(EMAIL, PASSWORD).is_err());
    let reply = backend.sign_in(EMAIL, "another horse").unwrap();
    let token = self::token(&reply);
    assert!(backend.identify(token).is_superuser());
    backend.sql("DELETE FROM _superusers");
    assert_eq!(backend.identify(token), Caller::Guest);
}

#[test]
fn a_tampered_token_makes_a_guest() {
    let backend = Backend::with_superuser();
    let reply = backend.sign_in(EMAIL, PASSWORD).unwrap();
    let token = token(&reply);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for bad in
        [format!("{token}x"), format!("{signed}."), signed.to_owned(), format!("x{signed}.{signature}")]
    {
        assert_eq!(backend.identify(&bad), Caller::Guest, "{bad}");
    }
}

#[test]
fn the_first_superuser_comes_from_the_variables_once() {
    let env =
        FixedEnv::new().with_variable("superuser_email", EMAIL).with_variable("superuser_password", PASSWORD);
    let backend = Backend::empty(env);
    assert!(!block_on(any_superuser(&backend.app)).unwrap());
    assert!(backend.sign_in(EMAIL, "wrong horse").is_err());
    assert!(block_on(any_superuser(&backend.app)).unwrap());
    backend.sign_in(EMAIL, PASSWORD).unwrap();

    block_on(upsert_superuser(&backend.app, EMAIL, "changed horse")).unwrap();
    assert!(backend.sign_in(EMAIL, PASSWORD).is_err());
    backend.sql("UPDATE _superusers SET email = 'other@example.com'");
    assert!(backend.sign_in(EMAIL, PASSWORD).is_err());
}

#[test]
fn without_the_variables_nobody_is_made() {
    let backend = Backend::empty(FixedEnv::new());
    assert_eq!(backend.sign_in(EMAIL, PASSWORD).unwrap_err().status(), 400);
    assert!(!block_on(any_superuser(&backend.app)).unwrap());
}

#[test]
fn a_superuser_needs_a_fitting_email_and_password() {
    let backend = Backend::with_superuser();
    for (email, password, field) in [
        ("", PASSWORD, "email"),
        ("root", PASSWORD, "email"),
        ("a b@example.com", PASSWORD, "email"),
        ("other@example.com", "", "password"),
        ("other@example.com", "short", "password"),
        ("other@example.com", &"x".repeat(72), "password"),
        (EMAIL, PASSWORD, "email"),
    ] {
        match block_on(create_superuser(&backend.app, email, password)) {
            Err(Error::BadRequest { fields, .. }) => assert!(fields.get(field).is_some(), "{email}"),
            other => panic!("{email}: {other:?}"),
        }
    }
}
