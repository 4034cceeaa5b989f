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
fn a_refresh_takes_one_statement_and_with_a_rule_two() {
    for (rule, expected) in [("", 1), ("verified = true", 2)] {
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
fn the_record_is_the_same_by_one_statement_as_by_two() {
    let fields = json!([
        {"type": "bool", "name": "active"}, {"type": "number", "name": "rank"}, {"type": "json", "name": "notes"},
        {"type": "select", "name": "tags", "values": ["a", "b"], "maxSelect": 2},
        {"type": "geoPoint", "name": "place"}, {"type": "text", "name": "secret", "hidden": true},
        {"type": "password", "name": "pin"}, {"type": "text", "name": "name"}, {"type": "text", "name": "nick"},
    ]);
    let backend = Backend::with_members(json!({ "fields": fields }));
    let values = json!({
        "active": true, "rank": 1.5, "notes": {"a": ["\"", null]}, "tags": ["b", "a"],
        "place": {"lon": 1, "lat": -2.5}, "secret": "x", "pin": "12345",
    });
    backend.update("members", "bobbbbbbbbbbbbb", values);
    for (collection, identity) in [("members", "bob"), ("members", "alice"), ("_superusers", crate::ROOT)] {
        let token = backend.token(collection, identity);
        let by_one = backend.refresh(collection, json!({}), with_token(&token)).unwrap();
        // What cannot be expanded is left out, but it is a statement of its own.
        let shape = ReplyShape { expand: "nothing".into(), fields: "".into() };
        let by_two = backend.refresh(collection, json!({}), Asked { shape, ..with_token(&token) }).unwrap();
        assert_eq!(by_one["record"], by_two["record"]);
        let shape = ReplyShape { fields: "record.email".into(), ..ReplyShape::default() };
        let cut = backend.refresh(collection, json!({}), Asked { shape, ..with_token(&token) }).unwrap();
        assert_eq!(cut, json!({"record": {"email": by_one["record"]["email"]}}));
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
