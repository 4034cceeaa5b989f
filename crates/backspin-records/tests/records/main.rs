//! The records API on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod batch;
mod blog;
mod cascade;
mod create;
mod delete;
mod expand;
mod fields;
mod filter;
mod hostile;
mod list;
mod modifiers;
mod plans;
mod races;
mod roundtrip;
mod rules;
mod schema_change;
mod shop;
mod statements;
mod truncate;
mod update;
mod view;
mod views;
mod write_rules;

use backspin_collections as collections;
use backspin_core::{Database, Error, ParameterPairs, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, Recorder};
use backspin_records::{ListQuery, ReplyShape, RequestInfo};
use backspin_schema::{App, AuthRecord, Caller, Page, SUPERUSERS_ID};
use futures::executor::block_on;
use serde_json::{Map, Value as Json, json};

/// An application on a database of its own, with the collections that the tests use.
pub(crate) struct Backend {
    pub(crate) app: App<Native<Recorder<NativeDatabase>, FixedEnv>>,
    folder: tempfile::TempDir,
}

pub(crate) fn superuser() -> Caller {
    caller(SUPERUSERS_ID, "_superusers")
}

/// Somebody who is signed in, but no superuser.
pub(crate) fn alice() -> Caller {
    caller("_pb_users_auth_", "users")
}

fn caller(collection_id: &str, collection_name: &str) -> Caller {
    Caller::Record(AuthRecord {
        collection_id: collection_id.to_owned(),
        collection_name: collection_name.to_owned(),
        fields: vec![("id".to_owned(), Value::from("aliceaaaaaaaaaa"))],
    })
}

impl Backend {
    /// `movies` is open to everyone, `notes` to superusers only.
    pub(crate) fn new() -> Self {
        let backend = Backend::empty();
        let open = json!({
            "name": "movies",
            "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
            "fields": [
                {"name": "title", "type": "text", "required": true, "max": 30},
                {"name": "rating", "type": "number", "max": 10},
                {"name": "seen", "type": "bool"},
                {"name": "meta", "type": "json", "maxSize": 1000},
                {"name": "released", "type": "date"},
                {"name": "secret", "type": "text", "hidden": true},
                {"name": "created", "type": "autodate", "onCreate": true},
                {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true},
            ],
            "indexes": ["CREATE UNIQUE INDEX idx_movies_title ON movies (title)"],
        });
        let closed = json!({"name": "notes", "fields": [{"name": "text", "type": "text"}]});
        backend.create_collection(open);
        backend.create_collection(closed);
        backend.app.database().take();
        backend
    }

    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Backend { app: connect(&folder, FixedEnv::new()), folder }
    }

    /// Another instance on the same database.
    pub(crate) fn another(&self) -> App<Native<Recorder<NativeDatabase>, FixedEnv>> {
        connect(&self.folder, FixedEnv::new().with_seed(2))
    }

    pub(crate) fn create_collection(&self, body: Json) {
        block_on(collections::create(&self.app, &superuser(), object(body))).unwrap();
    }

    pub(crate) fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        block_on(self.app.database().execute(sql, Vec::new())).unwrap().rows
    }

    pub(crate) fn create(&self, caller: &Caller, collection: &str, body: Json) -> Result<Json, Error> {
        block_on(backspin_records::create(
            &self.app,
            &get(caller),
            collection,
            &object(body),
            &ReplyShape::default(),
        ))
        .map(parse)
    }

    pub(crate) fn update(&self, caller: &Caller, path: (&str, &str), body: Json) -> Result<Json, Error> {
        block_on(backspin_records::update(
            &self.app,
            &get(caller),
            path.0,
            path.1,
            &object(body),
            &ReplyShape::default(),
        ))
        .map(parse)
    }

    pub(crate) fn view(&self, caller: &Caller, collection: &str, id: &str) -> Result<Json, Error> {
        block_on(backspin_records::view(&self.app, &get(caller), collection, id, &ReplyShape::default()))
            .map(parse)
    }

    pub(crate) fn delete(&self, caller: &Caller, collection: &str, id: &str) -> Result<(), Error> {
        block_on(backspin_records::delete(&self.app, &get(caller), collection, id))
    }

    pub(crate) fn list(
        &self,
        caller: &Caller,
        collection: &str,
        sort: &str,
        page: Page,
    ) -> Result<Json, Error> {
        let query = ListQuery { page, sort, filter: "", shape: ReplyShape::default() };
        block_on(backspin_records::list(&self.app, &get(caller), collection, &query)).map(parse)
    }
}

/// A request of this caller without query and headers.
pub(crate) fn get(caller: &Caller) -> RequestInfo<'_> {
    RequestInfo::new(caller, "GET", &ParameterPairs::NONE)
}

fn connect(folder: &tempfile::TempDir, env: FixedEnv) -> App<Native<Recorder<NativeDatabase>, FixedEnv>> {
    let database = NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap();
    App::new(Native { database: Recorder::new(database), env })
}

pub(crate) fn object(body: Json) -> Map<String, Json> {
    match body {
        Json::Object(body) => body,
        other => panic!("{other} is no object"),
    }
}

fn parse(json: Vec<u8>) -> Json {
    serde_json::from_slice(&json).unwrap()
}

/// The status and the reasons by field, as `400 title:validation_required`.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.unwrap_err();
    let mut text = error.status().to_string();
    if let Error::BadRequest { fields, .. } = &error {
        let fields = serde_json::to_value(fields).unwrap();
        for (name, reason) in fields.as_object().unwrap() {
            text.push_str(&format!(" {name}:{}", reason["code"].as_str().unwrap_or("…")));
        }
    }
    text
}
