//! What somebody can call themselves at sign-in.

use serde_json::json;

use crate::{Asked, Backend, PASSWORD, refusal};

fn who(backend: &Backend, identity: &str, field: &str) -> String {
    let body = json!({"identity": identity, "password": PASSWORD, "identityField": field});
    match backend.post_credentials("members", body, Asked::default()) {
        Ok(reply) => reply["record"]["id"].as_str().unwrap().to_owned(),
        Err(error) => refusal(Err(error)),
    }
}

const ALICE: &str = "aliceaaaaaaaaaa";
const BOB: &str = "bobbbbbbbbbbbbb";
const FAILED: &str = "400 Failed to authenticate.";

#[test]
fn each_identity_field_compares_as_its_index_does() {
    let backend = Backend::with_members(json!({}));
    for (identity, expected) in [
        ("Alice@example.com", ALICE),
        ("alice@example.com", FAILED),
        ("alice", ALICE),
        ("ALICE", FAILED),
        ("Ali", ALICE),
        ("ALI", ALICE),
        (" alice", FAILED),
        (ALICE, FAILED),
        ("bob", BOB),
        ("", "400 identity:validation_required"),
    ] {
        assert_eq!(who(&backend, identity, ""), expected, "{identity}");
    }
}

#[test]
fn an_email_is_the_owners_whatever_others_call_themselves() {
    let backend = Backend::with_members(json!({}));
    backend.create(
        "members",
        json!({"id": "malloryyyyyyyyy", "email": "m@example.com", "name": "bob@example.com"}),
    );
    assert_eq!(who(&backend, "bob@example.com", ""), BOB);
    assert_eq!(who(&backend, "bob@example.com", "email"), BOB);
    assert_eq!(who(&backend, "bob@example.com", "name"), "malloryyyyyyyyy");
    assert_eq!(who(&backend, "bob@example.com", "nick"), FAILED);
}

#[test]
fn only_identity_fields_can_be_named() {
    let backend = Backend::with_members(json!({}));
    for field in ["id", "password", "tokenKey", "secret", "nowhere", "name\" = 'x' OR 1=1 --"] {
        assert_eq!(who(&backend, "bob", field), "400 identityField:validation_in_invalid", "{field}");
    }
    assert_eq!(who(&backend, "' OR 1=1 --", ""), FAILED);
}

#[test]
fn every_identity_is_found_by_its_index() {
    let backend = Backend::with_members(json!({}));
    who(&backend, "bob", "");
    let statements = backend.app.database().take();
    let find = statements.iter().find(|sql| sql.contains("coalesce")).unwrap();
    let plan =
        backend.sql(&format!("EXPLAIN QUERY PLAN {}", find.replace("?1", "'bob'").replace("?2", "'b'")));
    let plan = format!("{plan:?}");
    for index in ["idx_name", "idx_nick", "idx_email"] {
        assert!(plan.contains(&format!("INDEX {index}")), "{plan}");
    }
    // Nor is the decoy looked for far.
    assert!(!plan.contains("SCAN members") && !plan.contains("TEMP B-TREE"), "{plan}");
}
