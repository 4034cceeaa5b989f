//! `POST`: what a new collection is completed with, its table, and what is refused.

use backspin_collections as collections;
use backspin_schema::SUPERUSERS_ID;
use expect_test::expect;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, connect, refusal, superuser};

#[test]
fn a_collection_is_completed_and_returned_as_pocketbase_does() {
    let backend = Backend::new();
    let body = json!({"name": "movies", "listRule": "", "fields": [{"name": "title", "type": "text"}]});
    let collection = backend.create(&superuser(), body).unwrap();
    let keys: Vec<&String> = collection.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "listRule",
            "viewRule",
            "createRule",
            "updateRule",
            "deleteRule",
            "name",
            "type",
            "fields",
            "indexes",
            "created",
            "updated",
            "system"
        ]
    );
    assert_eq!(collection["id"], json!("pbc_4044198014"));
    assert_eq!(collection["fields"][0]["pattern"], json!("^[a-z0-9]+$"));
    assert_eq!(collection["fields"][1]["id"], json!("text724990059"));
    let view = block_on(collections::view(&backend.app, &superuser(), "MOVIES")).unwrap();
    assert_eq!(serde_json::from_str::<Json>(&view).unwrap(), collection);
}

#[test]
fn its_table_is_declared_as_in_pocketbase() {
    let backend = Backend::new();
    let fields = json!([
        {"name": "title", "type": "text"}, {"name": "rating", "type": "number"}, {"name": "seen", "type": "bool"},
        {"name": "meta", "type": "json"}, {"name": "released", "type": "date"},
        {"name": "created", "type": "autodate", "onCreate": true},
    ]);
    let index = "create unique index `by title` on movies (`title` collate nocase) where title != ''";
    backend.create(&superuser(), json!({"name": "movies", "fields": fields, "indexes": [index]})).unwrap();
    let sql = backend.sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'movies' AND type IN ('table', 'index') AND sql IS NOT NULL",
    );
    // The last column is for the log of changes.
    expect![[r#"
        [
            [
                Text(
                    "CREATE TABLE \"movies\" (\"id\" TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, \"title\" TEXT DEFAULT '' NOT NULL, \"rating\" NUMERIC DEFAULT 0 NOT NULL, \"seen\" BOOLEAN DEFAULT FALSE NOT NULL, \"meta\" JSON DEFAULT NULL, \"released\" TEXT DEFAULT '' NOT NULL, \"created\" TEXT DEFAULT '' NOT NULL, \"by~\" TEXT DEFAULT NULL)",
                ),
            ],
            [
                Text(
                    "CREATE UNIQUE INDEX `by title` ON `movies` (`title` collate nocase) WHERE title != ''",
                ),
            ],
        ]
    "#]]
    .assert_debug_eq(&sql);
}

#[test]
fn what_is_wrong_is_told_with_the_codes_of_pocketbase_and_changes_nothing() {
    let backend = Backend::new();
    let before = backend.list(&superuser(), "").unwrap();
    let fields = |fields: Json| json!({"name": "a", "fields": fields});
    for (body, expected) in [
        (json!({}), "400 name:validation_required"),
        (json!({"name": "USERS"}), "400 name:validation_collection_name_exists"),
        (json!({"name": "a b"}), "400 name:validation_match_invalid"),
        (json!({"name": "a\"; DROP TABLE users; --"}), "400 name:validation_match_invalid"),
        (json!({"name": "a".repeat(256)}), "400 name:validation_length_out_of_range"),
        (json!({"name": "a_via_b"}), "400 name:validation_found_via"),
        (json!({"name": "_Backspin"}), "400 name:validation_collection_name_invalid"),
        (json!({"name": "sqlite_a"}), "400 name:validation_collection_name_invalid"),
        (json!({"name": "a", "id": SUPERUSERS_ID}), "400 id:validation_invalid_or_existing_id"),
        (json!({"name": "a", "id": "a b"}), "400 id:validation_match_invalid"),
        (json!({"name": "a", "type": "weird"}), "400 type:validation_in_invalid"),
        (json!({"name": 1}), "400"),
        (json!({"name": "a", "fields": {}}), "400"),
        (json!({"name": "a", "listRule": "foo = 1"}), "400 listRule:validation_invalid_rule"),
        (fields(json!([{"type": "text"}])), "400 fields.1.name:validation_required"),
        (fields(json!([{"name": "a b", "type": "text"}])), "400 fields.1.name:validation_match_invalid"),
        (
            fields(json!([{"name": "ID", "type": "text"}])),
            "400 fields.1.name:validation_duplicated_field_name",
        ),
        (fields(json!([{"name": "expand", "type": "text"}])), "400 fields.1.name:validation_not_in_invalid"),
        (fields(json!([{"name": "a", "type": "nope"}])), "400"),
        (fields(json!([{"name": "a"}])), "400"),
        (
            fields(json!([{"name": "a", "type": "text", "min": 5, "max": 2}])),
            "400 fields.1.max:validation_min_greater_equal_than_required",
        ),
        (
            fields(json!([{"name": "a", "type": "text", "pattern": "["}])),
            "400 fields.1.pattern:validation_invalid_regex",
        ),
        (
            fields(json!([{"name": "a", "type": "text", "pattern": "(a{1000}){1000}"}])),
            "400 fields.1.pattern:validation_invalid_regex",
        ),
        (
            fields(json!([{"name": "a", "type": "text", "pattern": "a{1,2000}"}])),
            "400 fields.1.pattern:validation_invalid_regex",
        ),
        (
            fields(json!([{"name": "a", "type": "number", "min": 5, "max": 2}])),
            "400 fields.1.max:validation_min_number_constraint",
        ),
        (
            fields(json!([{"name": "a", "type": "autodate"}])),
            "400 fields.1.onCreate:validation_required fields.1.onUpdate:validation_required",
        ),
        (json!({"name": "a", "indexes": ["bad"]}), "400 indexes.0:validation_invalid_index_expression"),
        (
            json!({"name": "a", "indexes": ["CREATE INDEX i ON a (id)", "CREATE INDEX I ON a (id)"]}),
            "400 indexes.1:validation_duplicated_index_name",
        ),
        (
            json!({"name": "a", "indexes": ["CREATE INDEX idx_mfas_collectionRef_recordRef ON a (id)"]}),
            "400 indexes.0:validation_existing_index_name",
        ),
        (
            json!({"name": "a", "indexes": ["CREATE INDEX i ON a (nope)"]}),
            "400 indexes.0:validation_invalid_index_expression",
        ),
    ] {
        assert_eq!(refusal(backend.create(&superuser(), body.clone())), expected, "{body}");
    }
    assert_eq!(backend.list(&superuser(), "").unwrap(), before);
    assert_eq!(backend.sql("SELECT count(*) FROM sqlite_master WHERE name = 'a'"), [[0_i64.into()]]);
}

#[test]
fn a_table_made_by_raw_sql_is_not_taken_over() {
    let backend = Backend::new();
    backend.list(&superuser(), "").unwrap();
    backend.sql("CREATE TABLE raw (x)");
    let result = backend.create(&superuser(), json!({"name": "raw"}));
    assert_eq!(refusal(result), "400 name:validation_collection_name_invalid");
    assert_eq!(backend.sql("SELECT count(*) FROM _collections"), [[6_i64.into()]]);
}

#[test]
fn of_two_instances_that_create_the_same_collection_one_wins() {
    let backend = Backend::new();
    let other = Backend { app: connect(&backend.folder, 2), folder: tempfile::tempdir().unwrap() };
    other.list(&superuser(), "").unwrap();
    backend.create(&superuser(), json!({"name": "movies"})).unwrap();
    let result = other.create(&superuser(), json!({"name": "Movies"}));
    assert_eq!(refusal(result), "400 name:validation_collection_name_exists");
}
