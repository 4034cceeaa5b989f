//! All records of a collection at once.

use backspin_core::Error;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::json;

use crate::shop::relation;
use crate::{Backend, alice, refusal, superuser};

impl Backend {
    fn truncate(&self, caller: &Caller, collection: &str) -> Result<(), Error> {
        block_on(backspin_records::truncate(&self.app, caller, collection))
    }

    fn count(&self, collection: &str) -> String {
        self.text(&format!("SELECT format('%d', count(*)) FROM {collection}"))
    }
}

#[test]
fn only_superusers_truncate() {
    let backend = Backend::new();
    backend.create(&superuser(), "movies", json!({"title": "Alien"})).unwrap();
    for (caller, status) in [(Caller::Guest, "401"), (alice(), "403")] {
        assert_eq!(refusal(backend.truncate(&caller, "movies")), status);
        assert_eq!(refusal(backend.truncate(&caller, "nowhere")), status);
    }
    assert_eq!(refusal(backend.truncate(&superuser(), "nowhere")), "404");
    assert_eq!(backend.count("movies"), "1");
    backend.truncate(&superuser(), "MOVIES").unwrap();
    assert_eq!(backend.count("movies"), "0");
    backend.truncate(&superuser(), "movies").unwrap();
}

#[test]
fn views_and_superusers_stay() {
    let backend = Backend::new();
    backend
        .create_collection(json!({"name": "titles", "type": "view", "viewQuery": "SELECT id FROM movies"}));
    backend.sql("INSERT INTO _superusers (id, email, tokenKey) VALUES ('root', 'a@b.c', 'k')");
    for collection in ["titles", "_superusers"] {
        assert_eq!(refusal(backend.truncate(&superuser(), collection)), "400");
    }
    assert_eq!(backend.count("_superusers"), "1");
}

#[test]
fn what_refers_to_the_records_goes_is_cleared_or_holds_them() {
    let backend = Backend::empty();
    let parents = || backend.open_collection("parents", json!({}), vec![]);
    parents();
    let child = |name: &str, several, options| {
        backend.open_collection(name, json!({}), vec![relation("parent", "parents", several, options)]);
    };
    child("going", 1, json!({"cascadeDelete": true, "required": true}));
    child("going_lists", 5, json!({"cascadeDelete": true}));
    child("cleared", 1, json!({}));
    child("cleared_lists", 5, json!({}));
    child("holding", 5, json!({"required": true}));
    let ids = [backend.new_id("parents", json!({})), backend.new_id("parents", json!({}))];
    for name in ["going", "cleared"] {
        backend.new_id(name, json!({"parent": ids[0]}));
    }
    for name in ["going_lists", "cleared_lists", "holding"] {
        backend.new_id(name, json!({"parent": ids}));
    }
    assert_eq!(refusal(backend.truncate(&superuser(), "parents")), "400");
    assert_eq!([backend.count("parents"), backend.count("going")], ["2", "1"]);
    backend.truncate(&superuser(), "holding").unwrap();
    backend.truncate(&superuser(), "parents").unwrap();
    assert_eq!(["parents", "going", "going_lists"].map(|name| backend.count(name)), ["0", "0", "0"]);
    assert_eq!(backend.text("SELECT parent FROM cleared"), "");
    assert_eq!(backend.text("SELECT parent FROM cleared_lists"), "[]");
}

#[test]
fn records_that_hold_one_another_go_together_however_many() {
    let backend = Backend::empty();
    let next = relation("next", "chain", 1, json!({"required": true}));
    backend.open_collection("chain", json!({}), vec![next]);
    backend.sql(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 45000)
         INSERT INTO chain (id, next) SELECT format('r%d', i), format('r%d', (i + 1) % 45000) FROM n",
    );
    backend.truncate(&superuser(), "chain").unwrap();
    assert_eq!(backend.count("chain"), "0");
}

#[test]
fn what_the_system_keeps_of_accounts_goes_with_them() {
    let backend = Backend::empty();
    let password = json!({"email": "a@b.co", "password": "12345678", "passwordConfirm": "12345678"});
    let account = backend.new_id("users", password);
    backend.sql(&format!(
        "INSERT INTO _authOrigins (id, collectionRef, recordRef, fingerprint)
         VALUES ('one', '_pb_users_auth_', '{account}', 'x'), ('two', 'pbc_3142635823', 'root', 'x')"
    ));
    backend.truncate(&superuser(), "users").unwrap();
    assert_eq!(backend.text("SELECT group_concat(id) FROM _authOrigins"), "two");
}

#[test]
fn an_instance_with_an_old_schema_truncates_the_collection_of_today() {
    let backend = Backend::new();
    let other = backend.another();
    backend.create(&superuser(), "movies", json!({"title": "Alien"})).unwrap();
    block_on(backspin_records::truncate(&other, &superuser(), "notes")).unwrap();
    backend.create_collection(json!({"name": "cast", "fields": [
        {"name": "movie", "type": "relation", "maxSelect": 1, "cascadeDelete": true,
         "collectionId": backend.text("SELECT id FROM _collections WHERE name = 'movies'")},
    ]}));
    backend.sql("INSERT INTO \"cast\" (id, movie) SELECT 'one', id FROM movies");
    block_on(backspin_records::truncate(&other, &superuser(), "movies")).unwrap();
    assert_eq!([backend.count("movies"), backend.count("\"cast\"")], ["0", "0"]);
}
