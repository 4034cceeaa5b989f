use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use crate::{Backend, alice, object, refusal, superuser};

#[test]
fn a_guest_creates_a_record_where_the_rule_is_empty() {
    let backend = Backend::new();
    let body = json!({
        "id": "abcdefghijklmno", "title": "Alien", "rating": 8.5, "seen": true,
        "meta": {"b": [1, 2.5], "a": null}, "released": "1979-05-25",
    });
    let record = backend.create(&Caller::Guest, "movies", body).unwrap();
    assert_eq!(
        record,
        json!({
            "collectionId": "pbc_4044198014", "collectionName": "movies",
            "created": "2026-01-02 03:04:05.678Z", "id": "abcdefghijklmno",
            "meta": {"b": [1, 2.5], "a": null}, "rating": 8.5, "released": "1979-05-25 00:00:00.000Z",
            "seen": true, "title": "Alien", "updated": "2026-01-02 03:04:05.678Z",
        })
    );
}

#[test]
fn keys_of_a_record_are_in_alphabetical_order() {
    let backend = Backend::new();
    let record = backend.create(&superuser(), "movies", json!({"title": "Alien"})).unwrap();
    let keys: Vec<String> = object(record).keys().cloned().collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!(keys.contains(&"secret".to_owned()));
}

#[test]
fn what_is_left_out_is_nothing_and_the_id_is_made() {
    let backend = Backend::new();
    let record = backend.create(&Caller::Guest, "movies", json!({"title": "Alien"})).unwrap();
    assert_eq!(record["rating"], json!(0));
    assert_eq!(record["seen"], json!(false));
    assert_eq!(record["meta"], Json::Null);
    assert_eq!(record["released"], json!(""));
    assert_eq!(record["id"].as_str().unwrap().len(), 15);
}

#[test]
fn it_takes_one_statement() {
    let backend = Backend::new();
    backend.create(&Caller::Guest, "movies", json!({"title": "Alien"})).unwrap();
    backend.app.database().take();
    backend.create(&Caller::Guest, "movies", json!({"title": "Aliens"})).unwrap();
    assert_eq!(backend.app.database().take().len(), 1);
}

#[test]
fn values_are_taken_as_pocketbase_takes_them() {
    let backend = Backend::new();
    for (field, given, expected) in [
        ("title", json!(12), json!("12")),
        ("title", json!(1e21), json!("1000000000000000000000")),
        ("title", json!(1e-7), json!("0.0000001")),
        ("title", json!(true), json!("true")),
        ("title", json!("<b>&\0\""), json!("<b>&\0\"")),
        ("rating", json!("3.5"), json!(3.5)),
        ("rating", json!(".5"), json!(0.5)),
        ("rating", json!("abc"), json!(0)),
        ("rating", json!(true), json!(1)),
        ("rating", json!([5]), json!(0)),
        ("rating", json!(2.0), json!(2)),
        ("rating", json!(0.30000000000000004), json!(0.30000000000000004)),
        ("rating", json!(-1e300), json!(-1e300)),
        ("seen", json!("t"), json!(true)),
        ("seen", json!("yes"), json!(false)),
        ("seen", json!(-1), json!(true)),
        ("seen", json!([1]), json!(false)),
        ("meta", json!("hello"), json!("hello")),
        ("meta", json!("{\"a\":1}"), json!({"a": 1})),
        ("meta", json!("true"), json!(true)),
        ("meta", json!("-1"), json!(-1)),
        ("meta", json!("01"), json!("01")),
        ("meta", json!(" 1"), json!(" 1")),
        ("meta", json!("null"), json!(null)),
        ("meta", json!(false), json!(false)),
        ("released", json!("2024-01-02T03:04:05+02:00"), json!("2024-01-02 01:04:05.000Z")),
        ("released", json!("2024-02-30"), json!("")),
        ("released", json!(1704067200), json!("")),
    ] {
        let mut body = json!({"title": "unlike the others"});
        body[field] = given.clone();
        let record = backend.create(&Caller::Guest, "movies", body).unwrap();
        let same_number = record[field].as_f64().is_some_and(|number| Some(number) == expected.as_f64());
        assert!(same_number || record[field] == expected, "{field} {given}: {}", record[field]);
        backend.delete(&Caller::Guest, "movies", record["id"].as_str().unwrap()).unwrap();
    }
}

