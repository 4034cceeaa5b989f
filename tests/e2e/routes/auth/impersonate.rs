//! `POST /api/collections/:collection/impersonate/:id`

use backspin_tests::{Client, Reply, expect, start};
use serde_json::{Value, json};

use super::{BOB, MEMBERS, as_member, create_members, with_token_of};

fn impersonate(client: &Client, id: &str, body: Value) -> Reply {
    client.post(&format!("{MEMBERS}/impersonate/{id}"), body)
}

#[test]
fn a_superuser_becomes_a_member_for_a_while() {
    let (_app, anon, root) = start();
    create_members(&root, &[("authRule", json!(null))]);
    let reply = impersonate(&root, BOB, json!({"duration": 1000}));
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
    let bob = with_token_of(&anon, &reply.json());
    assert_eq!(impersonate(&bob, BOB, json!({})).refused_with(403), [""; 0]);
}

#[test]
fn the_token_is_not_exchanged_for_a_later_one() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let bob = with_token_of(&anon, &impersonate(&root, BOB, json!({})).ok());
    let again = bob.post(&format!("{MEMBERS}/auth-refresh"), json!({})).ok();
    assert_eq!(again["token"].as_str(), bob.token());
}

#[test]
fn nobody_else_may_and_bad_requests_are_refused() {
    let (_app, anon, root) = start();
    create_members(&root, &[]);
    let alice = as_member(&anon, "alice");
    assert_eq!(impersonate(&anon, BOB, json!({})).refused_with(401), [""; 0]);
    assert_eq!(impersonate(&alice, BOB, json!({})).refused_with(403), [""; 0]);
    assert_eq!(impersonate(&root, "nobody", json!({})).refused_with(404), [""; 0]);
    let negative = impersonate(&root, BOB, json!({"duration": -1}));
    assert_eq!(negative.refused_with(400), ["duration: validation_min_greater_equal_than_required"]);
    assert_eq!(impersonate(&root, BOB, json!({"duration": "1"})).refused_with(400), [""; 0]);
    let of_mfas = root.post("/api/collections/_mfas/impersonate/x", json!({}));
    assert_eq!(of_mfas.refused_with(404), [""; 0]);
}
