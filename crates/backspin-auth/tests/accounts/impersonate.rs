//! A superuser takes on another account.

use backspin_schema::Caller;
use serde_json::json;

use crate::{Backend, refusal, token, with_token};

const BOB: (&str, &str) = ("members", "bobbbbbbbbbbbbb");

#[test]
fn a_superuser_becomes_somebody_else_whatever_the_auth_rule() {
    let backend =
        Backend::with_members(json!({"authRule": null, "mfa": {"enabled": true}, "otp": {"enabled": true}}));
    let reply = backend.impersonate(&backend.root(), ("members", "aliceaaaaaaaaaa"), json!({})).unwrap();
    assert_eq!(reply["record"]["email"], "Alice@example.com");
    assert_eq!(reply["record"].get("secret"), None);
    match backend.identify(Some(token(&reply))) {
        Caller::Record(record) => assert_eq!(record.id(), "aliceaaaaaaaaaa"),
        other => panic!("the token is not believed: {other:?}"),
    }
}

#[test]
fn the_token_lasts_as_long_as_asked_for_and_cannot_be_refreshed() {
    let backend = Backend::with_members(json!({"authToken": {"duration": 100}}));
    for (duration, seconds) in [(json!(null), 100), (json!(0), 100), (json!(10), 10), (json!(1000), 1000)] {
        let reply = backend.impersonate(&backend.root(), BOB, json!({"duration": duration})).unwrap();
        let first = token(&reply);
        backend.app.env().advance_ms(seconds * 1000 - 1000);
        let again = backend.refresh("members", json!({}), with_token(first)).unwrap();
        assert_eq!(token(&again), first);
        backend.app.env().advance_ms(1000);
        assert_eq!(backend.identify(Some(first)), Caller::Guest);
    }
}

#[test]
fn only_superusers_may() {
    let backend = Backend::with_members(json!({}));
    let bob = backend.identify(Some(&backend.token("members", "bob")));
    let requires_token = "401 The request requires valid record authorization token.";
    for path in [BOB, ("nowhere", "x"), ("_superusers", "x")] {
        assert_eq!(refusal(backend.impersonate(&Caller::Guest, path, json!({}))), requires_token);
        let refused = refusal(backend.impersonate(&bob, path, json!({})));
        assert_eq!(refused, "403 The authorized record is not allowed to perform this action.");
    }
}

#[test]
fn unknown_records_are_not_found() {
    let backend = Backend::with_members(json!({}));
    let refused = |path| refusal(backend.impersonate(&backend.root(), path, json!({"duration": -1})));
    assert_eq!(refused(("members", "nobody")), "404 The requested resource wasn't found.");
    for collection in ["nowhere", "_mfas"] {
        assert_eq!(refused((collection, "x")), "404 Missing or invalid auth collection context.");
    }
}

#[test]
fn a_duration_is_a_whole_number_of_seconds() {
    let backend = Backend::with_members(json!({}));
    let refused =
        |duration| refusal(backend.impersonate(&backend.root(), BOB, json!({"duration": duration})));
    assert_eq!(refused(json!(-1)), "400 duration:validation_min_greater_equal_than_required");
    assert_eq!(refused(json!(i64::MAX)), "400 duration:validation_max_less_equal_than_required");
    for bad in [json!("60"), json!(1.5), json!(true), json!([1]), json!(u64::MAX)] {
        assert_eq!(refused(bad), "400 An error occurred while loading the submitted data.");
    }
}
