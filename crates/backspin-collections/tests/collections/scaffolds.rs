//! What new collections begin with, and the identity providers they can have.

use backspin_collections as collections;
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::{Backend, caller, refusal, superuser};

#[test]
fn there_is_one_scaffold_for_each_type() {
    let backend = Backend::new();
    let scaffolds: Json =
        serde_json::from_str(&collections::scaffolds(&backend.app, &superuser()).unwrap()).unwrap();
    let names = |kind: &str| -> Vec<Json> {
        scaffolds[kind]["fields"].as_array().unwrap().iter().map(|field| field["name"].clone()).collect()
    };
    assert_eq!(names("base"), ["id"]);
    assert_eq!(names("auth"), ["id", "password", "tokenKey", "email", "emailVisibility", "verified"]);
    assert_eq!(names("view"), [""; 0]);
    assert_eq!(scaffolds["view"]["viewQuery"], "");
    assert_eq!(scaffolds["auth"]["authToken"], json!({"duration": 432000}));
    for kind in ["auth", "base", "view"] {
        assert_eq!(scaffolds[kind]["type"], kind);
        assert_eq!(
            [&scaffolds[kind]["id"], &scaffolds[kind]["name"], &scaffolds[kind]["created"]],
            ["", "", ""]
        );
    }
}

#[test]
fn a_scaffold_with_a_name_makes_a_collection() {
    let backend = Backend::new();
    let scaffolds = collections::scaffolds(&backend.app, &superuser()).unwrap();
    let scaffolds: Json = serde_json::from_str(&scaffolds).unwrap();
    for (kind, name) in [("base", "movies"), ("auth", "people")] {
        let mut body = scaffolds[kind].clone();
        body["name"] = name.into();
        assert_eq!(backend.create(&superuser(), body).unwrap()["type"], kind);
    }
}

#[test]
fn providers_have_a_name_for_people_and_a_logo() {
    let providers: Vec<Json> = serde_json::from_str(&collections::providers(&superuser()).unwrap()).unwrap();
    assert_eq!(providers.len(), 32);
    assert_eq!(providers[0]["name"], "apple");
    for provider in &providers {
        assert!(!provider["displayName"].as_str().unwrap().is_empty());
        assert!(provider["logo"].as_str().unwrap().starts_with("<svg "), "{provider}");
    }
}

#[test]
fn only_superusers_are_told() {
    let backend = Backend::new();
    for (caller, status) in [(Caller::Guest, "401"), (caller("_pb_users_auth_"), "403")] {
        assert_eq!(refusal(collections::scaffolds(&backend.app, &caller)), status);
        assert_eq!(refusal(collections::providers(&caller)), status);
    }
}
