//! What others than superusers see in the log is what they see in lists and views.

use backspin_core::ParameterPairs;
use backspin_records::RequestInfo;
use backspin_schema::Caller;
use futures::executor::block_on;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Backend, brief, root};

fn seen(backend: &Backend, query: &[(&str, &str)]) -> usize {
    brief(&backend.changes(&Caller::Guest, query).unwrap()).len()
}

#[test]
fn records_that_no_list_shows_are_found_in_the_log_by_their_id_alone() {
    let backend = Backend::new();
    let text = json!([{"name": "link", "type": "text"}]);
    backend.collection(json!({"name": "unlisted", "listRule": null, "viewRule": "", "fields": text}));
    backend.collection(json!({"name": "some", "listRule": "link = 'a'", "viewRule": "", "fields": text}));
    backend.collection(json!({"name": "unseen", "listRule": "", "viewRule": null, "fields": text}));
    for collection in ["unlisted", "some", "unseen"] {
        for (id, link) in [("record00000000a", "a"), ("record00000000b", "b")] {
            backend.create(&root(), collection, json!({"id": id, "link": link}));
        }
    }
    for (collection, listed, viewed) in [("unlisted", 0, 1), ("some", 1, 1), ("unseen", 0, 0)] {
        assert_eq!(seen(&backend, &[("collection", collection)]), listed, "{collection}");
        let one = [("collection", collection), ("record", "record00000000b")];
        assert_eq!(seen(&backend, &one), viewed, "{collection}");
    }
    assert_eq!(seen(&backend, &[]), 1);
}

#[test]
fn what_was_logged_of_another_collection_of_that_id_is_for_superusers() {
    let backend = Backend::new();
    let notes = |rule: Json| {
        let text = json!([{"name": "text", "type": "text"}]);
        backend.collection(json!({"name": "notes", "listRule": rule, "viewRule": rule, "fields": text}));
    };
    let delete = || block_on(backspin_collections::delete(&backend.app, &root(), "notes")).unwrap();
    notes(Json::Null);
    backend.create(&root(), "notes", json!({"id": "note00000000001", "text": "private"}));
    delete();
    notes(json!(""));
    assert_eq!(seen(&backend, &[("collection", "notes")]), 0);
    assert_eq!(seen(&backend, &[("record", "note00000000001")]), 0);
    backend.create(&root(), "notes", json!({"text": "public"}));
    assert_eq!(seen(&backend, &[("collection", "notes")]), 1);
    assert_eq!(brief(&backend.changes(&root(), &[("collection", "notes")]).unwrap()).len(), 2);
    // Neither are those of one that was in between.
    delete();
    notes(Json::Null);
    backend.create(&root(), "notes", json!({"text": "private"}));
    for _ in 0..2 {
        block_on(backspin_collections::migrate::revert(
            &backend.app,
            &root(),
            super::object(json!({"acceptedLosses": ["notes"]})),
        ))
        .unwrap();
    }
    assert_eq!(seen(&backend, &[("collection", "notes")]), 0);
}

#[test]
fn what_a_column_cannot_hold_is_for_superusers() {
    let backend = Backend::new();
    backend.create(&root(), "posts", json!({"id": "post00000000001", "public": true, "n": 1}));
    backend.sql("UPDATE posts SET n = 'text'");
    backend.sql("UPDATE posts SET n = 2, title = x'00'");
    let images = |caller: &Caller| {
        let changes = backend.changes(caller, &[]).unwrap();
        let items = changes["items"].as_array().unwrap().clone();
        items
            .iter()
            .flat_map(|item| [item["before"].clone(), item["after"].clone()])
            .filter(|image| !image.is_null())
            .count()
    };
    assert_eq!((images(&Caller::Guest), images(&root())), (2, 5), "the record as it was made, twice");
}

fn operand() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "level",
        "code",
        "is",
        "tags",
        "meta",
        "meta.a",
        "place.lon",
        "link.level",
        "link",
        "code:lower",
        "tags:length",
        "3",
        "5",
        "\"3\"",
        "\"5\"",
        "\"7\"",
        "\"a\"",
        "\"\"",
        "null",
        "true",
        "7.0",
        "\"7.0\"",
        "@request.query.age",
        "@request.query.none",
        "@request.headers.x_age",
    ])
}

fn rule() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">=", "~", "!~", "?=", "?!="]);
    (operand(), operator, operand()).prop_map(|(left, operator, right)| format!("{left} {operator} {right}"))
}

fn record() -> impl Strategy<Value = Json> {
    let level = prop::sample::select(vec![json!(0), json!(3), json!(5), json!(7), json!(7.5), json!(-1)]);
    let code = prop::sample::select(vec!["", "5", "05", "7.0", "a", "A", "true"]);
    let meta = prop::sample::select(vec![
        json!(null),
        json!(5),
        json!("5"),
        json!({"a": 5}),
        json!({"a": "5"}),
        json!([1]),
    ]);
    let tags = prop::sample::select(vec![json!([]), json!(["a"]), json!(["a", "5"])]);
    (level, code, any::<bool>(), meta, tags, any::<bool>()).prop_map(|(level, code, is, meta, tags, linked)| {
        json!({"level": level, "code": code, "is": is, "meta": meta, "tags": tags, "place": {"lon": 5, "lat": 0},
            "link": if linked { "record000000000" } else { "" }})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A rule means in the log what it means in a view, whatever it compares.
    #[test]
    fn the_log_shows_what_a_view_shows(
        rules in proptest::collection::vec(rule(), 40),
        records in proptest::collection::vec(record(), 1..6),
    ) {
        let backend = Backend::new();
        let link = backspin_core::id::collection_id("base", "things");
        backend.collection(json!({"name": "things", "listRule": "", "viewRule": "", "fields": [
            {"name": "level", "type": "number"}, {"name": "code", "type": "text"}, {"name": "is", "type": "bool"},
            {"name": "meta", "type": "json"}, {"name": "place", "type": "geoPoint"},
            {"name": "tags", "type": "select", "values": ["a", "5"], "maxSelect": 2},
            {"name": "link", "type": "relation", "collectionId": link, "maxSelect": 1},
        ]}));
        let id = |n: usize| format!("record00000000{n}");
        for (n, record) in records.iter().enumerate() {
            let mut record = record.clone();
            record["id"] = json!(id(n));
            if n == 0 {
                record["link"] = json!("");
            }
            backend.create(&root(), "things", record);
        }
        let query = [("age".to_owned(), "3".to_owned())];
        let headers = [("x_age".to_owned(), "5".to_owned())];
        let parameters = ParameterPairs { query: &query, headers: &headers };
        for rule in &rules {
            let set = super::object(json!({"viewRule": rule}));
            if block_on(backspin_collections::update(&backend.app, &root(), "things", set)).is_err() {
                continue;
            }
            let viewed: Vec<String> = (0..records.len())
                .map(id)
                .filter(|id| backend.view(&Caller::Guest, ("things", id), &parameters).is_ok())
                .collect();
            let info = RequestInfo::new(&Caller::Guest, "GET", &parameters);
            let shown = super::parse(block_on(backspin_changes::changes(&backend.app, &info)).unwrap());
            let shown: Vec<String> =
                shown["items"].as_array().unwrap().iter().map(|item| item["recordId"].as_str().unwrap().to_owned()).collect();
            prop_assert_eq!(shown, viewed, "{}", rule);
        }
    }
}
