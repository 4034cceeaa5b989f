//! One-time passwords.

use backspin_core::{Error, Value};
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, refusal, token};

const BOB: &str = "bob@example.com";
const WRONG: &str = "400 Invalid or expired OTP.";
const TOO_MANY: &str = "429 Too many attempts, please try again later with a new OTP.";

fn backend(options: Json) -> Backend {
    let mut with_codes = json!({"otp": {"enabled": true, "length": 6, "duration": 60}});
    with_codes.as_object_mut().unwrap().extend(crate::object(options));
    Backend::with_members(with_codes)
}

/// The id and the code that are mailed to this address.
fn ask(backend: &Backend, email: &str) -> (String, String) {
    let before = backend.mails().len();
    let reply = backend.flow("members", "request-otp", json!({"email": email})).unwrap();
    assert_eq!(backend.mails().len(), before + 1, "no mail");
    (reply["otpId"].as_str().unwrap().to_owned(), backend.last_mail().code())
}

fn sign_in(backend: &Backend, (id, code): (&str, &str), mfa_id: &str) -> Result<Json, Error> {
    backend.flow("members", "auth-with-otp", json!({"otpId": id, "password": code, "mfaId": mfa_id}))
}

/// Another code of six digits.
fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_code_signs_in_once() {
    let backend = backend(json!({}));
    let (id, code) = ask(&backend, BOB);
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_eq!(refusal(sign_in(&backend, (&id, other(&code)), "")), WRONG);
    let reply = sign_in(&backend, (&id, &code), "").unwrap();
    assert_eq!(reply["record"]["email"], BOB);
    assert_ne!(backend.identify(Some(token(&reply))), Caller::Guest);
    assert_eq!(refusal(sign_in(&backend, (&id, &code), "")), WRONG);
    // A verified account keeps its password.
    backend.sign_in("members", "bob", PASSWORD).unwrap();
}

#[test]
fn a_code_is_kept_as_a_hash_and_not_in_the_change_log() {
    let backend = backend(json!({}));
    let (_, code) = ask(&backend, BOB);
    let Value::Text(hash) = backend.sql("SELECT password FROM _otps").remove(0).remove(0) else { panic!() };
    assert!(hash.starts_with("$argon2id$") && !hash.contains(&code), "{hash}");
    let log = format!("{:?}", backend.sql("SELECT * FROM _changes"));
    assert!(!log.contains(&hash) && !log.contains(&code));
}

#[test]
fn a_code_can_be_tried_five_times_by_all_together() {
    let backend = backend(json!({}));
    let (id, code) = ask(&backend, BOB);
    for _ in 0..5 {
        assert_eq!(refusal(sign_in(&backend, (&id, other(&code)), "")), WRONG);
    }
    assert_eq!(refusal(sign_in(&backend, (&id, &code), "")), TOO_MANY);
    let (id, code) = ask(&backend, BOB);
    token(&sign_in(&backend, (&id, &code), "").unwrap());
    // The ids of accounts that there are not are counted alike.
    let unknown = backend.flow("members", "request-otp", json!({"email": "nobody@example.com"})).unwrap();
    let unknown = unknown["otpId"].as_str().unwrap();
    for _ in 0..5 {
        assert_eq!(refusal(sign_in(&backend, (unknown, "000000"), "")), WRONG);
    }
    assert_eq!(refusal(sign_in(&backend, (unknown, "000000"), "")), TOO_MANY);
}

#[test]
fn codes_to_one_address_become_rare_and_the_reply_does_not_tell() {
    let backend = backend(json!({}));
    for email in [BOB, "nobody@example.com"] {
        let before = backend.mails().len();
        let mut ids: Vec<_> = (0..8)
            .map(|_| backend.flow("members", "request-otp", json!({"email": email})).unwrap().to_string())
            .collect();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        assert_eq!(backend.mails().len() - before, if email == BOB { 5 } else { 0 });
    }
    backend.app.env().advance_ms(60_001);
    ask(&backend, BOB);
}