#[test]
fn bad_input_is_refused_with_its_code_and_leaves_nothing() {
    let backend = Backend::new();
    for (body, expected) in [
        (json!({}), "400 title:validation_required"),
        (json!({"title": ["a"]}), "400 title:validation_required"),
        (json!({"title": "x".repeat(31)}), "400 title:validation_max_text_constraint"),
        (json!({"title": "a", "id": "short"}), "400 id:validation_min_text_constraint"),
        (json!({"title": "a", "id": "ABCDEFGHIJKLMNO"}), "400 id:validation_invalid_format"),
        (json!({"title": "a", "rating": 11}), "400 rating:validation_max_number_constraint"),
        (json!({"title": "a", "rating": "Infinity"}), "400 rating:validation_not_a_number"),
        (json!({"title": "a", "meta": "x".repeat(1000)}), "400 meta:validation_json_size_limit"),
        (json!({"rating": 11}), "400 rating:validation_max_number_constraint title:validation_required"),
    ] {
        assert_eq!(refusal(backend.create(&Caller::Guest, "movies", body)), expected);
    }
    assert_eq!(backend.sql("SELECT count(*) FROM movies"), [[0_i64.into()]]);
}

#[test]
fn values_that_must_be_unique_are_refused_by_their_field() {
    let backend = Backend::new();
    let body = json!({"id": "abcdefghijklmno", "title": "Alien"});
    backend.create(&Caller::Guest, "movies", body).unwrap();
    let create = |body| refusal(backend.create(&Caller::Guest, "movies", body));
    assert_eq!(create(json!({"title": "Alien"})), "400 title:validation_not_unique");
    assert_eq!(create(json!({"id": "abcdefghijklmno", "title": "Aliens"})), "400 id:validation_not_unique");
}

#[test]
fn what_the_rule_does_not_allow_is_refused() {
    let backend = Backend::new();
    assert_eq!(refusal(backend.create(&Caller::Guest, "notes", json!({}))), "403");
    assert_eq!(refusal(backend.create(&alice(), "notes", json!({}))), "403");
    assert_eq!(refusal(backend.create(&Caller::Guest, "nowhere", json!({}))), "404");
    backend.create(&superuser(), "notes", json!({"text": "a"})).unwrap();
}

#[test]
fn values_never_become_part_of_the_statement() {
    let backend = Backend::new();
    let hostile = "'); DROP TABLE movies;--";
    backend.create(&Caller::Guest, "movies", json!({"title": &hostile[..20], "meta": hostile})).unwrap();
    assert!(backend.app.database().take().iter().all(|sql| !sql.contains("DROP")));
    assert_eq!(backend.sql("SELECT count(*) FROM movies"), [[1_i64.into()]]);
}

#[test]
fn a_collection_of_many_fields_works() {
    let backend = Backend::empty();
    let fields: Vec<Json> =
        (0..500 - 1).map(|n| json!({"name": format!("f{n:03}"), "type": "number"})).collect();
    backend.create_collection(json!({"name": "wide", "fields": fields}));
    let record = backend.create(&superuser(), "wide", json!({"f498": 5})).unwrap();
    assert_eq!((object(record.clone()).len(), &record["f498"]), (502, &json!(5)));
}

#[test]
fn a_password_of_any_collection_is_stored_as_its_hash_and_shown_empty() {
    let backend = Backend::empty();
    backend.open_collection("doors", json!({}), vec![json!({"name": "code", "type": "password", "min": 4})]);
    assert_eq!(
        refusal(backend.create(&Caller::Guest, "doors", json!({"code": "123"}))),
        "400 code:validation_min_text_constraint"
    );
    let door = backend.create(&Caller::Guest, "doors", json!({"code": "1234"})).unwrap();
    assert_eq!(door["code"], json!(""));
    assert!(backspin_password_hash::verify("1234", &backend.text("SELECT code FROM doors")));
    let path = ("doors", door["id"].as_str().unwrap());
    assert_eq!(backend.update(&Caller::Guest, path, json!({"code": "5678"})).unwrap()["code"], json!(""));
    assert!(backspin_password_hash::verify("5678", &backend.text("SELECT code FROM doors")));
}
