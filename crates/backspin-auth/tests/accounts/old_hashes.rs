//! Passwords that are kept as bcrypt hashes, as PocketBase keeps them.

use backspin_core::Value;
use serde_json::json;

use crate::{Backend, PASSWORD, refusal};

/// Of the usual password, with the lowest cost.
fn bcrypt_hash() -> String {
    bcrypt::hash_with_salt(PASSWORD, 4, [7; 16]).unwrap().to_string()
}

fn stored_hash(backend: &Backend) -> String {
    match backend.sql("SELECT password FROM members WHERE name = 'bob'").remove(0).remove(0) {
        Value::Text(hash) => hash,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bcrypt_hash_is_accepted_once_and_kept_as_argon2_from_then_on() {
    let backend = Backend::with_members(json!({}));
    backend.sql(&format!("UPDATE members SET password = '{}'", bcrypt_hash()));
    let session = backend.token("members", "bob");
    let renewed = stored_hash(&backend);
    assert!(renewed.starts_with("$argon2id$"), "{renewed}");
    assert_ne!(backend.identify(Some(&session)), backspin_schema::Caller::Guest);
    backend.token("members", "bob");
    assert_eq!(stored_hash(&backend), renewed);
    // It is logged as what the account itself has done.
    let sql = "SELECT actor = collection || '/' || record, secrets LIKE '%password%' FROM _changes WHERE action = 'update' ORDER BY seq DESC LIMIT 1";
    assert_eq!(backend.sql(sql), [[Value::Integer(1), Value::Integer(1)]]);
}

#[test]
fn a_wrong_password_changes_nothing() {
    let backend = Backend::with_members(json!({}));
    backend.sql(&format!("UPDATE members SET password = '{}'", bcrypt_hash()));
    assert_eq!(refusal(backend.sign_in("members", "bob", "wrong horse")), "400 Failed to authenticate.");
    assert_eq!(stored_hash(&backend), bcrypt_hash());
}