#[test]
fn a_code_is_of_its_time_collection_and_email() {
    let backend = backend(json!({}));
    let (id, code) = ask(&backend, BOB);
    backend.update_collection("users", json!({"otp": {"enabled": true}}));
    let elsewhere = backend.flow("users", "auth-with-otp", json!({"otpId": id, "password": code}));
    assert_eq!(refusal(elsewhere), WRONG);
    backend.app.env().advance_ms(60_001);
    assert_eq!(refusal(sign_in(&backend, (&id, &code), "")), WRONG);
    let (id, code) = ask(&backend, BOB);
    backend.update("members", "bobbbbbbbbbbbbb", json!({"email": "other@example.com"}));
    assert_eq!(refusal(sign_in(&backend, (&id, &code), "")), WRONG);
}

#[test]
fn an_unverified_account_is_verified_by_a_code_and_loses_what_another_may_have_set() {
    let backend = backend(json!({}));
    let session = backend.token("members", "alice");
    let (id, code) = ask(&backend, "Alice@example.com");
    let reply = sign_in(&backend, (&id, &code), "").unwrap();
    assert_eq!(reply["record"]["verified"], true);
    assert_ne!(backend.identify(Some(token(&reply))), Caller::Guest);
    assert_eq!(backend.identify(Some(&session)), Caller::Guest);
    assert_eq!(refusal(backend.sign_in("members", "alice", PASSWORD)), "400 Failed to authenticate.");
}

#[test]
fn bad_input_and_collections_without_codes_are_refused() {
    let backend = backend(json!({}));
    let refused = |collection, body| refusal(backend.flow(collection, "auth-with-otp", body));
    assert_eq!(refused("members", json!({})), "400 otpId:validation_required password:validation_required");
    let long = json!({"otpId": "x".repeat(256), "password": "y".repeat(72)});
    let out_of_range = "400 otpId:validation_length_out_of_range password:validation_length_out_of_range";
    assert_eq!(refused("members", long), out_of_range);
    assert_eq!(refused("nowhere", json!({})), "404 Missing or invalid collection context.");
    assert_eq!(refused("_mfas", json!({})), "404 Missing or invalid auth collection context.");
    let off = "403 The collection is not configured to allow OTP authentication.";
    assert_eq!(refused("users", json!({})), off);
    assert_eq!(refusal(backend.flow("users", "request-otp", json!({}))), off);
}

#[test]
fn the_auth_rule_holds_and_the_code_is_used_up_by_it() {
    let backend = backend(json!({"authRule": "@request.context != 'otp'"}));
    let (id, code) = ask(&backend, BOB);
    let refused = "403 The request doesn't satisfy the collection requirements to authenticate.";
    assert_eq!(refusal(sign_in(&backend, (&id, &code), "")), refused);
    assert_eq!(refusal(sign_in(&backend, (&id, &code), "")), WRONG);
    backend.sign_in("members", "bob", PASSWORD).unwrap();
}

#[test]
fn a_code_and_a_password_are_two_factors_in_either_order() {
    let backend = backend(json!({"mfa": {"enabled": true, "duration": 60}}));
    let mfa_id = |reply: &Json| reply["mfaId"].as_str().unwrap().to_owned();

    let first = mfa_id(&backend.sign_in("members", "bob", PASSWORD).unwrap());
    let (id, code) = ask(&backend, BOB);
    token(&sign_in(&backend, (&id, &code), &first).unwrap());

    let (id, code) = ask(&backend, BOB);
    let first = mfa_id(&sign_in(&backend, (&id, &code), "").unwrap());
    let (id, code) = ask(&backend, BOB);
    let same = refusal(sign_in(&backend, (&id, &code), &first));
    assert_eq!(same, "400 A different authentication method is required.");
    let body = json!({"identity": "bob", "password": PASSWORD, "mfaId": first});
    token(&backend.post_credentials("members", body, Asked::default()).unwrap());

    // One who is not verified keeps the password: it alone lets nobody in.
    let first = mfa_id(&backend.sign_in("members", "alice", PASSWORD).unwrap());
    let (id, code) = ask(&backend, "Alice@example.com");
    token(&sign_in(&backend, (&id, &code), &first).unwrap());
    mfa_id(&backend.sign_in("members", "alice", PASSWORD).unwrap());
}
