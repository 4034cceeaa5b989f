//! What is built on the change log, on real SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod feed;
mod history;
mod links;
mod moment;
mod random;
mod retention;
mod rules;
mod schema;

use backspin_core::{Database, Error, ParameterPairs, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_records::{ReplyShape, RequestInfo};
use backspin_schema::{App, AuthRecord, Caller, SUPERUSERS_ID};
use futures::executor::block_on;
use serde_json::{Map, Value as Json, json};

pub(crate) const ROOT: &str = "pbc_3142635823/rootaaaaaaaaaaa";
pub(crate) const USERS: &str = "_pb_users_auth_";

pub(crate) struct Backend {
    pub(crate) app: App<Native<NativeDatabase, FixedEnv>>,
    _folder: tempfile::TempDir,
}

pub(crate) fn root() -> Caller {
    caller(SUPERUSERS_ID, "_superusers", "rootaaaaaaaaaaa")
}

pub(crate) fn user(id: &str) -> Caller {
    caller(USERS, "users", id)
}

fn caller(collection_id: &str, collection_name: &str, id: &str) -> Caller {
    Caller::Record(AuthRecord {
        collection_id: collection_id.to_owned(),
        collection_name: collection_name.to_owned(),
        fields: vec![("id".to_owned(), Value::from(id))],
    })
}

pub(crate) fn status(result: Result<Json, Error>) -> u16 {
    result.err().map_or(200, |error| error.status())
}

impl Backend {
    /// `posts` belong to users and may be seen where they are public or one's own; `comments` hang on posts; `tags`
    /// have a name of their own.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("data.db")).unwrap();
        let backend = Backend { app: App::new(Native { database, env: FixedEnv::new() }), _folder: folder };
        backend.collection(json!({
            "name": "tags", "listRule": "", "viewRule": "",
            "fields": [{"name": "name", "type": "text"}],
            "indexes": ["CREATE UNIQUE INDEX idx_tags_name ON tags (name)"],
        }));
        let tags = backspin_core::id::collection_id("base", "tags");
        backend.collection(json!({
            "name": "posts",
            "listRule": "", "viewRule": "public = true || (@request.auth.id != '' && owner = @request.auth.id)",
            "fields": [
                {"name": "title", "type": "text"},
                {"name": "public", "type": "bool"},
                {"name": "n", "type": "number"},
                {"name": "meta", "type": "json"},
                {"name": "secret", "type": "text", "hidden": true},
                {"name": "owner", "type": "relation", "collectionId": USERS, "maxSelect": 1},
                {"name": "tags", "type": "relation", "collectionId": tags, "maxSelect": 9},
                {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true},
            ],
        }));
        let posts = backspin_core::id::collection_id("base", "posts");
        let post = json!({
            "name": "post", "type": "relation", "collectionId": posts, "maxSelect": 1, "cascadeDelete": true
        });
        backend.collection(json!({"name": "comments", "fields": [{"name": "text", "type": "text"}, post]}));
        backend
    }

    pub(crate) fn collection(&self, body: Json) {
        block_on(backspin_collections::create(&self.app, &root(), object(body))).unwrap();
    }

    pub(crate) fn change(&self, collection: &str, body: Json) {
        block_on(backspin_collections::update(&self.app, &root(), collection, object(body))).unwrap();
    }

    /// Puts `field` in the place of the one of its id, by a migration that may lose anything.
    pub(crate) fn change_field(&self, collection: &str, field: Json) {
        let snapshot = block_on(self.app.reload()).unwrap();
        let mut changed = serde_json::to_value(snapshot.find(collection).unwrap()).unwrap();
        for other in
            changed["fields"].as_array_mut().unwrap().iter_mut().filter(|other| other["id"] == field["id"])
        {
            *other = field.clone();
        }
        let mut body = json!({"collections": [changed]});
        let plan = block_on(backspin_collections::migrate::plan(&self.app, &root(), object(body.clone())));
        let plan: Json = parse(plan.unwrap());
        body["fingerprint"] = plan["fingerprint"].clone();
        body["acceptedLosses"] =
            plan["steps"].as_array().unwrap().iter().map(|step| step["target"].clone()).collect();
        block_on(backspin_collections::migrate::apply(&self.app, &root(), object(body))).unwrap();
    }

    pub(crate) fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        block_on(self.app.database().execute(sql, vec![]))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
            .rows
    }

    pub(crate) fn newest(&self) -> i64 {
        match self.sql("SELECT coalesce(max(seq), 0) FROM _changes")[0][0] {
            Value::Integer(seq) => seq,
            ref other => panic!("{other:?}"),
        }
    }

    /// All of a table but its secrets, byte for byte.
    pub(crate) fn table(&self, name: &str) -> Vec<Vec<Value>> {
        let collection = block_on(self.app.reload()).unwrap().find(name).unwrap().clone();
        let shown =
            collection.fields.iter().filter(|field| !backspin_schema::log::is_secret(&collection, field));
        let columns: Vec<_> = shown.map(|field| format!("\"{0}\", typeof(\"{0}\")", field.name)).collect();
        self.sql(&format!("SELECT {} FROM {name} ORDER BY id", columns.join(", ")))
    }

    pub(crate) fn create(&self, caller: &Caller, collection: &str, body: Json) -> Json {
        let info = RequestInfo::new(caller, "POST", &ParameterPairs::NONE);
        let (shape, body) = (ReplyShape::default(), object(body));
        let made = backspin_records::create(&self.app, &info, collection, &body, &shape);
        parse(block_on(made).unwrap())
    }

    pub(crate) fn update(&self, caller: &Caller, collection: &str, id: &str, body: Json) -> Json {
        let info = RequestInfo::new(caller, "PATCH", &ParameterPairs::NONE);
        let (shape, body) = (ReplyShape::default(), object(body));
        let changed = backspin_records::update(&self.app, &info, collection, id, &body, &shape);
        parse(block_on(changed).unwrap())
    }

    pub(crate) fn delete(&self, caller: &Caller, collection: &str, id: &str) {
        let info = RequestInfo::new(caller, "DELETE", &ParameterPairs::NONE);
        block_on(backspin_records::delete(&self.app, &info, collection, id)).unwrap();
    }

    pub(crate) fn changes(&self, caller: &Caller, query: &[(&str, &str)]) -> Result<Json, Error> {
        let pairs = owned(query);
        let parameters = ParameterPairs { query: &pairs, headers: &[] };
        let info = RequestInfo::new(caller, "GET", &parameters);
        block_on(backspin_changes::changes(&self.app, &info)).map(parse)
    }

    pub(crate) fn history(
        &self,
        caller: &Caller,
        (collection, id): (&str, &str),
        query: &[(&str, &str)],
    ) -> Result<Json, Error> {
        let pairs = owned(query);
        let parameters = ParameterPairs { query: &pairs, headers: &[] };
        let info = RequestInfo::new(caller, "GET", &parameters);
        block_on(backspin_changes::history(&self.app, &info, collection, id)).map(parse)
    }

    pub(crate) fn view(
        &self,
        caller: &Caller,
        (collection, id): (&str, &str),
        parameters: &ParameterPairs<'_>,
    ) -> Result<Json, Error> {
        let info = RequestInfo::new(caller, "GET", parameters);
        let shape = ReplyShape::default();
        block_on(backspin_records::view(&self.app, &info, collection, id, &shape)).map(parse)
    }

    pub(crate) fn restore(&self, caller: &Caller, record: (&str, &str), seq: i64) -> Result<Json, Error> {
        self.restore_with(caller, record, seq, json!({}))
    }

    pub(crate) fn restore_with(
        &self,
        caller: &Caller,
        (collection, id): (&str, &str),
        seq: i64,
        body: Json,
    ) -> Result<Json, Error> {
        let info = RequestInfo::new(caller, "POST", &ParameterPairs::NONE);
        let seq = seq.to_string();
        let version = (collection, id, seq.as_str());
        block_on(backspin_changes::restore_version(&self.app, &info, version, object(body))).map(parse)
    }

    pub(crate) fn plan(&self, caller: &Caller, body: Json) -> Result<Json, Error> {
        block_on(backspin_changes::plan(&self.app, caller, object(body))).map(parse)
    }

    pub(crate) fn apply(&self, caller: &Caller, body: Json) -> Result<Json, Error> {
        block_on(backspin_changes::apply(&self.app, caller, object(body))).map(parse)
    }
}

fn owned(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn parse(bytes: impl AsRef<[u8]>) -> Json {
    serde_json::from_slice(bytes.as_ref()).unwrap()
}

/// Of each item `action recordId actor`.
pub(crate) fn brief(reply: &Json) -> Vec<String> {
    let text = |item: &Json, key: &str| item[key].as_str().unwrap_or("-").to_owned();
    let items = reply["items"].as_array().unwrap().iter();
    items.map(|item| ["action", "recordId", "actor"].map(|key| text(item, key)).join(" ")).collect()
}
