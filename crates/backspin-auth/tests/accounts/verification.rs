//! Proving that an email is one's own.

use serde_json::{Value as Json, json};

use crate::{Backend, PASSWORD, refusal, token, with_token};

const ALICE: &str = "Alice@example.com";

fn verified(backend: &Backend, id: &str) -> bool {
    !backend.sql(&format!("SELECT 1 FROM members WHERE id = '{id}' AND verified")).is_empty()
}

fn confirm(backend: &Backend, collection: &str, token: &str) -> Result<Json, backspin_core::Error> {
    backend.flow(collection, "confirm-verification", json!({"token": token}))
}

#[test]
fn the_token_from_the_mail_verifies_and_the_session_goes_on() {
    let backend = Backend::with_members(json!({}));
    let session = backend.token("members", "alice");
    let mailed = backend.mailed_token("request-verification", ALICE);
    assert_eq!(backend.last_mail().to, ALICE);
    confirm(&backend, "members", &mailed).unwrap();
    assert!(verified(&backend, "aliceaaaaaaaaaa"));
    backend.refresh("members", json!({}), with_token(&session)).unwrap();
    // Once more is no error, as in PocketBase.
    confirm(&backend, "members", &mailed).unwrap();
    let by = backend.sql("SELECT actor FROM _changes ORDER BY seq DESC LIMIT 1").remove(0).remove(0);
    assert_eq!(by, format!("{}/aliceaaaaaaaaaa", backend.members_id()).into());
}

#[test]
fn mail_goes_to_the_unverified_and_not_twice_within_two_minutes() {
    let backend = Backend::with_members(json!({}));
    let ask = |email| {
        backend.flow("members", "request-verification", json!({"email": email})).unwrap();
        backend.mails().len()
    };
    assert_eq!(ask("bob@example.com"), 0);
    assert_eq!(ask(ALICE), 1);
    assert_eq!(ask(ALICE), 1);
    backend.app.env().advance_ms(119_000);
    assert_eq!(ask(ALICE), 1);
    backend.app.env().advance_ms(1_001);
    assert_eq!(ask(ALICE), 2);
}

#[test]
fn links_lead_to_the_application_of_the_settings() {
    let backend = Backend::with_members(json!({}));
    let headers = [("host".to_owned(), "evil.example".to_owned())];
    let asked = crate::Asked { headers: &headers, ..Default::default() };
    backend.flow_asked("members", "request-verification", json!({"email": ALICE}), asked).unwrap();
    let html = backend.last_mail().html;
    assert!(html.contains("http://localhost:3000/_/#/auth/confirm-verification/"), "{html}");
    assert!(!html.contains("evil"), "{html}");
}

#[test]
fn only_a_whole_and_recent_token_of_this_kind_and_collection_counts() {
    let backend = Backend::with_members(json!({}));
    let mailed = backend.mailed_token("request-verification", ALICE);
    let reset = backend.mailed_token("request-password-reset", ALICE);
    let session = backend.token("members", "alice");
    let refused = |token: &str| refusal(confirm(&backend, "members", token));
    let no_claims = "400 token:validation_invalid_token_claims";
    let invalid = "400 token:validation_invalid_token";
    assert_eq!(refused(""), "400 token:validation_required");
    for token in ["junk", &session] {
        assert_eq!(refused(token), no_claims);
    }
    let (signed, _) = mailed.rsplit_once('.').unwrap();
    let (_, claims) = signed.split_once('.').unwrap();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    assert_eq!(refused(&unsigned), invalid);
    for token in [&reset, &format!("{signed}.AAAA"), &format!("{mailed}A")] {
        assert!([invalid, no_claims].contains(&refused(token).as_str()), "{token}");
    }
    let elsewhere = refusal(confirm(&backend, "users", &mailed));
    assert_eq!(elsewhere, "400 token:validation_token_collection_mismatch");
    assert!(!verified(&backend, "aliceaaaaaaaaaa"));
    backend.app.env().advance_ms(86_400_000);
    assert_eq!(refused(&mailed), invalid);
}

#[test]
fn a_new_email_or_password_makes_the_token_void() {
    for change in [
        json!({"email": "new@example.com"}),
        json!({"password": "other horse", "passwordConfirm": "other horse"}),
    ] {
        let backend = Backend::with_members(json!({}));
        let mailed = backend.mailed_token("request-verification", ALICE);
        backend.update("members", "aliceaaaaaaaaaa", change);
        assert_eq!(refusal(confirm(&backend, "members", &mailed)), "400 token:validation_invalid_token");
    }
}

#[test]
fn providers_that_were_linked_before_are_unlinked_and_sessions_end() {
    let backend = Backend::with_members(json!({}));
    let session = backend.token("members", "alice");
    backend.sql(&format!(
        "INSERT INTO _externalAuths (id, collectionRef, recordRef, provider, providerId) \
         VALUES ('x', '{}', 'aliceaaaaaaaaaa', 'google', '1')",
        backend.members_id()
    ));
    let mailed = backend.mailed_token("request-verification", ALICE);
    confirm(&backend, "members", &mailed).unwrap();
    assert!(backend.sql("SELECT 1 FROM _externalAuths").is_empty());
    assert_eq!(backend.identify(Some(&session)), backspin_schema::Caller::Guest);
    token(&backend.sign_in("members", "alice", PASSWORD).unwrap());
}

#[test]
fn superusers_are_verified_always() {
    let backend = Backend::with_superuser();
    for flow in ["request-verification", "confirm-verification"] {
        let refused = refusal(backend.flow("_superusers", flow, json!({"email": 1})));
        assert_eq!(refused, "400 All superusers are verified by default.");
    }
}
