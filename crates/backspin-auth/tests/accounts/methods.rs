//! How somebody can sign in, as clients are told.

use backspin_core::Error;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, refusal};

fn methods(backend: &Backend, collection: &str, fields: &str) -> Result<Json, Error> {
    let methods = block_on(backspin_auth::auth_methods(&backend.app, collection, fields))?;
    Ok(serde_json::from_slice(&methods).unwrap())
}

#[test]
fn a_collection_tells_its_identity_fields() {
    let backend = Backend::with_members(json!({}));
    let told = methods(&backend, "members", "").unwrap();
    assert_eq!(
        told,
        json!({
            "password": {"identityFields": ["name", "nick", "email"], "enabled": true},
            "oauth2": {"providers": [], "enabled": false},
            "mfa": {"enabled": false, "duration": 0},
            "otp": {"enabled": false, "duration": 0},
            "authProviders": [], "usernamePassword": false, "emailPassword": true,
        })
    );
    assert_eq!(backend.app.database().take().len(), 1);
}

#[test]
fn what_is_switched_off_tells_nothing() {
    let backend =
        Backend::with_members(json!({"passwordAuth": {"enabled": false, "identityFields": ["email"]}}));
    let told = methods(&backend, "members", "password,emailPassword").unwrap();
    assert_eq!(told, json!({"password": {"identityFields": [], "enabled": false}, "emailPassword": false}));
    backend.update_collection("members", json!({"passwordAuth": {"enabled": true}}));
    assert_eq!(
        methods(&backend, "members", "password.enabled").unwrap(),
        json!({"password": {"enabled": true}})
    );
}

#[test]
fn codes_and_second_factors_are_told_with_their_seconds() {
    let mfa = json!({"enabled": true, "duration": 60});
    let backend = Backend::with_members(json!({"otp": {"enabled": true, "duration": 90}, "mfa": mfa}));
    assert_eq!(
        methods(&backend, "members", "otp,mfa").unwrap(),
        json!({"mfa": {"enabled": true, "duration": 60}, "otp": {"enabled": true, "duration": 90}})
    );
}

#[test]
fn a_change_of_the_collection_is_told_by_instances_that_have_seen_it_before() {
    let backend = Backend::with_members(json!({}));
    methods(&backend, "members", "").unwrap();
    backend.sql(
        r#"UPDATE _collections SET options = json_set(options, '$.passwordAuth.enabled', json('false'))"#,
    );
    backend.sql("UPDATE _backspin SET value = 'another' WHERE name = 'schema_version'");
    assert_eq!(
        methods(&backend, "members", "password.enabled").unwrap(),
        json!({"password": {"enabled": false}})
    );
}

#[test]
fn other_collections_have_none() {
    let backend = Backend::with_superuser();
    let not_auth = "404 Missing or invalid auth collection context.";
    assert_eq!(refusal(methods(&backend, "_mfas", "")), not_auth);
    assert_eq!(refusal(methods(&backend, "nobody", "")), "404 Missing or invalid collection context.");
    assert!(refusal(methods(&backend, "users", ":x")).starts_with("400 "));
}
