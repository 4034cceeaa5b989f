//! Whatever value goes in comes out the same.

use backspin_schema::Caller;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use crate::Backend;

/// Stores each value in `field` and reads it back.
fn comes_back(field: &str, strategy: impl Strategy<Value = Json>) {
    let backend = Backend::empty();
    backend.create_collection(json!({
        "name": "values", "viewRule": "", "createRule": "", "updateRule": "",
        "fields": [
            {"name": "text", "type": "text"}, {"name": "number", "type": "number"}, {"name": "json", "type": "json"},
        ],
    }));
    let record = backend.create(&Caller::Guest, "values", json!({})).unwrap();
    let id = record["id"].as_str().unwrap();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(500));
    let result = runner.run(&strategy, |value| {
        let updated =
            backend.update(&Caller::Guest, ("values", id), json!({ field: value.clone() })).unwrap();
        let viewed = backend.view(&Caller::Guest, "values", id).unwrap();
        prop_assert_eq!(as_client_reads(&updated[field]), as_client_reads(&value));
        prop_assert_eq!(&viewed[field], &updated[field]);
        Ok(())
    });
    result.unwrap();
}

/// A JavaScript client knows one kind of number.
fn as_client_reads(value: &Json) -> Json {
    match value {
        Json::Number(number) => json!(number.as_f64().map(|number| number + 0.0)),
        Json::Array(items) => items.iter().map(as_client_reads).collect(),
        Json::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), as_client_reads(value))).collect()
        }
        other => other.clone(),
    }
}

fn any_number() -> impl Strategy<Value = Json> {
    prop_oneof![
        any::<f64>().prop_filter("JSON has no infinity", |number| number.is_finite()).prop_map(|n| json!(n)),
        any::<i64>().prop_map(|number| json!(number as f64)),
        (any::<i32>(), 0..6_i32).prop_map(|(number, scale)| json!(f64::from(number) / 10_f64.powi(scale))),
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any_number(),
        any::<String>()
            .prop_filter("text that is JSON is taken as that", |text| {
                serde_json::from_str::<Json>(text).is_err()
            })
            .prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| map.into_iter().collect::<Json>()),
        ]
    })
}

#[test]
fn numbers_come_back_as_the_same_double() {
    comes_back("number", any_number());
}

#[test]
fn text_comes_back_to_the_last_character() {
    comes_back("text", any::<String>().prop_map(Json::from));
}

#[test]
fn json_comes_back_whole() {
    comes_back("json", any_json());
}
