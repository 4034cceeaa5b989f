//! The collections API and the system tables on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_collections as collections;
mod accounts;
mod definitions;
mod update;
mod views;

use backspin_core::{Database, Error, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_query::Fields;
use backspin_schema::{App, AuthRecord, Caller, Page, SUPERUSERS_ID};
use expect_test::expect;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

const ALL: Page = Page { number: 1, size: 1000, skip_total: false };

struct Backend {
    app: App<Native<NativeDatabase, FixedEnv>>,
    folder: tempfile::TempDir,
}

fn caller(collection_id: &str) -> Caller {
    let collection_name = String::new();
    Caller::Record(AuthRecord {
        collection_id: collection_id.to_owned(),
        collection_name,
        fields: Vec::new(),
    })
}

fn superuser() -> Caller {
    caller(SUPERUSERS_ID)
}

impl Backend {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Backend { app: connect(&folder, 1), folder }
    }

    fn create(&self, caller: &Caller, body: Json) -> Result<Json, Error> {
        let Json::Object(body) = body else { panic!("no object") };
        block_on(collections::create(&self.app, caller, body))
            .map(|json| serde_json::from_str(&json).unwrap())
    }

    fn list(&self, caller: &Caller, sort: &str) -> Result<Vec<String>, Error> {
        let list = block_on(collections::list(&self.app, caller, ALL, sort, &Fields::default()))?;
        let list: Json = serde_json::from_str(&list).unwrap();
        let items = list["items"].as_array().unwrap();
        Ok(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect())
    }

    fn delete(&self, caller: &Caller, name: &str) -> Result<(), Error> {
        block_on(collections::delete(&self.app, caller, name))
    }

    fn update(&self, name: &str, body: Json) -> Result<Json, Error> {
        let Json::Object(body) = body else { panic!("no object") };
        block_on(collections::update(&self.app, &superuser(), name, body))
            .map(|json| serde_json::from_str(&json).unwrap())
    }

    fn get(&self, name: &str) -> Json {
        let json = block_on(collections::view(&self.app, &superuser(), name)).unwrap();
        serde_json::from_str(&json).unwrap()
    }

    fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        block_on(self.app.database().execute(sql, Vec::new())).unwrap().rows
    }
}

fn connect(folder: &tempfile::TempDir, seed: u64) -> App<Native<NativeDatabase, FixedEnv>> {
    let database = NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap();
    App::new(Native { database, env: FixedEnv::new().with_seed(seed) })
}

/// The refused parts as `part.part:code`.
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    fn walk(path: &str, reason: &Json, found: &mut Vec<String>) {
        match reason["code"].as_str() {
            Some(code) => found.push(format!("{path}:{code}")),
            None => reason.as_object().unwrap().iter().for_each(|(name, reason)| {
                walk(&format!("{path}.{name}"), reason, found);
            }),
        }
    }
    let error = result.unwrap_err();
    let mut found = vec![error.status().to_string()];
    if let Error::BadRequest { fields, .. } = &error {
        let fields = serde_json::to_value(fields).unwrap();
        fields.as_object().unwrap().iter().for_each(|(name, reason)| walk(name, reason, &mut found));
    }
    found.join(" ")
}

#[test]
fn a_new_database_has_the_collections_of_pocketbase() {
    let backend = Backend::new();
    let list = block_on(collections::list(&backend.app, &superuser(), ALL, "", &Fields::default())).unwrap();
    let list: Json = serde_json::from_str(&list).unwrap();
    let items = list["items"].as_array().unwrap().iter();
    let names: Vec<String> = items
        .map(|item| ["name", "id", "type"].map(|key| item[key].as_str().unwrap().to_owned()).join(" "))
        .collect();
    assert_eq!(
        names,
        [
            "_mfas pbc_2279338944 base",
            "_otps pbc_1638494021 base",
            "_externalAuths pbc_2281828961 base",
            "_authOrigins pbc_4275539003 base",
            "_superusers pbc_3142635823 auth",
            "users _pb_users_auth_ auth",
        ]
    );
    let users = &list["items"][5];
    assert_eq!(users["authToken"], json!({"duration": 432000}));
    assert_eq!(users["fields"].as_array().unwrap().len(), 10);
    assert!(!list.to_string().contains("secret\""), "a token's secret is shown");
}

#[test]
fn many_instances_that_start_at_once_make_the_system_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for seed in 0..8 {
            let folder = &folder;
            scope.spawn(move || {
                let app = connect(folder, seed);
                let list =
                    block_on(collections::list(&app, &superuser(), ALL, "", &Fields::default())).unwrap();
                assert!(list.contains("\"totalItems\":6"));
            });
        }
    });
}

