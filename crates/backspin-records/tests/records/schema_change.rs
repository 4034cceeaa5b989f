//! Another instance changes the schema while this one has compiled its statements.

use backspin_collections as collections;
use backspin_schema::{Caller, Page};
use futures::executor::block_on;
use serde_json::json;

use crate::{Backend, object, refusal, superuser};

const PAGE: Page = Page { number: 1, size: 30, skip_total: false };

/// Deletes `movies` and makes another of the same name, by another instance.
fn replace_movies(backend: &Backend, body: serde_json::Value) {
    let other = backend.another();
    block_on(async {
        collections::delete(&other, &superuser(), "movies").await.unwrap();
        collections::create(&other, &superuser(), object(body)).await.unwrap();
    });
}

#[test]
fn a_rule_that_was_closed_holds_for_the_next_request() {
    let backend = Backend::new();
    backend.create(&Caller::Guest, "movies", json!({"id": "abcdefghijklmno", "title": "a"})).unwrap();
    backend.view(&Caller::Guest, "movies", "abcdefghijklmno").unwrap();
    backend.list(&Caller::Guest, "movies", "", PAGE).unwrap();
    replace_movies(&backend, json!({"name": "movies", "fields": [{"name": "title", "type": "text"}]}));
    assert_eq!(refusal(backend.view(&Caller::Guest, "movies", "abcdefghijklmno")), "403");
    assert_eq!(refusal(backend.list(&Caller::Guest, "movies", "", PAGE)), "403");
    assert_eq!(refusal(backend.create(&Caller::Guest, "movies", json!({"title": "b"}))), "403");
    assert_eq!(backend.sql("SELECT count(*) FROM movies"), [[0_i64.into()]]);
}

#[test]
fn a_write_meets_the_rule_of_its_moment() {
    for write in [
        |backend: &Backend| refusal(backend.create(&Caller::Guest, "movies", json!({"title": "b"}))),
        |backend: &Backend| refusal(backend.update(&Caller::Guest, ("movies", "x"), json!({"title": "b"}))),
        |backend: &Backend| refusal(backend.delete(&Caller::Guest, "movies", "x")),
    ] {
        let backend = Backend::new();
        backend.list(&Caller::Guest, "movies", "", PAGE).unwrap();
        replace_movies(&backend, json!({"name": "movies", "fields": [{"name": "title", "type": "text"}]}));
        assert_eq!(write(&backend), "403");
    }
}

#[test]
fn new_and_removed_fields_are_seen_by_the_next_request() {
    let backend = Backend::new();
    backend.create(&Caller::Guest, "movies", json!({"title": "a"})).unwrap();
    replace_movies(
        &backend,
        json!({"name": "movies", "createRule": "", "listRule": "", "fields": [{"name": "year", "type": "number"}]}),
    );
    let record = backend.create(&Caller::Guest, "movies", json!({"year": 1979})).unwrap();
    assert_eq!(record["year"], json!(1979));
    assert_eq!(record.get("title"), None);
    assert_eq!(backend.list(&Caller::Guest, "movies", "-year", PAGE).unwrap()["items"], json!([record]));
    assert_eq!(refusal(backend.list(&Caller::Guest, "movies", "title", PAGE)), "400");
}

#[test]
fn a_deleted_collection_is_gone_for_the_next_request() {
    let backend = Backend::new();
    backend.view(&Caller::Guest, "movies", "x").unwrap_err();
    block_on(collections::delete(&backend.another(), &superuser(), "movies")).unwrap();
    assert_eq!(refusal(backend.view(&Caller::Guest, "movies", "x")), "404");
}

#[test]
fn a_database_that_was_emptied_is_set_up_again() {
    let backend = Backend::new();
    backend.list(&Caller::Guest, "movies", "", PAGE).unwrap();
    for table in
        ["movies", "notes", "users", "_superusers", "_mfas", "_otps", "_externalAuths", "_authOrigins"]
    {
        backend.sql(&format!("DROP TABLE {table}"));
    }
    for table in ["_backspin", "_changes", "_params", "_collections"] {
        backend.sql(&format!("DROP TABLE {table}"));
    }
    assert_eq!(refusal(backend.list(&Caller::Guest, "movies", "", PAGE)), "404");
    assert!(backend.list(&superuser(), "users", "", PAGE).is_ok());
}
