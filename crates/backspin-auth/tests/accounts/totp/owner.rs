//! Authenticator apps, taken up and given up by their owners.

use backspin_auth::{remove_totp, view_totp};
use backspin_core::{ParameterPairs, Value};
use backspin_native::FixedEnv;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::json;

use super::{BOB, LATER, WRONG};
use crate::{Asked, Backend, PASSWORD, parse, post, refusal, token, with_token};

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn an_app_is_asked_for_from_its_first_code_on() {
    let backend = Backend::with_members(json!({}));
    let bob = backend.token("members", "bob");
    let off = json!({"enabled": false, "created": "", "recoveryCodes": 0});
    assert_eq!(backend.totp("", json!({}), with_token(&bob)).unwrap(), off);
    let made = backend.totp("request", json!({"password": PASSWORD}), with_token(&bob)).unwrap();
    let uri = made["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Acme:bob%40example%2Ecom?secret="), "{uri}");
    // Not in use yet.
    token(&backend.sign_in("members", "bob", PASSWORD).unwrap());
    let code = |code: &str| backend.totp("confirm", json!({"code": code}), with_token(&bob));
    assert_eq!(refusal(code("12345")), WRONG);
    let confirmed = code(&backend.code(made["secret"].as_str().unwrap())).unwrap();
    let codes = confirmed["recoveryCodes"].as_array().unwrap();
    assert!(codes.len() == 10 && codes.iter().all(|code| code.as_str().unwrap().len() == 19), "{codes:?}");
    let state = backend.totp("", json!({}), with_token(&bob)).unwrap();
    assert_eq!((&state["enabled"], &state["recoveryCodes"]), (&json!(true), &json!(10)));
    backend.first_factor();
    // Others are asked for nothing.
    token(&backend.sign_in("members", "alice", PASSWORD).unwrap());
    let again = backend.totp("request", json!({"password": PASSWORD}), with_token(&bob));
    assert_eq!(refusal(again), "400 The account has an authenticator app, which has to be removed first.");
}

#[test]
fn a_stolen_token_takes_nothing_up_and_gives_nothing_up() {
    let backend = Backend::with_members(json!({}));
    let bob = backend.token("members", "bob");
    let request = |body| refusal(backend.totp("request", body, with_token(&bob)));
    assert_eq!(request(json!({})), "400 password:validation_required");
    assert_eq!(request(json!({"password": "wrong horse"})), "400 password:validation_invalid_password");
    (0..4).for_each(|_| assert!(request(json!({"password": "x"})).starts_with("400")));
    assert_eq!(request(json!({"password": PASSWORD})), LATER);
    backend.app.env().advance_ms(60_000);
    let (bob, _, _) = backend.take_up();
    for action in ["disable", "recovery-codes"] {
        assert_eq!(refusal(backend.totp(action, json!({"code": "1"}), with_token(&bob))), WRONG);
        assert_eq!(
            refusal(backend.totp(action, json!({}), with_token(&bob))),
            "400 code:validation_required"
        );
    }
    for action in ["", "request", "confirm", "disable", "recovery-codes"] {
        assert!(refusal(backend.totp(action, json!({}), Asked::default())).starts_with("401"), "{action}");
    }
}

#[test]
fn one_who_came_by_a_code_from_the_mail_needs_no_password_for_ten_minutes() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    let asked = backend.flow("members", "request-otp", json!({"email": "bob@example.com"})).unwrap();
    let body = json!({"otpId": asked["otpId"], "password": backend.last_mail().code()});
    let reply = backend.flow("members", "auth-with-otp", body).unwrap();
    let bob = token(&reply);
    backend.totp("request", json!({}), with_token(bob)).unwrap();
    backend.app.env().advance_ms(10 * 60_000 + 1);
    assert_eq!(
        refusal(backend.totp("request", json!({}), with_token(bob))),
        "400 password:validation_required"
    );
}

#[test]
fn an_old_token_that_was_exchanged_is_no_proof() {
    let backend = Backend::with_members(json!({}));
    let old = crate::tokens::without_session(&backend);
    let reply = backend.refresh("members", json!({}), with_token(&old)).unwrap();
    assert_eq!(
        refusal(backend.totp("request", json!({}), with_token(token(&reply)))),
        "400 password:validation_required"
    );
}

