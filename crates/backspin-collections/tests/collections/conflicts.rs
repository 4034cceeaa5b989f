//! Two clients change the schema at the same time: one wins, the other is told.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use backspin_collections as collections;
use backspin_core::{Database, DatabaseError, Error, Rows, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, NativeTransaction};
use backspin_schema::App;
use futures::executor::block_on;
use serde_json::{Map, Value as Json, json};

use crate::{Backend, connect, refusal, superuser};

/// No two changes of the schema may draw the same version.
static SEED: AtomicU64 = AtomicU64::new(100);

/// Somebody else does `work` just before the first transaction begins.
struct Interrupted<F> {
    database: NativeDatabase,
    work: RefCell<Option<F>>,
}

impl<F: FnOnce()> Database for Interrupted<F> {
    type Transaction = NativeTransaction;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.database.query(sql, parameters).await
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.database.execute(sql, parameters).await
    }

    async fn begin(&self) -> Result<NativeTransaction, DatabaseError> {
        if let Some(work) = self.work.take() {
            work();
        }
        self.database.begin().await
    }
}

fn object(body: Json) -> Map<String, Json> {
    body.as_object().unwrap().clone()
}

/// A backend with `posts` and `notes`.
fn backend() -> Backend {
    let backend = Backend::new();
    for name in ["posts", "notes"] {
        backend
            .create(&superuser(), json!({"name": name, "fields": [{"name": "a", "type": "text"}]}))
            .unwrap();
    }
    backend
}

/// An instance whose first change comes after `first`, a change of `collection` by somebody else.
fn late<'b>(
    backend: &'b Backend,
    collection: &'static str,
    first: Json,
) -> App<Native<Interrupted<impl FnOnce() + use<'b>>, FixedEnv>> {
    let (folder, seed) = (&backend.folder, SEED.fetch_add(1, Ordering::Relaxed));
    let change = move || {
        let update = async {
            collections::update(&connect(folder, seed), &superuser(), collection, object(first)).await
        };
        block_on(update).unwrap();
    };
    // Futures of one thread cannot wait within each other.
    let work = move || std::thread::scope(|scope| scope.spawn(change).join().unwrap());
    let database = NativeDatabase::open(backend.folder.path().join("sqlite_db.db")).unwrap();
    let database = Interrupted { database, work: RefCell::new(Some(work)) };
    App::new(Native { database, env: FixedEnv::new().with_seed(8) })
}

fn with_field(backend: &Backend, name: &str) -> Json {
    let mut fields = backend.get("posts")["fields"].clone();
    fields.as_array_mut().unwrap().push(json!({"name": name, "type": "text"}));
    json!({ "fields": fields })
}

fn names_of_fields(backend: &Backend) -> Vec<String> {
    let posts = backend.get("posts");
    posts["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The reply to `second`, a change of `posts` that meets `first`.
fn meet(backend: &Backend, (collection, first): (&'static str, Json), second: Json) -> Result<String, Error> {
    let app = late(backend, collection, first);
    block_on(collections::update(&app, &superuser(), "posts", object(second)))
}

#[test]
fn of_two_lists_of_fields_at_once_one_wins_and_the_other_is_told() {
    let backend = backend();
    let (one, other) = (with_field(&backend, "one"), with_field(&backend, "other"));
    assert_eq!(refusal(meet(&backend, ("posts", one), other)), "409");
    assert_eq!(names_of_fields(&backend), ["id", "a", "one"]);
    let index = |name: &str| json!({"indexes": [format!("CREATE INDEX {name} ON posts (a)")]});
    assert_eq!(refusal(meet(&backend, ("posts", index("i")), index("j"))), "409");
    assert_eq!(
        refusal(meet(&backend, ("posts", json!({"name": "articles"})), json!({"name": "essays"}))),
        "404"
    );
}

#[test]
fn changes_of_different_parts_at_once_are_both_made() {
    let backend = backend();
    let one = with_field(&backend, "one");
    meet(&backend, ("posts", one), json!({"listRule": "", "updated": "2020"})).unwrap();
    assert_eq!(backend.get("posts")["listRule"], "");
    let two = with_field(&backend, "two");
    meet(&backend, ("notes", json!({"name": "remarks"})), two).unwrap();
    assert_eq!(names_of_fields(&backend), ["id", "a", "one", "two"]);
}

/// An instance keeps the schema that it saw last, which is no matter of the client's.
#[test]
fn what_was_changed_before_the_request_came_is_no_conflict() {
    let backend = backend();
    let app = connect(&backend.folder, 9);
    block_on(app.reload()).unwrap();
    backend.update("posts", with_field(&backend, "one")).unwrap();
    let two = object(with_field(&backend, "two"));
    block_on(collections::update(&app, &superuser(), "posts", two)).unwrap();
    assert_eq!(names_of_fields(&backend), ["id", "a", "one", "two"]);
}

#[test]
fn an_import_undoes_nothing_of_its_moment() {
    let backend = backend();
    let import = |(collection, first): (&'static str, Json), body: Json| {
        block_on(collections::import(&late(&backend, collection, first), &superuser(), object(body)))
    };
    let rule = |rule: &str| json!({ "listRule": rule });
    let posts = json!([{"name": "posts", "listRule": "id != ''"}]);
    assert_eq!(refusal(import(("posts", rule("")), json!({ "collections": posts }))), "409");
    assert_eq!(backend.get("posts")["listRule"], "");
    import(("notes", rule("")), json!({ "collections": posts })).unwrap();
    let mut all = posts;
    all.as_array_mut().unwrap().push(json!({"name": "notes"}));
    let deleting = json!({ "collections": all, "deleteMissing": true });
    assert_eq!(refusal(import(("users", rule("id = 'x'")), deleting)), "409");
}
