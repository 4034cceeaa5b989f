use futures::executor::block_on;
use serde_json::{Value as Json, json};

use super::moment::{codes, put_back};
use super::{Backend, object, root, status};

#[test]
fn values_that_an_index_made_since_does_not_let_stand_are_named() {
    let backend = Backend::new();
    for n in 1..=2 {
        backend.create(&root(), "comments", json!({"id": format!("comment0000000{n}"), "text": "Same"}));
    }
    let well = backend.newest();
    backend.sql("UPDATE comments SET text = id");
    let index = "CREATE UNIQUE INDEX idx_text ON comments (lower(text) DESC) WHERE text <> ''";
    backend.change("comments", json!({"indexes": [index]}));
    let mut body = json!({"collections": ["comments"], "to": well});
    let plan = backend.plan(&root(), body.clone()).unwrap();
    assert_eq!(plan["conflicts"].as_array().unwrap().len(), 2);
    body["fingerprint"] = plan["fingerprint"].clone();
    let refused = codes(backend.apply(&root(), body));
    let expected = ["comments.comment00000001", "comments.comment00000002"];
    assert_eq!(refused, expected.map(|record| format!("{record}: validation_conflict")));
}

#[test]
fn a_collection_made_anew_is_not_put_back_to_what_another_was() {
    let backend = Backend::new();
    let definition = json!({"name": "notes", "fields": [{"name": "text", "type": "text"}]});
    backend.collection(definition.clone());
    backend.create(&root(), "notes", json!({"text": "a"}));
    let well = backend.newest();
    backend.sql("UPDATE notes SET text = 'ruined'");
    block_on(backspin_collections::delete(&backend.app, &root(), "notes")).unwrap();
    backend.collection(definition);
    backend.create(&root(), "notes", json!({"text": "of another"}));
    let refused = codes(backend.plan(&root(), json!({"collections": ["notes"], "to": well})));
    assert_eq!(refused, ["collections: validation_invalid_value"]);
    let later = backend.newest();
    assert_eq!(status(backend.plan(&root(), json!({"collections": ["notes"], "to": later}))), 200);
}

#[test]
fn a_collection_whose_deletion_was_taken_back_has_its_past() {
    let backend = Backend::new();
    backend.create(&root(), "comments", json!({"text": "a"}));
    let well = backend.newest();
    backend.sql("UPDATE comments SET text = 'ruined'");
    block_on(backspin_collections::delete(&backend.app, &root(), "comments")).unwrap();
    block_on(backspin_collections::migrate::revert(&backend.app, &root(), object(json!({})))).unwrap();
    put_back(&backend, json!(["comments"]), well);
    assert_eq!(backend.sql("SELECT text FROM comments"), [["a".into()]]);
}

/// A collection with the text field `x`, its records `a`, `b`, … with these values, and then `x` of another type. Of
/// each what its first version becomes, or the codes for which it is refused.
fn retyped(to: Json, values: &[&str]) -> Vec<Json> {
    let backend = Backend::new();
    backend.collection(json!({"name": "things", "fields": [{"name": "x", "type": "text"}]}));
    for (n, value) in values.iter().enumerate() {
        backend.create(&root(), "things", json!({"id": format!("thing000000000{n}"), "x": value}));
    }
    let mut field = to;
    field["id"] = json!(backspin_core::id::field_id("text", "x"));
    field["name"] = json!("x");
    backend.change_field("things", field);
    backend
        .sql("UPDATE things SET x = (SELECT x FROM things AS other WHERE other.id = '') IS NOT NULL WHERE 0");
    let version = |n: usize| {
        let id = format!("thing000000000{n}");
        match backend.restore(&root(), ("things", &id), n as i64 + 1) {
            Ok(record) => record["x"].clone(),
            refused => json!(codes(refused)),
        }
    };
    (0..values.len()).map(version).collect()
}

#[test]
fn a_field_of_another_type_gets_what_a_migration_would_make_of_the_value() {
    let misfit = json!(["x: validation_type_changed"]);
    assert_eq!(
        retyped(json!({"type": "number"}), &["5", "-1.5", "nan", "inf", "-0x1", ""]),
        [json!(5), json!(-1.5), misfit.clone(), misfit.clone(), misfit.clone(), json!(0)]
    );
    assert_eq!(
        retyped(json!({"type": "date"}), &["2026-01-02 03:04:05.678Z", "hello"]),
        [json!("2026-01-02 03:04:05.678Z"), misfit.clone()]
    );
    assert_eq!(
        retyped(json!({"type": "json"}), &["hello", "{bad", r#"{"a":1}"#]),
        [json!("hello"), json!("{bad"), json!({"a": 1})]
    );
    assert_eq!(
        retyped(json!({"type": "geoPoint"}), &[r#"{"lon":999,"lat":"x"}"#, r#"{"lon":1,"lat":2}"#]),
        [misfit.clone(), json!({"lon": 1, "lat": 2})]
    );
    assert_eq!(retyped(json!({"type": "bool"}), &["true", "5"]), [json!(true), misfit]);
    let select = json!({"type": "select", "values": ["a", "b"], "maxSelect": 2});
    assert_eq!(retyped(select, &["a"]), [json!(["a"])]);
}

#[test]
fn the_type_of_each_time_counts_and_what_does_not_fit_stands_in_the_plan() {
    let backend = Backend::new();
    let field = |kind: &str| json!({"id": "the \"x\"", "name": "x", "type": kind});
    backend.collection(json!({"name": "things", "fields": [field("bool")]}));
    let id = ("things", "thing0000000001");
    backend.create(&root(), "things", json!({"id": id.1, "x": true}));
    backend.change_field("things", field("text"));
    backend.update(&root(), "things", id.1, json!({"x": "12"}));
    let text = backend.newest();
    backend.update(&root(), "things", id.1, json!({"x": "twelve"}));
    let misfit = backend.newest();
    backend.update(&root(), "things", id.1, json!({"x": ""}));
    assert_eq!(backend.restore(&root(), id, 1).unwrap()["x"], "true");
    backend.change_field("things", field("number"));
    assert_eq!(backend.restore(&root(), id, text).unwrap()["x"], 12);
    let plan = backend.plan(&root(), json!({"collections": ["things"], "to": misfit})).unwrap();
    assert_eq!(plan["conflicts"][0]["record"], id.1, "{plan}");
    put_back(&backend, json!(["things"]), text);
    assert_eq!(backend.sql("SELECT x, typeof(x) FROM things"), [[12_i64.into(), "integer".into()]]);
    assert_eq!(backend.restore(&root(), id, 1).unwrap()["x"], 1, "as a bool becomes a number");
}
