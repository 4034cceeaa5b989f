//! `GET /api/collections/:collection/auth-methods`

use backspin_tests::{expect, start};
use serde_json::json;

use super::{MEMBERS, create_members};

#[test]
fn everybody_is_told_how_to_sign_in() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    anon.get(&format!("{MEMBERS}/auth-methods")).check(expect![[r#"
        200 {
          "authProviders": [],
          "emailPassword": true,
          "mfa": {
            "duration": 0,
            "enabled": false
          },
          "oauth2": {
            "enabled": false,
            "providers": []
          },
          "otp": {
            "duration": 0,
            "enabled": false
          },
          "password": {
            "enabled": true,
            "identityFields": [
              "email",
              "name"
            ]
          },
          "usernamePassword": false
        }"#]]);
    let chosen = anon.get(&format!("{MEMBERS}/auth-methods?fields=password.enabled")).ok();
    assert_eq!(chosen, json!({"password": {"enabled": true}}));
}

#[test]
fn a_change_is_told_at_once() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let enabled = || anon.get(&format!("{MEMBERS}/auth-methods?fields=password.enabled")).ok();
    for expected in [true, false, true] {
        let password = json!({"enabled": expected, "identityFields": ["email"]});
        root.patch(MEMBERS, json!({"passwordAuth": password})).ok();
        assert_eq!(enabled(), json!({"password": {"enabled": expected}}));
    }
}

#[test]
fn other_collections_and_methods_are_not_found() {
    let (_app, anon, _root) = start();
    for path in ["/api/collections/nobody/auth-methods", "/api/collections/_mfas/auth-methods"] {
        assert_eq!(anon.get(path).refused_with(404), [""; 0]);
    }
    assert_eq!(anon.post("/api/collections/users/auth-methods", json!({})).refused_with(404), [""; 0]);
}
