//! Several instances write at once: nothing is lost, and no rule or relation is got round.

use std::sync::Arc;
use std::thread;

use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_records::{ReplyShape, create, delete, update};
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::shop::relation;
use crate::{Backend, get, object};

type Instance = App<Native<NativeDatabase, FixedEnv>>;

/// Runs `work` in `instances` threads at once, each with an instance of its own.
fn at_once(backend: &Backend, instances: u64, work: impl Fn(u64, &Instance) + Send + Sync + 'static) {
    let (path, work) = (backend.database_path(), Arc::new(work));
    let threads = (0..instances).map(|seed| {
        let (path, work) = (path.clone(), work.clone());
        thread::spawn(move || {
            let database = NativeDatabase::open(&path).unwrap();
            let app = App::new(Native { database, env: FixedEnv::new().with_seed(seed + 10) });
            work(seed, &app);
        })
    });
    let threads: Vec<_> = threads.collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn change(app: &Instance, path: (&str, &str), body: Json) -> Result<Vec<u8>, backspin_core::Error> {
    let shape = ReplyShape::default();
    block_on(update(app, &get(&Caller::Guest), path.0, path.1, &object(body), &shape))
}

fn add(app: &Instance, collection: &str, body: Json) -> Result<Vec<u8>, backspin_core::Error> {
    block_on(create(app, &get(&Caller::Guest), collection, &object(body), &ReplyShape::default()))
}

#[test]
fn no_addition_is_lost() {
    let backend = Backend::shop();
    let id = backend.new_id("items", json!({"title": "t"}));
    let tags: Vec<String> = (0..4).map(|_| backend.new_id("tags", json!({}))).collect();
    let item = id.clone();
    at_once(&backend, 4, move |number, app| {
        for _ in 0..20 {
            change(app, ("items", &item), json!({"stock+": 1})).unwrap();
        }
        change(app, ("items", &item), json!({"tags+": tags[number as usize]})).unwrap();
    });
    let item = backend.view(&Caller::Guest, "items", &id).unwrap();
    assert_eq!((&item["stock"], item["tags"].as_array().unwrap().len()), (&json!(80), 4));
}

#[test]
fn a_limit_holds_however_many_add_at_once() {
    let backend = Backend::shop();
    let id = backend.new_id("items", json!({"title": "t", "stock": 95}));
    let item = id.clone();
    at_once(&backend, 4, move |_, app| {
        for _ in 0..5 {
            drop(change(app, ("items", &item), json!({"stock+": 1})));
        }
    });
    assert_eq!(backend.view(&Caller::Guest, "items", &id).unwrap()["stock"], json!(100));
}

#[test]
fn a_relation_never_ends_at_a_deleted_record() {
    let backend = Backend::shop();
    let tags: Vec<String> = (0..20).map(|_| backend.new_id("tags", json!({}))).collect();
    at_once(&backend, 3, move |number, app| {
        for tag in &tags {
            match number {
                0 => block_on(delete(app, &get(&Caller::Guest), "tags", tag)).unwrap(),
                _ => drop(add(app, "items", json!({"title": "t", "tag": tag, "tags": [tag]}))),
            }
        }
    });
    let dangling = "SELECT count(*) FROM items WHERE tag <> '' OR tags <> '[]'";
    assert_eq!(backend.sql("SELECT count(*) FROM tags"), [[0_i64.into()]]);
    assert_eq!(backend.sql(dangling), [[0_i64.into()]]);
}

#[test]
fn a_rule_over_other_records_holds_at_the_moment_of_the_write() {
    let backend = Backend::shop();
    let one_each = json!({"createRule": "@collection.places.item != item"});
    let item = relation("item", "items", 1, json!({}));
    backend.open_collection("places", one_each, vec![item]);
    let id = backend.new_id("items", json!({"title": "t"}));
    at_once(&backend, 4, move |_, app| {
        for _ in 0..5 {
            drop(add(app, "places", json!({"item": id})));
        }
    });
    assert_eq!(backend.sql("SELECT count(*) FROM places"), [[1_i64.into()]]);
}

#[test]
fn two_cannot_use_one_old_password() {
    let backend = Backend::empty();
    let account = json!({"email": "a@b.co", "password": "12345678", "passwordConfirm": "12345678"});
    let id = backend.new_id("users", account);
    backend.set_collection("users", "updateRule = ''");
    let (account, changed) = (id.clone(), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
    let count = changed.clone();
    at_once(&backend, 3, move |number, app| {
        let new = format!("password {number}");
        let body = json!({"oldPassword": "12345678", "password": new, "passwordConfirm": new});
        if change(app, ("users", &account), body).is_ok() {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    assert_eq!(changed.load(std::sync::atomic::Ordering::SeqCst), 1);
}