#[test]
fn a_database_of_a_newer_format_is_left_alone() {
    let backend = Backend::new();
    backend.list(&superuser(), "").unwrap();
    backend.sql("UPDATE _backspin SET value = '999' WHERE name = 'format'");
    backend.sql("UPDATE _collections SET options = 'unknown'");
    let error = backend.list(&superuser(), "").unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(error.to_string().contains("Update Backspin"), "{error}");
}

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
    let sql = backend.sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'movies' AND sql IS NOT NULL");
    expect![[r#"
        [
            [
                Text(
                    "CREATE TABLE \"movies\" (\"id\" TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, \"title\" TEXT DEFAULT '' NOT NULL, \"rating\" NUMERIC DEFAULT 0 NOT NULL, \"seen\" BOOLEAN DEFAULT FALSE NOT NULL, \"meta\" JSON DEFAULT NULL, \"released\" TEXT DEFAULT '' NOT NULL, \"created\" TEXT DEFAULT '' NOT NULL)",
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
fn chosen_fields_are_all_that_is_shown() {
    let backend = Backend::new();
    let fields = Fields::parse("name,fields.name").unwrap();
    let page = Page { number: 1, size: 1, skip_total: true };
    let list = block_on(collections::list(&backend.app, &superuser(), page, "-name", &fields)).unwrap();
    let list: Json = serde_json::from_str(&list).unwrap();
    assert_eq!(list["totalItems"], -1);
    assert_eq!(list["items"][0]["name"], "users");
    assert_eq!(list["items"][0]["fields"][0], json!({"name": "id"}));
    assert_eq!(list["items"][0].as_object().unwrap().len(), 2);
    let picked = collections::pick(r#"{"id":"a","name":"b"}"#.to_owned(), &Fields::parse("id").unwrap());
    assert_eq!(picked.unwrap(), r#"{"id":"a"}"#);
}

#[test]
fn they_are_listed_in_every_order() {
    let backend = Backend::new();
    backend.create(&superuser(), json!({"name": "aaa"})).unwrap();
    assert_eq!(backend.list(&superuser(), "name").unwrap()[6], "users");
    assert_eq!(backend.list(&superuser(), "-system,name").unwrap()[5..], ["aaa", "users"]);
    assert_eq!(backend.list(&superuser(), "").unwrap()[6], "aaa");
    assert_eq!(refusal(backend.list(&superuser(), "nope")), "400");
    assert_eq!(refusal(backend.list(&superuser(), "listRule")), "400");
}

#[test]
fn a_collection_is_deleted_with_its_table() {
    let backend = Backend::new();
    backend.create(&superuser(), json!({"name": "movies"})).unwrap();
    backend.delete(&superuser(), "movies").unwrap();
    assert_eq!(refusal(backend.delete(&superuser(), "movies")), "404");
    assert_eq!(backend.sql("SELECT count(*) FROM sqlite_master WHERE tbl_name = 'movies'"), [[0_i64.into()]]);
    backend.create(&superuser(), json!({"name": "movies"})).unwrap();
}

#[test]
fn system_collections_and_those_referred_to_stay() {
    let backend = Backend::new();
    assert_eq!(refusal(backend.delete(&superuser(), "_mfas")), "400");
    let with_relation =
        r#"[{"id": "r1", "name": "user", "type": "relation", "collectionId": "_pb_users_auth_"}]"#;
    backend.sql(&format!("UPDATE _collections SET fields = '{with_relation}' WHERE name = '_mfas'"));
    backend.sql("UPDATE _backspin SET value = 'changed' WHERE name = 'schema_version'");
    assert_eq!(refusal(backend.delete(&superuser(), "users")), "400");
}

#[test]
fn only_superusers_see_or_change_collections() {
    let backend = Backend::new();
    for (caller, status) in [(Caller::Guest, "401"), (caller("_pb_users_auth_"), "403")] {
        assert_eq!(refusal(backend.list(&caller, "")), status);
        assert_eq!(refusal(backend.create(&caller, json!({"name": "a"}))), status);
        assert_eq!(refusal(backend.delete(&caller, "users")), status);
        let update = collections::update(&backend.app, &caller, "users", serde_json::Map::new());
        assert_eq!(refusal(block_on(update)), status);
        assert_eq!(refusal(block_on(collections::view(&backend.app, &caller, "users"))), status);
        assert_eq!(refusal(block_on(collections::view(&backend.app, &caller, "nowhere"))), status);
    }
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
