//! What each type of field makes of what clients send. Every expectation was seen at PocketBase.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_core::Value;
use backspin_schema::{Field, Schema, Snapshot, value};
use serde_json::{Value as Json, json};

/// Each input and what becomes of it: the stored value, else the code.
#[track_caller]
fn check(field: Json, cases: &[(Json, &str)]) {
    let mut field = field;
    field["name"] = json!("f");
    let field: Field = serde_json::from_value(field).unwrap();
    let snapshot = Snapshot::new("1".to_owned(), Schema::default());
    for (input, expected) in cases {
        let found = match value::to_stored(&snapshot, &field, input).unwrap() {
            Ok(Value::Text(text)) => text,
            Ok(Value::Integer(integer)) => integer.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(error) => serde_json::to_value(error).unwrap()["code"].as_str().unwrap().to_owned(),
        };
        assert_eq!(found, *expected, "{input} in {field:?}");
    }
}

const REQUIRED: &str = "validation_required";

#[test]
fn emails() {
    let wrong = "validation_is_email";
    check(
        json!({"type": "email"}),
        &[
            (json!("a@b.co"), "a@b.co"),
            (json!("A+b'c@D_e.co."), "A+b'c@D_e.co."),
            (json!("é@é.é"), "é@é.é"),
            (json!("a@b~c.d-e"), "a@b~c.d-e"),
            (json!(""), ""),
            (json!(null), ""),
            (json!(["a@b.co"]), ""),
            (json!({}), ""),
            (json!(" a@b.co"), wrong),
            (json!("a@b.co\n"), wrong),
            (json!("a@b"), wrong),
            (json!("@b.co"), wrong),
            (json!("a..b@c.de"), wrong),
            (json!("a@-b.de"), wrong),
            (json!("a@b.c1"), wrong),
            (json!("A <a@b.co>"), wrong),
            (json!(0), wrong),
            (json!(true), wrong),
        ],
    );
    let elsewhere = "validation_email_domain_not_allowed";
    let domains = json!({"type": "email", "onlyDomains": ["example.com"], "required": true});
    check(
        domains,
        &[
            (json!("a@example.com"), "a@example.com"),
            (json!("a@EXAMPLE.com"), elsewhere),
            (json!("a@b.example.com"), elsewhere),
            (json!("nobody"), wrong),
            (json!(""), REQUIRED),
        ],
    );
    let domains = json!({"type": "email", "exceptDomains": ["example.com"]});
    check(domains, &[(json!("a@example.com"), elsewhere), (json!("a@b.co"), "a@b.co")]);
}

#[test]
fn urls() {
    let wrong = "validation_invalid_url";
    for url in [
        "http://a.b",
        "https://example.com/é?a=b&c=%zz#d",
        "ws://localhost:80/",
        "example.com",
        "http://1.2.3.255:99999",
        "http://[::1]:80/",
        "http://[fe80::1%25en0]",
        "http://user:pw@ex_ample.com",
        "http://é-é.de",
        "mailto:a@b.co",
        "http://a.",
    ] {
        check(json!({"type": "url"}), &[(json!(url), url)]);
    }
    for url in [
        "a.b",
        "//example.com",
        "http://",
        "HTTP://example.com",
        "http://a b.c",
        "http://a.b ",
        "javascript:alert(1)",
        "data:,x",
        "http:/example.com",
        "http://a..b",
        "http://.a",
        "http://a.b:x",
        "http://a.b/%zz",
        "http://a.b/#%zz",
        "http://a.b/\u{1}",
        "http://[1:2]",
        "localhost",
        ":@ab.de/http://x.y",
    ] {
        check(json!({"type": "url"}), &[(json!(url), wrong)]);
    }
    check(json!({"type": "url"}), &[(json!(format!("http://a.b/{}", "x".repeat(2100))), wrong)]);
    check(json!({"type": "url"}), &[(json!(1), wrong), (json!([]), ""), (json!(null), "")]);
    let elsewhere = "validation_url_domain_not_allowed";
    check(
        json!({"type": "url", "onlyDomains": ["ab.de"], "required": true}),
        &[
            (json!("http://u:p@ab.de/x"), "http://u:p@ab.de/x"),
            (json!("http://ab.de:80"), elsewhere),
            (json!("http://AB.de"), elsewhere),
            (json!("ab.de"), elsewhere),
            (json!(""), REQUIRED),
        ],
    );
    let except = json!({"type": "url", "exceptDomains": ["ab.de"]});
    check(except, &[(json!("http://ab.de"), elsewhere), (json!("ab.de"), "ab.de")]);
}

