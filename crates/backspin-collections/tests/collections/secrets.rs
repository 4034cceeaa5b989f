//! The secrets of identity providers, where the operator has set a key.

use backspin_core::Value;
use backspin_schema::collection::secret_place;
use backspin_secrets::SecretKey;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, FixedEnv, superuser};

const KEY: &str = "0123456789abcdef0123456789abcdef";

impl Backend {
    fn stored_secret(&self, collection: &str) -> String {
        let sql = format!(
            "SELECT options ->> '$.oauth2.providers[0].clientSecret' FROM _collections WHERE name = '{collection}'"
        );
        match self.sql(&sql).remove(0).remove(0) {
            Value::Text(secret) => secret,
            other => panic!("{other:?}"),
        }
    }

    /// As the provider is told it.
    fn secret(&self, collection: &str) -> String {
        let key = block_on(SecretKey::of(&FixedEnv::new().with_variable("secret_key", KEY))).unwrap();
        let id = self.get(collection)["id"].as_str().unwrap().to_owned();
        key.unseal_text(&self.stored_secret(collection), &secret_place(&id, "google")).unwrap()
    }
}

fn google(secret: &str) -> Json {
    let mut google = json!({"name": "google", "clientId": "a"});
    if !secret.is_empty() {
        google["clientSecret"] = secret.into();
    }
    json!({"oauth2": {"enabled": true, "providers": [google]}})
}

fn members(secret: &str) -> Json {
    let mut members = google(secret);
    members["name"] = "members".into();
    members["type"] = "auth".into();
    members
}

#[test]
fn they_are_sealed_wherever_they_come_from() {
    let backend = Backend::new().with_key(KEY);
    let is_sealed = |secret: &str| {
        let stored = backend.stored_secret("members");
        stored.starts_with("sealed:") && !stored.contains(secret) && backend.secret("members") == secret
    };
    backend.create(&superuser(), members("one")).unwrap();
    assert!(is_sealed("one"));
    assert!(!backend.update("members", google("two")).unwrap().to_string().contains("sealed:"));
    assert!(is_sealed("two"));
    backend.import(&superuser(), json!({"collections": [members("three")]})).unwrap();
    assert!(is_sealed("three"));
    backend.migrate(json!({"collections": [members("four")]})).unwrap();
    assert!(is_sealed("four"));

    backend.revert(json!({})).unwrap();
    assert!(is_sealed("three"));
    for (name, kept) in [
        ("members", json!({"listRule": ""})),
        ("members", google("")),
        ("members", json!({"name": "people"})),
        ("people", json!({"name": "members"})),
    ] {
        backend.update(name, kept).unwrap();
    }
    assert!(is_sealed("three"));
}

#[test]
fn a_secret_that_is_sent_again_is_no_change() {
    let backend = Backend::new().with_key(KEY);
    backend.create(&superuser(), members("one")).unwrap();
    let plan = |secret: &str| backend.plan(json!({"collections": [members(secret)]})).unwrap();
    assert_eq!(plan("one")["steps"], json!([]));
    assert_eq!(plan("")["steps"], json!([]));
    assert_ne!(plan("two")["steps"], json!([]));
}

#[test]
fn one_that_was_entered_before_there_was_a_key_is_sealed_by_the_next_change() {
    let backend = Backend::new();
    backend.create(&superuser(), members("one")).unwrap();
    assert_eq!(backend.stored_secret("members"), "one");
    let backend = backend.with_key(KEY);
    assert_eq!(backend.secret("members"), "one");
    // Nothing has to be done only for a key that is set.
    assert_eq!(backend.plan(json!({"collections": [members("")]})).unwrap()["steps"], json!([]));
    backend.update("members", json!({"listRule": ""})).unwrap();
    assert_ne!(backend.stored_secret("members"), "one");
    assert_eq!(backend.secret("members"), "one");

    // Without the key it is kept for the day when the key is back.
    let before = backend.stored_secret("members");
    let backend = backend.with_key("");
    backend.update("members", google("")).unwrap();
    backend.update("members", json!({"listRule": null})).unwrap();
    assert_eq!(backend.stored_secret("members"), before);
}
