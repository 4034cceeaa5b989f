//! `POST /api/collections/:collection/auth-refresh`

use backspin_tests::{Client, Reply, expect, start};
use serde_json::json;
use ureq::http::Method;

use super::{MEMBERS, as_member, create_members, with_token_of};

fn refresh(client: &Client, collection: &str) -> Reply {
    client.post(&format!("/api/collections/{collection}/auth-refresh"), json!({}))
}

#[test]
fn who_is_signed_in_gets_a_later_token() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = as_member(&anon, "bob");
    let reply = refresh(&bob, "members");
    reply.check(expect![[r#"
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
    refresh(&with_token_of(&anon, &reply.json()), "members").ok();
    // The SDK sends no body at all.
    bob.send(Method::POST, &format!("{MEMBERS}/auth-refresh"), &[], "").ok();
    assert_eq!(refresh(&root, "_superusers").ok()["record"]["collectionName"], "_superusers");
}

#[test]
fn guests_and_records_of_other_collections_are_refused() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = as_member(&anon, "bob");
    assert_eq!(refresh(&anon, "members").refused_with(401), [""; 0]);
    assert_eq!(refresh(&anon.with_token("a.b.c"), "members").refused_with(401), [""; 0]);
    assert_eq!(refresh(&bob, "users").refused_with(403), [""; 0]);
    assert_eq!(refresh(&bob, "_superusers").refused_with(403), [""; 0]);
    assert_eq!(refresh(&root, "members").refused_with(403), [""; 0]);
    assert_eq!(refresh(&bob, "nobody").refused_with(404), [""; 0]);
    assert_eq!(bob.get(&format!("{MEMBERS}/auth-refresh")).refused_with(404), [""; 0]);
}

#[test]
fn a_body_that_cannot_be_read_is_refused() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let json = [("content-type", "application/json")];
    let path = format!("{MEMBERS}/auth-refresh");
    let bob = as_member(&anon, "bob");
    assert_eq!(bob.send(Method::POST, &path, &json, "{").refused_with(400), [""; 0]);
    assert_eq!(anon.send(Method::POST, &path, &json, "{").refused_with(401), [""; 0]);
}
