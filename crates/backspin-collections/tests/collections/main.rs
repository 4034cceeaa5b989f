//! The collections API and the system tables on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_collections as collections;
use backspin_collections::ListQuery;
mod accounts;
mod changes;
mod conflicts;
mod create;
mod definitions;
mod dry_run_view;
mod import;
mod indexes;
mod list;
mod migrate;
mod random;
mod scaffolds;
mod secrets;
mod update;
mod views;

use backspin_core::{Database, Error, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_query::Fields;
use backspin_schema::{App, AuthRecord, Caller, Page, SUPERUSERS_ID};
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

    /// The same database under an application with this variable `secret_key`.
    fn with_key(self, key: &str) -> Self {
        let env = FixedEnv::new().with_seed(2).with_variable("secret_key", key);
        Backend { app: open(&self.folder, env), folder: self.folder }
    }

    fn create(&self, caller: &Caller, body: Json) -> Result<Json, Error> {
        let Json::Object(body) = body else { panic!("no object") };
        block_on(collections::create(&self.app, caller, body))
            .map(|json| serde_json::from_str(&json).unwrap())
    }

    fn list(&self, caller: &Caller, sort: &str) -> Result<Vec<String>, Error> {
        self.find(caller, sort, "")
    }

    /// The names of the collections that the filter finds.
    fn find(&self, caller: &Caller, sort: &str, filter: &str) -> Result<Vec<String>, Error> {
        let query = ListQuery { page: ALL, filter, sort, fields: &Fields::default() };
        let list = block_on(collections::list(&self.app, caller, query))?;
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
    open(folder, FixedEnv::new().with_seed(seed))
}

fn open(folder: &tempfile::TempDir, env: FixedEnv) -> App<Native<NativeDatabase, FixedEnv>> {
    let database = NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap();
    App::new(Native { database, env })
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
    let query = ListQuery { page: ALL, filter: "", sort: "", fields: &Fields::default() };
    let list = block_on(collections::list(&backend.app, &superuser(), query)).unwrap();
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
                let query = ListQuery { page: ALL, filter: "", sort: "", fields: &Fields::default() };
                let list = block_on(collections::list(&app, &superuser(), query)).unwrap();
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
    backend.sql("UPDATE _backspin SET value = 'changed' WHERE name = 'schema_version'");
    backend.sql("UPDATE _collections SET options = 'unknown'");
    let error = backend.list(&superuser(), "").unwrap_err();
    assert_eq!(error.status(), 503);
    assert!(error.to_string().contains("Update Backspin"), "{error}");
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
