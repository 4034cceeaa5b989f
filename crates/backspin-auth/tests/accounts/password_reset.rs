//! A new password by mail.

use backspin_core::Error;
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, ROOT, refusal};

const NEW: &str = "another horse";

fn confirm(backend: &Backend, token: &str, password: &str, again: &str) -> Result<Json, Error> {
    let body = json!({"token": token, "password": password, "passwordConfirm": again});
    backend.flow("members", "confirm-password-reset", body)
}

#[test]
fn the_token_from_the_mail_sets_a_password_ends_sessions_and_verifies() {
    let backend = Backend::with_members(json!({}));
    let session = backend.token("members", "alice");
    let mailed = backend.mailed_token("request-password-reset", "Alice@example.com");
    confirm(&backend, &mailed, NEW, NEW).unwrap();
    assert_eq!(backend.identify(Some(&session)), Caller::Guest);
    assert_eq!(refusal(backend.sign_in("members", "alice", PASSWORD)), "400 Failed to authenticate.");
    let reply = backend.sign_in("members", "alice", NEW).unwrap();
    assert_eq!(reply["record"]["verified"], true);
    assert_eq!(refusal(confirm(&backend, &mailed, PASSWORD, PASSWORD)), "400 token:validation_invalid_token");
}

#[test]
fn an_account_that_holds_more_than_a_mail_is_asked_for_as_one_that_is_not_there() {
    let template = json!({"subject": "Reset", "body": "{TOKEN} {RECORD:name}"});
    let backend = Backend::with_members(json!({ "resetPasswordTemplate": template }));
    let name = "<".repeat(400_000);
    backend.sql(&format!("UPDATE members SET name = '{name}' WHERE name = 'bob'"));
    for email in ["bob@example.com", "nobody@example.com"] {
        backend.flow("members", "request-password-reset", json!({ "email": email })).unwrap();
    }
    let mails = backend.mails();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "bob@example.com"));
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_changes_nothing() {
    let backend = Backend::with_members(json!({}));
    let mailed = backend.mailed_token("request-password-reset", "bob@example.com");
    let refused =
        |token: &str, password: &str, again: &str| refusal(confirm(&backend, token, password, again));
    assert_eq!(
        refused("", "", ""),
        "400 password:validation_required passwordConfirm:validation_required token:validation_required"
    );
    assert_eq!(
        refused("junk", "short", "x"),
        "400 password:validation_length_out_of_range passwordConfirm:validation_values_mismatch \
         token:validation_invalid_token"
    );
    assert_eq!(refused(&mailed, NEW, "x"), "400 passwordConfirm:validation_values_mismatch");
    let long = "x".repeat(73);
    assert_eq!(refused(&mailed, &long, &long), "400 password:validation_invalid_value");
    let elsewhere = json!({"token": mailed, "password": NEW, "passwordConfirm": NEW});
    let elsewhere = refusal(backend.flow("users", "confirm-password-reset", elsewhere));
    assert_eq!(elsewhere, "400 token:validation_token_collection_mismatch");
    backend.sign_in("members", "bob", PASSWORD).unwrap();
}

#[test]
fn other_kinds_of_tokens_and_old_ones_are_refused() {
    let backend = Backend::with_members(json!({}));
    let verification = backend.mailed_token("request-verification", "Alice@example.com");
    let reset = backend.mailed_token("request-password-reset", "Alice@example.com");
    let session = backend.token("members", "alice");
    let invalid = "400 token:validation_invalid_token";
    for token in [&verification, &session] {
        assert_eq!(refusal(confirm(&backend, token, NEW, NEW)), invalid);
    }
    backend.app.env().advance_ms(1_800_000);
    assert_eq!(refusal(confirm(&backend, &reset, NEW, NEW)), invalid);
}

#[test]
fn a_collection_without_passwords_has_none_to_reset() {
    let backend = Backend::with_members(json!({"passwordAuth": {"enabled": false}}));
    let refused =
        refusal(backend.flow("members", "request-password-reset", json!({"email": "bob@example.com"})));
    assert_eq!(refused, "400 The collection is not configured to allow password authentication.");
}

#[test]
fn superusers_can_reset_theirs_and_known_devices_are_forgotten() {
    let backend = Backend::with_superuser();
    backend.sign_in("_superusers", ROOT, PASSWORD).unwrap();
    assert_eq!(backend.sql("SELECT 1 FROM _authOrigins").len(), 1);
    backend.flow("_superusers", "request-password-reset", json!({"email": ROOT})).unwrap();
    let body = json!({"token": backend.last_mail().token(), "password": NEW, "passwordConfirm": NEW});
    backend.flow_asked("_superusers", "confirm-password-reset", body, Asked::default()).unwrap();
    assert!(backend.sql("SELECT 1 FROM _authOrigins").is_empty());
    backend.sign_in("_superusers", ROOT, NEW).unwrap();
}
