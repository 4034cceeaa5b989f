//! `POST /api/collections/_superusers/auth-with-password`

use backspin_tests::{Client, Reply, SUPERUSER_EMAIL, SUPERUSER_PASSWORD, expect, start};
use serde_json::{Value, json};
use ureq::http::Method;

const PATH: &str = "/api/collections/_superusers/auth-with-password";

fn sign_in(client: &Client, identity: impl Into<Value>, password: impl Into<Value>) -> Reply {
    client.post(PATH, json!({"identity": identity.into(), "password": password.into()}))
}

#[test]
fn a_superuser_signs_in() {
    let (_app, anon, _root) = start();
    sign_in(&anon, SUPERUSER_EMAIL, SUPERUSER_PASSWORD).check(expect![[r#"
        200 {
          "record": {
            "collectionId": "pbc_3142635823",
            "collectionName": "_superusers",
            "created": "[time]",
            "email": "root@example.com",
            "emailVisibility": false,
            "id": "[id]",
            "updated": "[time]",
            "verified": true
          },
          "token": "[token]"
        }"#]]);
}

#[test]
fn a_wrong_password_and_an_unknown_identity_look_the_same() {
    let (_app, anon, _root) = start();
    let wrong = sign_in(&anon, SUPERUSER_EMAIL, "wrong");
    let unknown = sign_in(&anon, "nobody@example.com", SUPERUSER_PASSWORD);
    assert_eq!(wrong.refused_with(400), [""; 0]);
    assert_eq!(wrong.text, unknown.text);
}

#[test]
fn missing_values_are_named() {
    let (_app, anon, _root) = start();
    assert_eq!(
        anon.post(PATH, json!({})).refused_with(400),
        ["identity: validation_required", "password: validation_required"]
    );
    assert_eq!(sign_in(&anon, "", "x").refused_with(400), ["identity: validation_required"]);
    assert_eq!(
        sign_in(&anon, SUPERUSER_EMAIL, "x".repeat(256)).refused_with(400),
        ["password: validation_length_out_of_range"]
    );
}

#[test]
fn what_is_no_sign_in_is_refused() {
    let (_app, anon, _root) = start();
    let json = [("content-type", "application/json")];
    for body in ["{", "[]", "1", "\"a\"", "{\"identity\":1,\"password\":2}", "\u{0}", "{\"identity\":{}}"] {
        assert_eq!(anon.send(Method::POST, PATH, &json, body).refused_with(400), [""; 0], "{body}");
    }
    assert_eq!(anon.post("/api/collections/nobody/auth-with-password", json!({})).refused_with(404), [""; 0]);
    assert_eq!(anon.get(PATH).refused_with(404), [""; 0]);
}

#[test]
fn a_quote_in_the_identity_is_only_a_quote() {
    let (_app, anon, _root) = start();
    for identity in ["' OR 1=1 --", "\" OR \"\"=\"", "root@example.com' --", "root@example.com\u{0}"] {
        assert_eq!(sign_in(&anon, identity, SUPERUSER_PASSWORD).refused_with(400), [""; 0], "{identity}");
    }
}
