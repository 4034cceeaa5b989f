//! `/api/settings`

use backspin_tests::start;
use serde_json::{Value, json};

const SETTINGS: &str = "/api/settings";

#[test]
fn a_superuser_changes_them_and_sees_no_secret() {
    let (_app, _anon, root) = start();
    let change = json!({"meta": {"appName": "Shop"}, "smtp": {"username": "u", "password": "pa55word"}});
    let settings = root.patch(SETTINGS, change).ok();
    assert_eq!(settings["meta"]["appName"], "Shop");
    assert_eq!(settings["smtp"]["password"], Value::Null);
    assert_eq!(root.get(SETTINGS).ok(), settings);
    assert_eq!(root.get("/api/settings?fields=meta.appName").ok(), json!({"meta": {"appName": "Shop"}}));
}

#[test]
fn nobody_else_sees_or_changes_them() {
    let (_app, anon, _root) = start();
    assert_eq!(anon.get(SETTINGS).refused_with(401), [""; 0]);
    assert_eq!(anon.patch(SETTINGS, json!({"meta": {"appName": "x"}})).refused_with(401), [""; 0]);
}

#[test]
fn what_is_wrong_is_named_and_changes_nothing() {
    let (_app, _anon, root) = start();
    let before = root.get(SETTINGS).ok();
    assert_eq!(
        root.patch(SETTINGS, json!({"meta": {"appName": "x", "appURL": ""}})).refused_with(400),
        ["meta: ?"]
    );
    assert_eq!(root.patch(SETTINGS, json!({"meta": 1})).refused_with(400), [""; 0]);
    assert_eq!(root.get(SETTINGS).ok(), before);
    assert_eq!(root.post(SETTINGS, json!({})).refused_with(404), [""; 0]);
}
