//! Values of one type as values of another.

use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection};

/// Converts `values`, SQL literals, and compares the results, SQL literals too, and the count of lost ones.
#[track_caller]
fn check(from: Json, to: Json, pairs: &[(&str, &str)], lost: i64) {
    let field = |kind: &Json| {
        let mut field = kind.clone();
        field["name"] = "x".into();
        [collection("t", json!([field]), json!({}))]
    };
    let database = TestDatabase::with(&field(&from));
    for (position, (before, _)) in pairs.iter().enumerate() {
        database.sql(&format!("INSERT INTO t (id, x) VALUES ('{position:05}', {before})"));
    }
    let state = database.state();
    assert_eq!(database.measured(&field(&to)).steps()[0].lost, Some(lost), "values lost");
    let applied = database.apply(&field(&to), &["t.x"]).unwrap();
    assert_eq!(applied.steps[0].lost, Some(lost), "what was foretold");
    let expected: Vec<&str> = pairs.iter().map(|(_, after)| *after).collect();
    assert_eq!(database.texts("SELECT quote(x) FROM t ORDER BY id"), expected);
    database.revert(2, &[]).unwrap();
    assert_eq!(database.state(), state);
}

fn kind(kind: &str) -> Json {
    json!({ "type": kind })
}

fn select(max: u32) -> Json {
    json!({"type": "select", "values": ["a", "b"], "maxSelect": max})
}

/// As PocketBase 0.40.6 stores them after the same change, asked with rows written by SQL.
#[test]
fn one_value_becomes_several_as_in_pocketbase() {
    check(
        select(1),
        select(2),
        &[
            ("''", "'[]'"),
            ("'a'", r#"'["a"]'"#),
            (r#"'["a","b"]'"#, r#"'["a","b"]'"#),
            ("'[]'", "'[]'"),
            ("'[1]'", "'[1]'"),
            (r#"'{"a":1}'"#, r#"'["{\"a\":1}"]'"#),
            ("'12'", r#"'["12"]'"#),
            ("'null'", r#"'["null"]'"#),
            (r#"'"q"'"#, r#"'["\"q\""]'"#),
            (r#"'["a"'"#, r#"'["[\"a\""]'"#),
            ("'a[b]'", r#"'["a[b]"]'"#),
            ("'a' || char(0) || 'b'", r#"'["a\u0000b"]'"#),
            ("'\\'", r#"'["\\"]'"#),
            ("char(11)", r#"'["\u000b"]'"#),
        ],
        3,
    );
}

/// As above.
#[test]
fn several_values_become_the_last_as_in_pocketbase() {
    check(
        select(2),
        select(1),
        &[
            ("''", "''"),
            ("'a'", "'a'"),
            (r#"'["a","b"]'"#, "'b'"),
            ("'[]'", "''"),
            ("'[1]'", "'1'"),
            (r#"'{"a":1}'"#, r#"'{"a":1}'"#),
            ("12", "'12'"),
            ("'null'", "'null'"),
            (r#"'"q"'"#, r#"'"q"'"#),
            (r#"'["a"'"#, r#"'["a"'"#),
            ("'[null]'", "''"),
            (r#"'[["a"]]'"#, r#"'["a"]'"#),
            (r#"'[""]'"#, "''"),
            ("'[1.50]'", "'1.5'"),
            ("'[true]'", "'1'"),
        ],
        14,
    );
}

#[test]
fn texts_become_numbers_and_booleans() {
    let texts = ["''", "'1.50'", "'-3'", "'true'", "'abc'", "'1e999'", "'12345678901234567890'"];
    let with = |after: [&'static str; 7]| texts.into_iter().zip(after).collect::<Vec<_>>();
    check(
        kind("text"),
        kind("number"),
        &with(["0", "1.5", "-3", "1", "0", "0", "1.2345678901234567e+19"]),
        6,
    );
    check(kind("text"), kind("bool"), &with(["0", "1", "1", "1", "0", "0", "1"]), 6);
}

#[test]
fn numbers_and_booleans_become_texts() {
    let numbers = [
        ("0", "'0'"),
        ("1.5", "'1.5'"),
        ("-7", "'-7'"),
        ("0.1 + 0.2", "'0.30000000000000004'"),
        ("1e300", "'1.0e+300'"),
    ];
    check(kind("number"), kind("text"), &numbers, 0);
    check(kind("bool"), kind("text"), &[("1", "'true'"), ("0", "'false'")], 0);
}

#[test]
fn dates_are_read_from_texts() {
    let pairs = [
        ("''", "''"),
        ("'2024-02-29 10:20:30.123Z'", "'2024-02-29 10:20:30.123Z'"),
        ("'2024-02-29'", "'2024-02-29 00:00:00.000Z'"),
        ("'2024-02-29T12:00:00+02:00'", "'2024-02-29 10:00:00.000Z'"),
        ("'soon'", "''"),
        ("'12'", "''"),
    ];
    check(kind("text"), kind("date"), &pairs, 4);
}

#[test]
fn json_holds_every_other_type() {
    check(
        kind("text"),
        kind("json"),
        &[("''", "NULL"), ("'a'", r#"'"a"'"#), ("'12'", "12"), ("'[1]'", "'[1]'")],
        0,
    );
    check(kind("number"), kind("json"), &[("0", "0"), ("1.5", "1.5")], 0);
    check(kind("bool"), kind("json"), &[("1", "'true'"), ("0", "'false'")], 0);
    check(select(2), kind("json"), &[(r#"'["a","b"]'"#, r#"'["a","b"]'"#), ("'[]'", "'[]'")], 0);
    let place = r#"'{"lon":1.5,"lat":2}'"#;
    check(kind("geoPoint"), kind("json"), &[(place, place)], 0);
}

#[test]
fn json_becomes_what_it_holds() {
    let values = [
        "NULL",
        "12",
        r#"'"a"'"#,
        "'true'",
        r#"'["a",1]'"#,
        r#"'{"lon":200,"lat":0}'"#,
        r#"'{"lat":2,"lon":1}'"#,
    ];
    let with = |after: [&'static str; 7]| values.into_iter().zip(after).collect::<Vec<_>>();
    let (list, bad, place) = (r#"'["a",1]'"#, r#"'{"lon":200,"lat":0}'"#, r#"'{"lat":2,"lon":1}'"#);
    check(kind("json"), kind("text"), &with(["''", "'12'", "'a'", "'true'", list, bad, place]), 0);
    check(kind("json"), kind("number"), &with(["0", "12", "0", "1", "0", "0", "0"]), 6);
    let none = r#"'{"lon":0,"lat":0}'"#;
    check(
        kind("json"),
        kind("geoPoint"),
        &with([none, none, none, none, none, none, r#"'{"lon":1,"lat":2}'"#]),
        7,
    );
    let lists = [
        "'[]'",
        r#"'["12"]'"#,
        r#"'["a"]'"#,
        r#"'["true"]'"#,
        r#"'["a","1"]'"#,
        r#"'["{\"lon\":200,\"lat\":0}"]'"#,
        r#"'["{\"lat\":2,\"lon\":1}"]'"#,
    ];
    check(kind("json"), select(2), &with(lists), 7);
}
