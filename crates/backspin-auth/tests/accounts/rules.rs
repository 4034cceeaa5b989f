//! The auth rule: which accounts may sign in, and stay signed in.

use serde_json::json;

use crate::{Asked, Backend, PASSWORD, refusal, token, with_token};

const REFUSED: &str = "403 The request doesn't satisfy the collection requirements to authenticate.";

#[test]
fn the_rule_decides_who_signs_in() {
    let backend = Backend::with_members(json!({"authRule": "verified = true"}));
    backend.sign_in("members", "bob", PASSWORD).unwrap();
    assert_eq!(refusal(backend.sign_in("members", "alice", PASSWORD)), REFUSED);
}

#[test]
fn the_rule_tells_nothing_to_those_without_the_password() {
    for rule in [json!("verified = true"), json!(null)] {
        let backend = Backend::with_members(json!({"authRule": rule}));
        for identity in ["alice", "bob", "nobody"] {
            let refused = refusal(backend.sign_in("members", identity, "wrong horse"));
            assert_eq!(refused, "400 Failed to authenticate.");
        }
    }
}

#[test]
fn without_a_rule_nobody_signs_in_but_for_a_superuser() {
    let backend = Backend::with_members(json!({"authRule": null}));
    assert_eq!(refusal(backend.sign_in("members", "bob", PASSWORD)), REFUSED);
    let root = backend.token("_superusers", crate::ROOT);
    let body = json!({"identity": "bob", "password": PASSWORD});
    let reply = backend.post_credentials("members", body, with_token(&root)).unwrap();
    // The superuser has the account's token now, and it cannot stay.
    assert_eq!(reply["record"].get("secret"), None);
    assert_eq!(refusal(backend.refresh("members", json!({}), with_token(token(&reply)))), REFUSED);
}

#[test]
fn the_rule_sees_the_request() {
    let rule = "(@request.context = 'password' && @request.body.code = 'x' && @request.auth.id = '') || \
                (@request.context = 'default' && @request.query.code = 'y' && @request.auth.id = id)";
    let backend = Backend::with_members(json!({"authRule": rule}));
    assert_eq!(refusal(backend.sign_in("members", "bob", PASSWORD)), REFUSED);
    let body = json!({"identity": "bob", "password": PASSWORD, "code": "x"});
    let reply = backend.post_credentials("members", body.clone(), Asked::default()).unwrap();
    let bob = token(&reply);
    assert_eq!(refusal(backend.post_credentials("members", body, with_token(bob))), REFUSED);

    assert_eq!(refusal(backend.refresh("members", json!({"code": "x"}), with_token(bob))), REFUSED);
    let query = [("code".to_owned(), "y".to_owned())];
    let asked = Asked { query: &query, ..with_token(bob) };
    backend.refresh("members", json!({}), asked).unwrap();
}

#[test]
fn a_change_of_the_record_is_seen_at_the_next_refresh() {
    let backend = Backend::with_members(json!({"authRule": "age < 100"}));
    let bob = backend.token("members", "bob");
    backend.refresh("members", json!({}), with_token(&bob)).unwrap();
    backend.sql("UPDATE members SET age = 100");
    assert_eq!(refusal(backend.refresh("members", json!({}), with_token(&bob))), REFUSED);
}
