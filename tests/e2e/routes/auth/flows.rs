//! Verification, password reset, email change and one-time codes, with the mail read from the outbox.

use backspin_tests::{Client, start};
use serde_json::{Value, json};

use super::{BOB, MEMBERS, PASSWORD, as_member, create_members, sign_in, with_token_of};

const ALICE: &str = "alice@example.com";
const NEW: &str = "another horse";

fn ask(client: &Client, flow: &str, body: Value) -> u16 {
    client.post(&format!("{MEMBERS}/{flow}"), body).status
}

/// The mail that was written last.
fn last_mail(root: &Client) -> Value {
    root.get("/api/outbox").ok()["items"][0].clone()
}

/// The token of its link.
fn mailed_token(root: &Client) -> String {
    let mail = last_mail(root);
    let link = mail["links"][0].as_str().unwrap_or_else(|| panic!("no link in {mail}"));
    link.rsplit('/').next().unwrap().to_owned()
}

fn mails(root: &Client) -> Value {
    root.get("/api/outbox").ok()["totalItems"].clone()
}

#[test]
fn a_member_is_verified_by_mail() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    assert_eq!(ask(&anon, "request-verification", json!({"email": ALICE})), 204);
    assert_eq!(ask(&anon, "request-verification", json!({"email": "nobody@example.com"})), 204);
    assert_eq!(mails(&root), 1);
    let token = mailed_token(&root);
    assert_eq!(ask(&anon, "confirm-verification", json!({"token": token})), 204);
    assert_eq!(sign_in(&anon, "alice").ok()["record"]["verified"], true);
    let refused = anon.post(&format!("{MEMBERS}/confirm-password-reset"), json!({"token": token}));
    assert_eq!(refused.refused_with(400).last().unwrap(), "token: validation_invalid_token");
}

#[test]
fn a_forgotten_password_is_replaced_by_mail_once() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let before = as_member(&anon, "bob");
    assert_eq!(ask(&anon, "request-password-reset", json!({"email": "bob@example.com"})), 204);
    let body = json!({"token": mailed_token(&root), "password": NEW, "passwordConfirm": NEW});
    assert_eq!(ask(&anon, "confirm-password-reset", body.clone()), 204);
    assert_eq!(ask(&anon, "confirm-password-reset", body), 400);
    before.post(&format!("{MEMBERS}/auth-refresh"), json!({})).refused_with(401);
    assert_eq!(sign_in(&anon, "bob").status, 400);
    let credentials = json!({"identity": "bob", "password": NEW});
    anon.post(&format!("{MEMBERS}/auth-with-password"), credentials).ok();
}

#[test]
fn an_email_is_changed_by_mail_and_password() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = as_member(&anon, "bob");
    assert_eq!(ask(&anon, "request-email-change", json!({"newEmail": "new@example.com"})), 401);
    assert_eq!(ask(&bob, "request-email-change", json!({"newEmail": ALICE})), 400);
    assert_eq!(ask(&bob, "request-email-change", json!({"newEmail": "new@example.com"})), 204);
    assert_eq!(last_mail(&root)["to"], "new@example.com");
    let token = mailed_token(&root);
    assert_eq!(ask(&anon, "confirm-email-change", json!({"token": token, "password": "wrong"})), 400);
    assert_eq!(ask(&anon, "confirm-email-change", json!({"token": token, "password": PASSWORD})), 204);
    assert_eq!(sign_in(&anon, "new@example.com").ok()["record"]["id"], BOB);
}

#[test]
fn a_code_from_the_mail_and_a_password_are_two_factors() {
    let (_app, anon, root) = start();
    let mfa = json!({"enabled": true, "duration": 600});
    create_members(&root, &[("otp", json!({"enabled": true, "length": 6})), ("mfa", mfa)]);
    let first = sign_in(&anon, "bob");
    assert_eq!(first.status, 401);
    let mfa_id = first.json()["mfaId"].clone();
    let otp = anon.post(&format!("{MEMBERS}/request-otp"), json!({"email": "bob@example.com"})).ok();
    let unknown = anon.post(&format!("{MEMBERS}/request-otp"), json!({"email": "nobody@example.com"})).ok();
    assert_eq!(unknown.as_object().unwrap().keys().collect::<Vec<_>>(), ["otpId"]);
    let html = last_mail(&root)["html"].to_string();
    let code = html.split("<strong>").nth(1).unwrap().split('<').next().unwrap();
    let path = format!("{MEMBERS}/auth-with-otp");
    let body = json!({"otpId": otp["otpId"], "password": code, "mfaId": mfa_id});
    let session = anon.post(&path, body.clone()).ok();
    with_token_of(&anon, &session).post(&format!("{MEMBERS}/auth-refresh"), json!({})).ok();
    assert_eq!(anon.post(&path, body).refused_with(400), [""; 0]);
}

#[test]
fn guesses_are_answered_with_429_after_a_while() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let path = format!("{MEMBERS}/auth-with-password");
    let guess = || anon.post(&path, json!({"identity": "bob", "password": "wrong"})).status;
    let statuses: Vec<u16> = (0..12).map(|_| guess()).collect();
    assert_eq!(statuses[..5], [400; 5]);
    assert!(statuses.contains(&429), "{statuses:?}");
}