#[test]
fn an_account_whose_email_is_not_verified_is_not_locked_for_its_owner() {
    let backend = Backend::with_members(json!({}));
    let alice = backend.token("members", "alice");
    let refused = backend.totp("request", json!({"password": PASSWORD}), with_token(&alice));
    assert_eq!(refusal(refused), "400 The email of the account has to be verified first.");
}

#[test]
fn an_app_is_given_up_by_a_code_by_a_superuser_or_with_the_account() {
    let backend = Backend::with_members(json!({}));
    let (bob, _, codes) = backend.take_up();
    backend.totp("disable", json!({"recoveryCode": codes[0]}), with_token(&bob)).unwrap();
    token(&backend.sign_in("members", "bob", PASSWORD).unwrap());
    let off = refusal(backend.totp("disable", json!({"recoveryCode": codes[1]}), with_token(&bob)));
    assert_eq!(off, "400 The account has no authenticator app.");

    let (bob, _, _) = backend.take_up();
    let (caller, root) = (backend.identify(Some(&bob)), backend.root());
    let none = ParameterPairs::NONE;
    let remove =
        |caller: &Caller, id| block_on(remove_totp(&backend.app, &post(caller, &none), "members", id));
    assert_eq!(remove(&caller, BOB).unwrap_err().status(), 403);
    assert_eq!(remove(&Caller::Guest, BOB).unwrap_err().status(), 401);
    assert_eq!(remove(&root, "aliceaaaaaaaaaa").unwrap_err().status(), 404);
    let state = block_on(view_totp(&backend.app, &post(&root, &none), "members", Some(BOB))).unwrap();
    assert_eq!(parse(state)["enabled"], true);
    let others = block_on(view_totp(&backend.app, &post(&caller, &none), "members", Some(BOB)));
    assert_eq!(others.unwrap_err().status(), 403);
    remove(&root, BOB).unwrap();
    token(&backend.sign_in("members", "bob", PASSWORD).unwrap());

    backend.take_up();
    block_on(backspin_records::delete(&backend.app, &post(&root, &none), "members", BOB)).unwrap();
    assert!(backend.sql("SELECT 1 FROM _totps").is_empty());
}

#[test]
fn a_secret_is_sealed_for_its_place_and_in_no_reply_or_log() {
    let env = FixedEnv::new().with_variable("secret_key", KEY);
    let backend = Backend::with_members_in(env, json!({}));
    let (_, secret, codes) = backend.take_up();
    let rows = format!("{:?}", backend.sql("SELECT * FROM _totps"));
    assert!(rows.contains("sealed:") && !rows.contains(&secret), "{rows}");
    assert!(codes.iter().all(|code| !rows.contains(code.as_str())), "{rows}");
    let log = format!("{:?}", backend.sql("SELECT * FROM _changes"));
    assert!(!log.contains(&secret) && !log.contains("sealed:"));
    let reply = backend.complete(&backend.first_factor(), &backend.code(&secret)).unwrap();
    assert!(!reply.to_string().contains(&secret));
    // Put into another account's row it cannot be opened.
    backend.sql("UPDATE _totps SET recordRef = 'aliceaaaaaaaaaa'");
    let alice = backend.sign_in("members", "alice", PASSWORD).unwrap();
    backend.next_step();
    let moved = backend.complete(alice["mfaId"].as_str().unwrap(), &backend.code(&secret));
    assert_eq!(moved.unwrap_err().status(), 500);
}

#[test]
fn without_the_key_secrets_are_kept_as_they_are_and_a_short_key_is_refused() {
    let backend = Backend::with_members(json!({}));
    backend.take_up();
    let stored = backend.sql("SELECT secret FROM _totps").remove(0).remove(0);
    assert!(matches!(&stored, Value::Text(stored) if stored.starts_with("plain:")), "{stored:?}");
    let backend = backend.under(FixedEnv::new().with_variable("secret_key", "short"));
    assert_eq!(backend.sign_in("members", "alice", PASSWORD).unwrap_err().status(), 500);
}
