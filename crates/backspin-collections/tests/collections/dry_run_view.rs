//! What a view would show, before there is one.

use backspin_collections as collections;
use backspin_core::Error;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, caller, refusal, superuser};

impl Backend {
    fn dry_run(&self, caller: &Caller, query: Json) -> Result<Json, Error> {
        let body = [("query".to_owned(), query)].into_iter().collect();
        let shown = block_on(collections::dry_run_view(&self.app, caller, body))?;
        Ok(serde_json::from_str(&shown).unwrap())
    }
}

fn movies() -> Backend {
    let backend = Backend::new();
    let fields = json!([{"name": "title", "type": "text"}, {"name": "seen", "type": "bool"}]);
    backend.create(&superuser(), json!({"name": "movies", "fields": fields})).unwrap();
    backend.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 25)
         INSERT INTO movies (id, title, seen) SELECT format('m%02d', i), format('Title %d', i), i = 1 FROM n",
    );
    backend
}

#[test]
fn fields_and_ten_records_are_shown_and_nothing_is_made() {
    let backend = movies();
    let query = "SELECT id, title, seen, count(*) AS n, 1.5 AS half FROM movies GROUP BY id ORDER BY id";
    let shown = backend.dry_run(&superuser(), query.into()).unwrap();
    let fields = shown["fields"].as_array().unwrap().iter();
    let fields: Vec<String> = fields
        .map(|it| format!("{} {}", it["name"].as_str().unwrap(), it["type"].as_str().unwrap()))
        .collect();
    assert_eq!(fields, ["id text", "title text", "seen bool", "n number", "half json"]);
    assert_eq!(shown["sample"].as_array().unwrap().len(), 10);
    let mut first = shown["sample"][0].clone();
    assert!(first["collectionName"].as_str().unwrap().starts_with("temp_view_"));
    for key in ["collectionId", "collectionName"] {
        first.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(first, json!({"id": "m01", "title": "Title 1", "seen": true, "n": 1, "half": 1.5}));
    assert_eq!(backend.list(&superuser(), "").unwrap().len(), 7);
    assert_eq!(backend.sql("SELECT count(*) FROM sqlite_master WHERE name LIKE 'temp%'"), [[0_i64.into()]]);
}

#[test]
fn a_query_of_its_own_tables_and_one_without_end_are_shown() {
    let backend = movies();
    let query = "WITH few AS (SELECT * FROM movies LIMIT 3) SELECT few.id AS id FROM few";
    assert_eq!(backend.dry_run(&superuser(), query.into()).unwrap()["sample"].as_array().unwrap().len(), 3);
    let query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n";
    let shown = backend.dry_run(&superuser(), query.into()).unwrap();
    assert_eq!(shown["sample"][9]["id"], "10");
}

#[test]
fn what_is_wrong_with_a_query_is_told() {
    let backend = movies();
    backend.sql("CREATE TABLE other (id TEXT)");
    for (query, reason) in [
        ("SELECT title FROM movies", "missing required id column"),
        ("SELECT * FROM movies", "wildcard"),
        ("SELECT id, nope FROM movies", "nope"),
        ("SELECT id FROM nowhere", "nowhere"),
        ("SELECT id FROM other", "other is no collection"),
        ("DELETE FROM movies", "only SELECT"),
        ("SELECT id FROM movies; SELECT 1", "multiple statements"),
        ("SELECT 'x' AS id FROM movies", "non-unique ids"),
        ("SELECT '' AS id FROM movies", "empty or invalid ids"),
        ("SELECT id, 1 AS `a b` FROM movies", "a b"),
        ("SELECT id, password FROM users", "password"),
        ("SELECT json_extract('[', '$.a') AS id", "JSON"),
    ] {
        let error = backend.dry_run(&superuser(), query.into()).unwrap_err();
        assert_eq!(error.status(), 400, "{query}");
        let text = error.to_string();
        assert!(text.starts_with("Invalid view query. Raw error: \n"), "{text}");
        assert!(text.contains(reason) && !text.contains("temp_view"), "{query}: {text}");
    }
    assert_eq!(refusal(backend.dry_run(&superuser(), "".into())), "400 query:validation_required");
    assert_eq!(refusal(backend.dry_run(&superuser(), Json::Null)), "400 query:validation_required");
    assert_eq!(refusal(backend.dry_run(&superuser(), 1.into())), "400");
}

#[test]
fn only_superusers_try_views() {
    let backend = movies();
    for query in ["SELECT id FROM movies", "", "nonsense"] {
        assert_eq!(refusal(backend.dry_run(&Caller::Guest, query.into())), "401");
        assert_eq!(refusal(backend.dry_run(&caller("_pb_users_auth_"), query.into())), "403");
    }
}
