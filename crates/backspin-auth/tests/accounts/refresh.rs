//! A token for a later one.

use backspin_records::ReplyShape;
use serde_json::json;

use crate::{Asked, Backend, refusal, token, with_token};

#[test]
fn a_session_goes_on_with_a_later_token() {
    let backend = Backend::with_members(json!({"authToken": {"duration": 100}}));
    let first = backend.token("members", "bob");
    backend.app.env().advance_ms(60_000);
    let reply = backend.refresh("members", json!({}), with_token(&first)).unwrap();
    assert_eq!(reply["record"], backend.sign_in("members", "bob", crate::PASSWORD).unwrap()["record"]);
    backend.app.env().advance_ms(60_000);
    assert_eq!(backend.identify(Some(&first)), backspin_schema::Caller::Guest);
    let second = token(&reply);
    backend.refresh("members", json!({}), with_token(second)).unwrap();
    backend.app.env().advance_ms(40_000);
    assert!(refusal(backend.refresh("members", json!({}), with_token(second))).starts_with("401 "));
}

#[test]
fn a_refresh_takes_two_statements_and_with_a_rule_three() {
    for (rule, expected) in [("", 2), ("verified = true", 3)] {
        let backend = Backend::with_members(json!({"authRule": rule}));
        let bob = backend.token("members", "bob");
        backend.refresh("members", json!({}), with_token(&bob)).unwrap();
        backend.app.database().take();
        backend.refresh("members", json!({}), with_token(&bob)).unwrap();
        let statements = backend.app.database().take();
        assert_eq!(statements.len(), expected, "{statements:?}");
    }
}

#[test]
fn guests_and_others_are_refused() {
    let backend = Backend::with_members(json!({}));
    let (bob, root) = (backend.token("members", "bob"), backend.token("_superusers", crate::ROOT));
    let refused = |collection, asked| refusal(backend.refresh(collection, json!({}), asked));
    let requires_token = "401 The request requires valid record authorization token.";
    assert_eq!(refused("members", Asked::default()), requires_token);
    assert_eq!(refused("members", with_token("garbage")), requires_token);
    let unknown = "404 Missing or invalid collection context.";
    assert_eq!(refused("nowhere", Asked::default()), unknown);
    assert_eq!(refused("nowhere", with_token(&bob)), unknown);
    let requires = |name| format!("403 The request requires auth record from {name} collection.");
    assert_eq!(refused("users", with_token(&bob)), requires("members"));
    assert_eq!(refused("_mfas", with_token(&bob)), requires("members"));
    assert_eq!(refused("_superusers", with_token(&bob)), requires("members"));
    assert_eq!(refused("members", with_token(&root)), requires("_superusers"));
}

#[test]
fn a_superuser_stays_signed_in() {
    let backend = Backend::with_superuser();
    let root = backend.token("_superusers", crate::ROOT);
    let reply = backend.refresh("_superusers", json!({}), with_token(&root)).unwrap();
    assert!(backend.identify(Some(token(&reply))).is_superuser());
}

#[test]
fn the_reply_holds_what_was_asked_for() {
    let backend = Backend::with_members(json!({}));
    let bob = backend.token("members", "bob");
    let asked =
        Asked { shape: ReplyShape { expand: "".into(), fields: "record.email".into() }, ..with_token(&bob) };
    let reply = backend.refresh("members", json!({}), asked).unwrap();
    assert_eq!(reply, json!({"record": {"email": "bob@example.com"}}));
}