#[test]
fn editors() {
    check(
        json!({"type": "editor", "maxSize": 5, "required": true}),
        &[
            (json!("<p>"), "<p>"),
            (json!("éé"), "éé"),
            (json!(1.5), "1.5"),
            (json!("ééé"), "validation_content_size_limit"),
            (json!([]), REQUIRED),
        ],
    );
}

#[test]
fn selects() {
    let unknown = "validation_invalid_value";
    check(
        json!({"type": "select", "values": ["a", "b", "c"], "maxSelect": 1}),
        &[
            (json!("a"), "a"),
            (json!(["a", "b"]), "b"),
            (json!(["x", "a", ""]), "a"),
            (json!("[\"a\",\"b\"]"), "b"),
            (json!(" [\"a\"] "), "a"),
            (json!("[]"), ""),
            (json!([["a"], {}, null]), ""),
            (json!({"a": 1}), ""),
            (json!(null), ""),
            (json!("a "), unknown),
            (json!("a,b"), unknown),
            (json!(["a", "x"]), unknown),
            (json!(0), unknown),
            (json!("[1]"), unknown),
        ],
    );
    check(
        json!({"type": "select", "values": ["a", "b", "1", "true"], "maxSelect": 2, "required": true}),
        &[
            (json!("a"), r#"["a"]"#),
            (json!(["a", "a", "b"]), r#"["a","b"]"#),
            (json!([1, true]), r#"["1","true"]"#),
            (json!(true), r#"["true"]"#),
            (json!(["a", "b", "x"]), "validation_too_many_values"),
            (json!(["a", "x"]), unknown),
            (json!(["", null]), REQUIRED),
            (json!(""), REQUIRED),
        ],
    );
}

#[test]
fn the_message_about_an_unknown_option_is_a_sentence() {
    let field = json!({"name": "f", "type": "select", "values": ["a"]});
    let field: Field = serde_json::from_value(field).unwrap();
    let snapshot = Snapshot::new("1".to_owned(), Schema::default());
    for (input, message) in
        [("x", "Invalid value x."), (" x ", "Invalid value  x."), ("x?", "Invalid value x?")]
    {
        let error = value::to_stored(&snapshot, &field, &json!(input)).unwrap().unwrap_err();
        let error = serde_json::to_value(error).unwrap();
        assert_eq!(error["message"], message);
        assert_eq!(error["params"], json!({"value": input}));
    }
}

#[test]
fn relations() {
    check(
        json!({"type": "relation", "collectionId": "c", "maxSelect": 1}),
        &[(json!(["a", "b"]), "b"), (json!("a"), "a"), (json!({"id": "a"}), ""), (json!(1), "1")],
    );
    check(
        json!({"type": "relation", "collectionId": "c", "minSelect": 2, "maxSelect": 3, "required": true}),
        &[
            (json!(["a", null, "b", "a"]), r#"["a","b"]"#),
            (json!(["a", "a"]), "validation_not_enough_values"),
            (json!(["a", "b", "c", "d"]), "validation_too_many_values"),
            (json!([]), REQUIRED),
        ],
    );
    let optional = json!({"type": "relation", "collectionId": "c", "minSelect": 2, "maxSelect": 3});
    check(optional, &[(json!([]), "[]"), (json!("a"), "validation_not_enough_values")]);
}

#[test]
fn files() {
    check(json!({"type": "file"}), &[(json!(["a.txt", "b.txt"]), "b.txt"), (json!({}), "")]);
    check(
        json!({"type": "file", "maxSelect": 2, "required": true}),
        &[
            (json!(["a.txt", "b.txt"]), r#"["a.txt","b.txt"]"#),
            (json!(["a", "b", "c"]), "validation_too_many_files"),
            (json!(""), REQUIRED),
        ],
    );
}

#[test]
fn passwords() {
    check(
        json!({"type": "password", "min": 3, "max": 5}),
        &[
            (json!("ééé"), "ééé"),
            (json!(123), "123"),
            (json!(""), ""),
            (json!("ab"), "validation_min_text_constraint"),
            (json!("abcdef"), "validation_max_text_constraint"),
            (json!("a".repeat(73)), "validation_invalid_value"),
        ],
    );
    check(
        json!({"type": "password", "pattern": "^[a-zé]+$", "required": true}),
        &[
            (json!("é".repeat(36)), &"é".repeat(36)),
            (json!("a".repeat(72)), "validation_max_text_constraint"),
            (json!("A"), "validation_invalid_format"),
            (json!([]), REQUIRED),
        ],
    );
}

#[test]
fn places() {
    let zero = r#"{"lon":0,"lat":0}"#;
    let (no_lon, no_lat) = ("validation_invalid_longitude", "validation_invalid_latitude");
    check(
        json!({"type": "geoPoint"}),
        &[
            (json!({"lat": 2, "lon": 1.5, "x": 3}), r#"{"lon":1.5,"lat":2}"#),
            (json!({"lon": true, "lat": 1}), zero),
            (json!({"lon": null, "lat": 1}), r#"{"lon":0,"lat":1}"#),
            (json!({"lon": 1, "lat": "x"}), r#"{"lon":1,"lat":0}"#),
            (json!({"a": "x", "lon": 1, "lat": 2}), r#"{"lon":1,"lat":2}"#),
            (json!({"lon": "1", "lat": [2]}), zero),
            (json!({"lon": -180, "lat": -90}), r#"{"lon":-180,"lat":-90}"#),
            (json!(r#"{"lon":1,"lat":2}"#), r#"{"lon":1,"lat":2}"#),
            (json!(r#"{"lon":1,"lat":"2"}"#), r#"{"lon":1,"lat":0}"#),
            (json!(r#"{"lon":"1","lat":2}"#), zero),
            (json!("[1,2]"), zero),
            (json!([1, 2]), zero),
            (json!(null), zero),
            (json!({"lon": 181, "lat": 0}), no_lon),
            (json!({"lon": -181, "lat": -91}), no_lat),
        ],
    );
    check(
        json!({"type": "geoPoint", "required": true}),
        &[(json!({"lon": 0, "lat": 0}), REQUIRED), (json!({"lat": 1}), r#"{"lon":0,"lat":1}"#)],
    );
}

#[test]
fn numbers() {
    let not_a_number = "validation_not_a_number";
    let mut cases = vec![];
    for (text, expected) in [
        ("1_000", "1000"),
        ("1_000_000", "1000000"),
        ("1_0.5", "Real(10.5)"),
        ("0.1_5", "Real(0.15)"),
        ("1_0e1", "100"),
        ("1e1_0", "10000000000"),
        ("007_1", "71"),
        ("+5", "5"),
        (".5", "Real(0.5)"),
        ("5.", "5"),
        ("_1", "0"),
        ("1_", "0"),
        ("1__0", "0"),
        ("1_.5", "0"),
        ("1_e1", "0"),
        (" 5", "0"),
        ("0b11", "0"),
        ("1e400", "0"),
        ("inf", not_a_number),
        ("-INFINITY", not_a_number),
        ("nan", not_a_number),
    ] {
        cases.push((json!(text), expected));
    }
    check(json!({"type": "number"}), &cases);
}

#[test]
fn json_within_texts() {
    let invalid = "validation_invalid_json";
    check(
        json!({"type": "json"}),
        &[
            (json!({"b": 1, "a": 2}), r#"{"b":1,"a":2}"#),
            (json!(r#"{"b": 1, "a": 2}"#), r#"{"b": 1, "a": 2}"#),
            (json!("1_0"), r#""1_0""#),
            (json!(" 1"), r#"" 1""#),
            (json!(r#"{"a":1"#), r#""{\"a\":1""#),
            (json!(r#"{"a":1,"a":2}"#), invalid),
            (json!(r#"[{"a":{"b":1,"\u0062":1}}]"#), invalid),
            (json!("1e400"), invalid),
        ],
    );
}

#[test]
fn dates() {
    check(
        json!({"type": "date"}),
        &[
            (json!("29 Feb 2024"), "2024-02-29 00:00:00.000Z"),
            (json!("2024-02-30"), ""),
            (json!(1_709_210_096), ""),
            (json!(["2024-02-29"]), ""),
        ],
    );
    let autodate = json!({"type": "autodate", "onCreate": true});
    check(autodate, &[(json!("2024-02-29"), "2024-02-29 00:00:00.000Z"), (json!(1), "")]);
}

#[test]
fn ids_are_safe_whatever_pattern_a_collection_has() {
    let forbidden = "validation_forbidden_pk_character";
    let reserved = "validation_reserved_pk";
    check(
        json!({"type": "text", "primaryKey": true, "required": true, "min": 2, "max": 10, "pattern": ".*"}),
        &[
            (json!("a-b_é@"), "a-b_é@"),
            (json!("a b"), forbidden),
            (json!("../x"), forbidden),
            (json!("a\u{0}b"), forbidden),
            (json!("a%b"), forbidden),
            (json!("nul"), reserved),
            (json!("Com1"), reserved),
            (json!("com10"), "com10"),
            (json!("a"), "validation_min_text_constraint"),
            (json!("aaaaaaaaaaa"), "validation_max_text_constraint"),
        ],
    );
    check(
        json!({"type": "text", "primaryKey": true, "pattern": "^[a-z0-9]+$"}),
        &[(json!("nul"), "nul"), (json!("a b"), "validation_invalid_format")],
    );
}
