//! `POST /api/collections/:collection/auth-with-password` of accounts, which an auth rule lets in or not.

use backspin_tests::{Client, expect, start};
use serde_json::json;

use super::{MEMBERS, PASSWORD, create_members, sign_in};

#[test]
fn a_member_signs_in_by_email_or_name() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    sign_in(&anon, "bob@example.com").check(expect![[r#"
        200 {
          "record": {
            "collectionId": "pbc_2620428958",
            "collectionName": "members",
            "email": "bob@example.com",
            "emailVisibility": false,
            "id": "[id]",
            "name": "bob",
            "verified": true
          },
          "token": "[token]"
        }"#]]);
    assert_eq!(sign_in(&anon, "BOB").ok()["record"]["name"], "bob");
    assert_eq!(sign_in(&anon, "Bob@example.com").refused_with(400), [""; 0]);
    let by_form = anon.send(
        ureq::http::Method::POST,
        &format!("{MEMBERS}/auth-with-password?fields=record.name"),
        &[("content-type", "application/x-www-form-urlencoded")],
        "identity=alice&password=correct+horse&identityField=name",
    );
    assert_eq!(by_form.ok(), json!({"record": {"name": "alice"}}));
}

#[test]
fn the_rule_speaks_after_the_password() {
    let (_app, anon, root) = start();
    create_members(&root, &[("authRule", json!("verified = true"))]);
    sign_in(&anon, "bob").ok();
    assert_eq!(sign_in(&anon, "alice").refused_with(403), [""; 0]);
    let wrong = |identity| {
        anon.post(
            &format!("{MEMBERS}/auth-with-password"),
            json!({"identity": identity, "password": "wrong"}),
        )
    };
    let unknown = wrong("nobody");
    assert_eq!(unknown.refused_with(400), [""; 0]);
    for identity in ["alice", "bob"] {
        assert_eq!(wrong(identity).text, unknown.text);
    }
    root.patch(MEMBERS, json!({"authRule": null})).ok();
    assert_eq!(sign_in(&anon, "bob").refused_with(403), [""; 0]);
}

#[test]
fn a_collection_without_passwords_lets_nobody_in() {
    let (_app, anon, root) = start();
    create_members(&root, &[("passwordAuth", json!({"enabled": false, "identityFields": ["email"]}))]);
    let broken = anon.post(&format!("{MEMBERS}/auth-with-password"), json!({"identity": 1}));
    assert_eq!(broken.refused_with(403), [""; 0]);
    assert_eq!(sign_in(&anon, "bob@example.com").refused_with(403), [""; 0]);
}

#[test]
fn where_a_second_factor_is_asked_for_a_password_is_not_enough() {
    let (_app, anon, root) = start();
    create_members(&root, &[("mfa", json!({"enabled": true})), ("otp", json!({"enabled": true}))]);
    let reply = sign_in(&anon, "bob");
    assert_eq!(reply.status, 401);
    let reply = reply.json();
    assert_eq!(reply.as_object().unwrap().keys().collect::<Vec<_>>(), ["mfaId"]);
    let again = json!({"identity": "bob", "password": PASSWORD, "mfaId": reply["mfaId"]});
    assert_eq!(anon.post(&format!("{MEMBERS}/auth-with-password"), again).refused_with(400), [""; 0]);
}

#[test]
fn a_new_password_ends_every_session() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = super::as_member(&anon, "bob");
    let refresh = |client: &Client| client.post(&format!("{MEMBERS}/auth-refresh"), json!({}));
    refresh(&bob).ok();
    let new = json!({"password": "another horse", "passwordConfirm": "another horse"});
    root.patch(&format!("{MEMBERS}/records/{}", super::BOB), new).ok();
    assert_eq!(refresh(&bob).refused_with(401), [""; 0]);
    let old = json!({"identity": "bob", "password": PASSWORD});
    assert_eq!(anon.post(&format!("{MEMBERS}/auth-with-password"), old).refused_with(400), [""; 0]);
}

#[test]
fn the_old_password_cannot_be_guessed_alone_or_in_a_batch() {
    let (_app, anon, root) = start();
    create_members(&root, &[("updateRule", json!("@request.auth.id = id"))]);
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    let signed = sign_in(&anon, "bob").ok();
    let bob = anon.with_token(signed["token"].as_str().unwrap());
    let path = format!("{MEMBERS}/records/{}", signed["record"]["id"].as_str().unwrap());
    let body = |old: &str| json!({"oldPassword": old, "password": "another horse", "passwordConfirm": "another horse"});
    let in_batch = |old: &str| {
        let request = json!({"method": "PATCH", "url": path, "body": body(old)});
        bob.post("/api/batch", json!({"requests": [request]}))
    };
    for _ in 0..2 {
        let wrong = ["oldPassword: validation_invalid_old_password"];
        assert_eq!(bob.patch(&path, body("wrong")).refused_with(400), wrong);
        assert_eq!(in_batch("wrong").status, 400);
    }
    assert_eq!(in_batch("wrong").status, 400);
    assert_eq!(in_batch(PASSWORD).refused_with(429), [""; 0]);
    assert_eq!(bob.patch(&path, body(PASSWORD)).refused_with(429), [""; 0]);
    bob.get(&path).ok();
}
