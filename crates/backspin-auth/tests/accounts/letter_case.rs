//! Emails in a collection whose index ignores the case of their letters.

use serde_json::json;

use crate::{Backend, PASSWORD, refusal};

const ALICE: &str = "Alice@example.com";
const SHOUTED: &str = "ALICE@EXAMPLE.COM";

fn backend() -> Backend {
    Backend::with_members(json!({
        "otp": {"enabled": true, "length": 6, "duration": 60},
        "passwordAuth": {"enabled": true, "identityFields": ["email"]},
        "indexes": ["CREATE UNIQUE INDEX idx_email ON members (email COLLATE NOCASE) WHERE email != ''"],
    }))
}

#[test]
fn mail_goes_to_the_address_as_the_account_has_it_and_proves_it() {
    let backend = backend();
    let mailed = backend.mailed_token("request-verification", SHOUTED);
    assert_eq!(backend.last_mail().to, ALICE);
    backend.flow("members", "confirm-verification", json!({"token": mailed})).unwrap();
    assert_eq!(backend.sql("SELECT verified FROM members WHERE name = 'alice'"), [[true.into()]]);
}

#[test]
fn a_reset_verifies_the_address() {
    let backend = backend();
    let mailed = backend.mailed_token("request-password-reset", SHOUTED);
    let body = json!({"token": mailed, "password": "another horse", "passwordConfirm": "another horse"});
    backend.flow("members", "confirm-password-reset", body).unwrap();
    let reply = backend.sign_in("members", SHOUTED, "another horse").unwrap();
    assert_eq!(reply["record"]["verified"], true);
}

#[test]
fn a_code_takes_an_unverified_account_back_from_who_made_it() {
    let backend = backend();
    let asked = backend.flow("members", "request-otp", json!({"email": SHOUTED})).unwrap();
    let mail = backend.last_mail();
    assert_eq!(mail.to, ALICE);
    let body = json!({"otpId": asked["otpId"], "password": mail.code()});
    let reply = backend.flow("members", "auth-with-otp", body).unwrap();
    assert_eq!(reply["record"]["verified"], true);
    assert_eq!(refusal(backend.sign_in("members", ALICE, PASSWORD)), "400 Failed to authenticate.");
}

#[test]
fn an_address_that_nobody_has_keeps_back_no_mail_to_one_spelled_nearly_like_it() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true, "length": 6, "duration": 60}}));
    for flow in ["request-verification", "request-password-reset", "request-otp"] {
        for _ in 0..6 {
            backend.flow("members", flow, json!({"email": SHOUTED})).unwrap();
        }
        let before = backend.mails().len();
        backend.flow("members", flow, json!({"email": ALICE})).unwrap();
        assert_eq!(backend.mails().len(), before + 1, "{flow}");
    }
}

#[test]
fn other_spellings_bring_no_more_mail() {
    let backend = backend();
    for flow in ["request-verification", "request-password-reset"] {
        let before = backend.mails().len();
        for email in [SHOUTED, ALICE, "alice@EXAMPLE.com"] {
            backend.flow("members", flow, json!({"email": email})).unwrap();
        }
        assert_eq!(backend.mails().len(), before + 1, "{flow}");
    }
    let before = backend.mails().len();
    for email in [SHOUTED, ALICE, "alice@EXAMPLE.com"].into_iter().cycle().take(9) {
        backend.flow("members", "request-otp", json!({"email": email})).unwrap();
    }
    assert_eq!(backend.mails().len(), before + 5);
}
