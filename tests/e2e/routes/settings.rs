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

#[test]
fn rate_limits_hold_for_every_route_but_superusers() {
    let (_app, anon, root) = start();
    let posts = json!({"name": "posts", "listRule": "", "viewRule": ""});
    root.post("/api/collections", posts).ok();
    let rule = |label: &str, max: u32| json!({"label": label, "duration": 600, "maxRequests": max});
    let limits = json!({"enabled": true, "rules": [rule("posts:list", 2), rule("/api/", 3)]});
    root.patch(SETTINGS, json!({ "rateLimits": limits })).ok();
    let admitted = |path: &str| (0..9).take_while(|_| anon.get(path).status != 429).count();
    let list = "/api/collections/posts/records";
    // The instance that answers may learn of the new settings by the first of them.
    assert!((2..=3).contains(&admitted(list)), "its own rule");
    assert_eq!(anon.get(list).refused_with(429), [""; 0]);
    assert!((3..=4).contains(&admitted(&format!("{list}/aaaaaaaaaaaaaaa"))), "that of the path");
    assert!((3..=4).contains(&admitted("/api/changes")));
    assert!((0..9).all(|_| root.get(list).status == 200));
}

#[test]
fn superusers_come_only_from_the_addresses_of_the_settings() {
    let (_app, anon, root) = start();
    root.patch(SETTINGS, json!({"superuserIPs": ["127.0.0.0/8", "::1"]})).ok();
    root.get(SETTINGS).ok();
    root.patch(SETTINGS, json!({"superuserIPs": ["192.0.2.1"]})).ok();
    root.get("/api/outbox");
    assert_eq!(root.get("/api/outbox").refused_with(403), [""; 0]);
    assert_eq!(anon.get("/api/health").status, 200);
}
