//! What an attacker makes of mailed tokens and codes, and what replies tell of accounts.

use std::thread::sleep;
use std::time::Duration;

use backspin_tests::{Client, start};
use serde_json::{Value, json};
use ureq::http::Method;

use super::{MEMBERS, PASSWORD, as_member, create_members, sign_in};

const BOB: &str = "bob@example.com";
const ALICE: &str = "alice@example.com";
const NOBODY: &str = "nobody@example.com";
const NEW: &str = "new@example.com";
/// The shortest that tokens and codes may last.
const SECONDS: u64 = 10;

/// A flow that ends with a token from the mail.
struct Mailed {
    confirm: &'static str,
    token: String,
}

impl Mailed {
    fn confirm(&self, client: &Client, collection: &str, token: &str) -> Vec<String> {
        let body = json!({"token": token, "password": PASSWORD, "passwordConfirm": PASSWORD});
        client.post(&format!("{collection}/{}", self.confirm), body).refused_with(400)
    }
}

/// A token of each kind: to verify alice, for a new password of bob, and for another email of bob.
fn mailed(anon: &Client, root: &Client) -> [Mailed; 3] {
    let bob = as_member(anon, "bob");
    let ask = |client: &Client, confirm: &'static str, flow: &str, body: Value, to: &str| {
        assert_eq!(client.post(&format!("{MEMBERS}/{flow}"), body).status, 204);
        Mailed { confirm, token: token_to(root, to) }
    };
    [
        ask(anon, "confirm-verification", "request-verification", json!({"email": ALICE}), ALICE),
        ask(anon, "confirm-password-reset", "request-password-reset", json!({"email": BOB}), BOB),
        ask(&bob, "confirm-email-change", "request-email-change", json!({"newEmail": NEW}), NEW),
    ]
}

/// The mail to this address.
fn mail_to(root: &Client, address: &str) -> Value {
    let outbox = root.get("/api/outbox").ok();
    let mails = outbox["items"].as_array().unwrap();
    mails.iter().find(|mail| mail["to"] == address).unwrap_or_else(|| panic!("{address}: {outbox}")).clone()
}

fn token_to(root: &Client, address: &str) -> String {
    let mail = mail_to(root, address);
    mail["links"][0].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// What can be made of a token without its key.
fn forged(token: &str) -> Vec<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, signature] = parts[..] else { panic!("{token}") };
    // {"alg":"none","typ":"JWT"}
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let other = if signature.starts_with('A') { "B" } else { "A" };
    vec![
        format!("{unsigned}.{claims}."),
        format!("{unsigned}.{claims}.{signature}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}"),
        format!("{head}.{claims}.{other}{}", &signature[1..]),
        format!("{head}.{}.{signature}", &claims[..claims.len() - 4]),
        "a".repeat(100_000),
    ]
}

#[test]
fn mailed_tokens_cannot_be_forged() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    for mailed in mailed(&anon, &root) {
        for token in forged(&mailed.token) {
            assert!(!mailed.confirm(&anon, MEMBERS, &token).is_empty(), "{}", mailed.confirm);
        }
    }
    assert_eq!(root.get(&format!("{MEMBERS}/records?filter=verified=false")).ok()["totalItems"], 1);
    sign_in(&anon, BOB).ok();
}

#[test]
fn a_mailed_token_is_of_its_type_and_collection_alone() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    root.post("/api/collections", json!({"name": "others", "type": "auth"})).ok();
    let session = sign_in(&anon, "bob").ok()["token"].as_str().unwrap().to_owned();
    let all = mailed(&anon, &root);
    for (at, mailed) in all.iter().enumerate() {
        assert!(!mailed.confirm(&anon, "/api/collections/others", &mailed.token).is_empty());
        assert!(!mailed.confirm(&anon, MEMBERS, &session).is_empty());
        for (_, other) in all.iter().enumerate().filter(|(other, _)| *other != at) {
            assert!(!mailed.confirm(&anon, MEMBERS, &other.token).is_empty(), "{}", mailed.confirm);
        }
        let as_session = anon.with_token(&mailed.token);
        as_session.post(&format!("{MEMBERS}/auth-refresh"), json!({})).refused_with(401);
    }
}

#[test]
fn what_is_over_is_refused() {
    let (_app, anon, root) = start();
    let short = json!({"duration": SECONDS});
    let otp = json!({"enabled": true, "duration": SECONDS, "length": 8});
    let options = [
        ("authToken", short.clone()),
        ("verificationToken", short.clone()),
        ("passwordResetToken", short.clone()),
        ("emailChangeToken", short),
        ("otp", otp),
    ];
    create_members(&root, &options);
    let alice = as_member(&anon, "alice");
    let all = mailed(&anon, &root);
    let otp = anon.post(&format!("{MEMBERS}/request-otp"), json!({"email": ALICE})).ok();
    let html = mail_to(&root, ALICE)["html"].to_string();
    let code = html.split("<strong>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    sleep(Duration::from_secs(SECONDS + 1));
    for mailed in all {
        let refused = mailed.confirm(&anon, MEMBERS, &mailed.token);
        assert!(refused.contains(&"token: validation_invalid_token".to_owned()), "{refused:?}");
    }
    let body = json!({"otpId": otp["otpId"], "password": code});
    anon.post(&format!("{MEMBERS}/auth-with-otp"), body).refused_with(400);
    alice.post(&format!("{MEMBERS}/auth-refresh"), json!({})).refused_with(401);
}

#[test]
fn replies_do_not_tell_who_has_an_account() {
    let (_app, anon, root) = start();
    create_members(&root, &[("otp", json!({"enabled": true, "length": 8}))]);
    for flow in ["request-verification", "request-password-reset", "request-otp", "auth-with-password"] {
        // The second of each is held back as a repetition.
        for _ in 0..2 {
            let [known, unknown] = [ALICE, NOBODY].map(|address| {
                let body = json!({"email": address, "identity": address, "password": "wrong"});
                anon.post(&format!("{MEMBERS}/{flow}"), body)
            });
            let shown = |reply: &backspin_tests::Reply| {
                let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
                names.sort();
                let mut body = reply.json();
                if let Some(id) = body.get_mut("otpId") {
                    *id = json!(id.as_str().map(str::len));
                }
                (reply.status, names, reply.text.len(), body)
            };
            assert_eq!(shown(&known), shown(&unknown), "{flow}");
        }
    }
}

#[test]
fn links_in_mail_do_not_follow_the_host_header() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    root.patch("/api/settings", json!({"meta": {"appURL": "https://app.example.com/base/"}})).ok();
    let headers = [
        ("content-type", "application/json"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("origin", "https://evil.example"),
    ];
    let path = format!("{MEMBERS}/request-password-reset");
    let body = json!({"email": BOB}).to_string();
    assert_eq!(anon.send(Method::POST, &path, &headers, body).status, 204);
    let mail = mail_to(&root, BOB);
    let links = mail["links"].as_array().unwrap();
    assert_eq!(links.len(), 1, "{mail}");
    let begin = "https://app.example.com/base/_/#/auth/confirm-password-reset/";
    assert!(links[0].as_str().unwrap().starts_with(begin), "{mail}");
    assert!(!mail.to_string().contains("evil"), "{mail}");
}
