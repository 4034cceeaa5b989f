//! Where one method is not enough.

use backspin_core::Value;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, refusal, token};

const BOB: &str = "bobbbbbbbbbbbbb";
const UNKNOWN: &str = "400 Invalid or expired MFA session.";

fn backend(rule: &str) -> Backend {
    let mfa = json!({"enabled": true, "duration": 60, "rule": rule});
    Backend::with_members(json!({"mfa": mfa, "otp": {"enabled": true}}))
}

/// Bob signs in with his password and this id.
fn sign_in(backend: &Backend, id: impl Into<Json>) -> Result<Json, backspin_core::Error> {
    let body = json!({"identity": "bob", "password": PASSWORD, "mfaId": id.into()});
    backend.post_credentials("members", body, Asked::default())
}

/// What a sign-in by another method would have left.
fn remember(backend: &Backend, id: &str, record: &str, method: &str) {
    let (collection, now) = (backend.members_id(), backspin_core::Env::now(backend.app.env()).to_string());
    backend.sql(&format!(
        "INSERT INTO _mfas (id, collectionRef, recordRef, method, created, updated) \
         VALUES ('{id}', '{collection}', '{record}', '{method}', '{now}', '{now}')"
    ));
}

fn remembered(backend: &Backend) -> Value {
    backend.sql("SELECT count(*) FROM _mfas").remove(0).remove(0)
}

#[test]
fn a_password_alone_yields_no_token() {
    let backend = backend("");
    let reply = backend.sign_in("members", "bob", PASSWORD).unwrap();
    assert_eq!(reply.as_object().unwrap().keys().collect::<Vec<_>>(), ["mfaId"]);
    let same_method = "400 A different authentication method is required.";
    assert_eq!(refusal(sign_in(&backend, reply["mfaId"].clone())), same_method);
    assert_eq!(refusal(backend.sign_in("members", "bob", "wrong horse")), "400 Failed to authenticate.");
}

#[test]
fn a_password_completes_another_method_once() {
    let backend = backend("");
    remember(&backend, "first0000000000", BOB, "otp");
    let reply = sign_in(&backend, "first0000000000").unwrap();
    assert_ne!(backend.identify(Some(token(&reply))), backspin_schema::Caller::Guest);
    assert_eq!(refusal(sign_in(&backend, "first0000000000")), UNKNOWN);

    remember(&backend, "second000000000", BOB, "oauth2");
    let query = [("mfaId".to_owned(), "second000000000".to_owned())];
    let body = json!({"identity": "bob", "password": PASSWORD});
    backend.post_credentials("members", body, Asked { query: &query, ..Asked::default() }).unwrap();
}

#[test]
fn only_ones_own_and_recent_first_factor_counts() {
    let backend = backend("");
    remember(&backend, "alices000000000", "aliceaaaaaaaaaa", "otp");
    remember(&backend, "bobs00000000000", BOB, "otp");
    assert_eq!(refusal(sign_in(&backend, "alices000000000")), "400 Invalid MFA session.");
    assert_eq!(refusal(sign_in(&backend, "nothing")), UNKNOWN);
    assert_eq!(refusal(sign_in(&backend, 5)), "400 Failed to read MFA Id.");
    backend.app.env().advance_ms(60_001);
    assert_eq!(refusal(sign_in(&backend, "bobs00000000000")), UNKNOWN);
    // What is over is forgotten with the next one that is remembered: his own, and only his.
    sign_in(&backend, "").unwrap();
    assert_eq!(remembered(&backend), Value::Integer(2));
}

#[test]
fn a_rule_says_who_is_asked() {
    let backend = backend("verified = true");
    token(&backend.sign_in("members", "alice", PASSWORD).unwrap());
    assert!(sign_in(&backend, "").unwrap()["mfaId"].is_string());
}
