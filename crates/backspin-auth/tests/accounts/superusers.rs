//! Superusers: made once from the variables, signed in, known by their tokens.

use backspin_auth::{any_superuser, create_superuser, identify, upsert_superuser};
use backspin_core::Error;
use backspin_native::FixedEnv;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, PASSWORD, ROOT as EMAIL, token};

fn sign_in(backend: &Backend, identity: &str, password: &str) -> Result<Json, Error> {
    backend.sign_in("_superusers", identity, password)
}

#[test]
fn a_superuser_signs_in_and_is_known_by_the_token() {
    let backend = Backend::with_superuser();
    let reply = sign_in(&backend, EMAIL, PASSWORD).unwrap();
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
    assert!(backend.identify(Some(token(&reply))).is_superuser());
}

#[test]
fn a_session_takes_one_statement_and_a_guest_none() {
    let backend = Backend::with_superuser();
    let reply = sign_in(&backend, EMAIL, PASSWORD).unwrap();
    backend.app.database().take();
    backend.identify(Some(token(&reply)));
    assert_eq!(backend.app.database().take().len(), 1);
    block_on(identify(&backend.app, None)).unwrap();
    backend.identify(Some("no token"));
    assert_eq!(backend.app.database().take(), Vec::<String>::new());
}

#[test]
fn wrong_and_unknown_credentials_get_the_same_reply() {
    let backend = Backend::with_superuser();
    for (identity, password) in
        [(EMAIL, "wrong horse"), ("nobody@example.com", PASSWORD), ("' OR 1=1 --", "x")]
    {
        let error = sign_in(&backend, identity, password).unwrap_err();
        assert_eq!((error.status(), error.to_string().as_str()), (400, "Failed to authenticate."));
    }
}

#[test]
fn a_token_ends_with_its_time_its_record_and_its_token_key() {
    let backend = Backend::with_superuser();
    let reply = sign_in(&backend, EMAIL, PASSWORD).unwrap();
    let token = token(&reply);

    backend.app.env().advance_ms(86_400_000 - 1000);
    assert!(backend.identify(Some(token)).is_superuser());
    backend.app.env().advance_ms(1000);
    assert_eq!(backend.identify(Some(token)), Caller::Guest);
    backend.app.env().advance_ms(-86_400_000);
    assert!(backend.identify(Some(token)).is_superuser());

    block_on(upsert_superuser(&backend.app, EMAIL, "another horse")).unwrap();
    assert_eq!(backend.identify(Some(token)), Caller::Guest);
    assert!(sign_in(&backend, EMAIL, PASSWORD).is_err());
    let reply = sign_in(&backend, EMAIL, "another horse").unwrap();
    let token = self::token(&reply);
    assert!(backend.identify(Some(token)).is_superuser());
    backend.sql("DELETE FROM _superusers");
    assert_eq!(backend.identify(Some(token)), Caller::Guest);
}

#[test]
fn a_new_password_from_the_command_line_ends_half_sign_ins_codes_and_known_devices() {
    let backend = Backend::with_superuser();
    sign_in(&backend, EMAIL, PASSWORD).unwrap();
    let id = backend.sql("SELECT id FROM _superusers").remove(0).remove(0);
    let backspin_core::Value::Text(id) = id else { panic!("{id:?}") };
    backend.half_sign_in("_superusers", &id);
    block_on(upsert_superuser(&backend.app, EMAIL, "another horse")).unwrap();
    assert_eq!(backend.known_of_accounts(), 0);
}

#[test]
fn the_first_superuser_comes_from_the_variables_once() {
    let env =
        FixedEnv::new().with_variable("superuser_email", EMAIL).with_variable("superuser_password", PASSWORD);
    let backend = Backend::empty(env);
    assert!(!block_on(any_superuser(&backend.app)).unwrap());
    assert!(sign_in(&backend, EMAIL, "wrong horse").is_err());
    assert!(block_on(any_superuser(&backend.app)).unwrap());
    sign_in(&backend, EMAIL, PASSWORD).unwrap();

    block_on(upsert_superuser(&backend.app, EMAIL, "changed horse")).unwrap();
    assert!(sign_in(&backend, EMAIL, PASSWORD).is_err());
    backend.sql("UPDATE _superusers SET email = 'other@example.com'");
    assert!(sign_in(&backend, EMAIL, PASSWORD).is_err());
}

#[test]
fn without_the_variables_nobody_is_made() {
    let backend = Backend::empty(FixedEnv::new());
    assert_eq!(sign_in(&backend, EMAIL, PASSWORD).unwrap_err().status(), 400);
    assert!(!block_on(any_superuser(&backend.app)).unwrap());
}

#[test]
fn a_superuser_needs_a_fitting_email_and_password() {
    let backend = Backend::with_superuser();
    for (email, password, field) in [
        ("", PASSWORD, "email"),
        ("root", PASSWORD, "email"),
        ("a b@example.com", PASSWORD, "email"),
        ("root@localhost", PASSWORD, "email"),
        ("root@example..com", PASSWORD, "email"),
        ("other@example.com", "", "password"),
        ("other@example.com", "short", "password"),
        ("other@example.com", &"x".repeat(72), "password"),
        ("other@example.com", &"é".repeat(37), "password"),
        (EMAIL, PASSWORD, "email"),
    ] {
        match block_on(create_superuser(&backend.app, email, password)) {
            Err(Error::BadRequest { fields, .. }) => assert!(fields.get(field).is_some(), "{email}"),
            other => panic!("{email}: {other:?}"),
        }
    }
}
