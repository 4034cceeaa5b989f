//! `/api/sessions` and `/api/sign-ins`

use backspin_tests::{Client, start};
use serde_json::{Value, json};

use super::{BOB, MEMBERS, as_member, create_members};

fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).ok()["items"].as_array().cloned().unwrap_or_default()
}

fn sees_itself(client: &Client) -> bool {
    client.post(&format!("{MEMBERS}/auth-refresh"), json!({})).status == 200
}

#[test]
fn who_is_signed_out_is_refused_at_once() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let (phone, laptop, alice) =
        (as_member(&anon, "bob"), as_member(&anon, "bob"), as_member(&anon, "alice"));
    let sessions = items(&phone, "/api/sessions");
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    assert!(sessions.iter().all(|session| session["recordRef"] == BOB && session["method"] == "password"));

    let other =
        sessions.iter().find(|session| session["current"] == false).map(|session| session["id"].clone());
    let other = other.as_ref().and_then(Value::as_str).expect("the laptop has a session");
    assert_eq!(alice.delete(&format!("/api/sessions/{other}")).refused_with(404), [""; 0]);
    assert_eq!(anon.delete(&format!("/api/sessions/{other}")).refused_with(401), [""; 0]);
    assert_eq!(phone.delete(&format!("/api/sessions/{other}")).status, 204);
    assert!(sees_itself(&phone) && !sees_itself(&laptop) && sees_itself(&alice));
    assert_eq!(root.delete(&format!("/api/sessions?collection=members&record={BOB}")).status, 204);
    assert!(!sees_itself(&phone) && sees_itself(&alice));
    assert_eq!(alice.delete("/api/sessions?others=true").status, 204);
    assert!(sees_itself(&alice));
    assert_eq!(alice.delete("/api/sessions/current").status, 204);
    assert!(!sees_itself(&alice));
}

#[test]
fn the_log_tells_who_came_in_and_who_tried() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = as_member(&anon, "bob");
    let wrong = json!({"identity": "bob", "password": "not it"});
    anon.post(&format!("{MEMBERS}/auth-with-password"), wrong).refused_with(400);
    let outcomes: Vec<_> = items(&bob, "/api/sign-ins").iter().map(|item| item["outcome"].clone()).collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.contains(&json!("ok")) && outcomes.contains(&json!("wrong")));
    assert_eq!(items(&root, "/api/sign-ins?collection=members&outcome=wrong").len(), 1);
    assert_eq!(bob.get("/api/sign-ins?collection=members").refused_with(403), [""; 0]);
    assert_eq!(anon.get("/api/sign-ins").refused_with(401), [""; 0]);
    assert_eq!(anon.get("/api/sessions").refused_with(401), [""; 0]);
    assert_eq!(bob.get("/api/sign-ins?outcome=fine").refused_with(400), [""; 0]);
    assert_eq!(bob.post("/api/sign-ins", json!({})).refused_with(404), [""; 0]);
}
