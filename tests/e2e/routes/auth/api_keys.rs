//! `/api/api-keys`, and requests with a key.

use backspin_tests::{Client, start};
use serde_json::json;

use super::{BOB, MEMBERS, as_member, create_members};

/// A key of this client's with these scopes: the client that bears it, and its id.
fn with_key(client: &Client, anon: &Client, scopes: &[&str]) -> (Client, String) {
    let reply = client.post("/api/api-keys", json!({"name": "ci", "scopes": scopes})).ok();
    let text = |name: &str| reply[name].as_str().unwrap_or_else(|| panic!("no {name} in {reply}")).to_owned();
    (anon.with_token(&text("key")), text("id"))
}

#[test]
fn a_key_does_what_its_scopes_say_and_nothing_else() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    let bob = as_member(&anon, "bob");
    let (key, id) = with_key(&bob, &anon, &["members:list"]);
    let path = format!("{MEMBERS}/records");
    assert_eq!(key.get(&path).ok()["totalItems"], 2);
    let record = format!("{path}/{BOB}");
    assert_eq!(key.get(&record).refused_with(403), [""; 0]);
    assert_eq!(key.patch(&record, json!({"name": "robert"})).refused_with(403), [""; 0]);
    assert_eq!(key.delete(&record).refused_with(403), [""; 0]);
    let update = json!({"method": "PATCH", "url": record, "body": {"name": "robert"}});
    key.post("/api/batch", json!({"requests": [update]})).refused_with(400);
    for path in
        ["/api/changes", "/api/collections", "/api/settings", "/api/api-keys", "/api/sessions", "/api/outbox"]
    {
        assert_eq!(key.get(path).refused_with(403), [""; 0], "{path}");
    }
    for path in ["/api/api-keys", &format!("{MEMBERS}/auth-refresh"), &format!("{MEMBERS}/impersonate/{BOB}")]
    {
        assert_eq!(key.post(path, json!({})).refused_with(403), [""; 0], "{path}");
    }
    assert_eq!(bob.get("/api/api-keys").ok()["items"][0]["id"], id.as_str());
    assert_eq!(bob.delete(&format!("/api/api-keys/{id}")).status, 204);
    assert_eq!(key.get(&path).refused_with(401), [""; 0]);
}

#[test]
fn keys_of_superusers_reach_no_system_collections() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let (key, _) = with_key(&root, &anon, &["*:*", "changes"]);
    key.get(&format!("{MEMBERS}/records")).ok();
    key.get("/api/changes").ok();
    assert_eq!(key.get("/api/collections/_superusers/records").refused_with(403), [""; 0]);
    let record = format!("{MEMBERS}/records/{BOB}");
    let password = json!({"password": "another horse", "passwordConfirm": "another horse"});
    assert_eq!(key.patch(&record, password).refused_with(403), [""; 0]);
    key.patch(&record, json!({"name": "robert"})).ok();
    assert_eq!(key.delete("/api/collections/members/truncate").refused_with(403), [""; 0]);
    assert_eq!(anon.with_token("bsk_x").get(&record).refused_with(401), [""; 0]);
}
