//! Records: every type of field, and what only raw SQL can have stored.

use backspin_core::Value;
use serde_json::{Value as Json, json};

use crate::folder::{CREATED, Folder, not_brought, texts};

fn fields() -> Vec<Json> {
    let field = |kind: &str| json!({"id": format!("f_{kind}"), "name": kind, "type": kind});
    let mut fields: Vec<Json> = [
        "text", "number", "bool", "email", "url", "editor", "date", "autodate", "json", "password",
        "geoPoint",
    ]
    .map(field)
    .to_vec();
    for (kind, option, value) in [
        ("select", "values", json!(["a", "b", "c"])),
        ("relation", "collectionId", json!("_pb_users_auth_")),
        ("file", "maxSize", json!(5000)),
    ] {
        for (name, max) in [(kind.to_owned(), 1), (format!("{kind}s"), 3)] {
            fields.push(json!({"id": name, "name": name, "type": kind, "maxSelect": max, option: value}));
        }
    }
    fields
}

/// A collection `all` whose field holds each of these values, stored without any check.
fn stored(field: &str, values: &[Value]) -> Folder {
    let folder = Folder::new();
    folder.base("all", &fields());
    let declared = "SELECT replace(sql, ' NOT NULL', '') FROM sqlite_master WHERE name = 'all'";
    let declared = texts(folder.rows(declared));
    folder.sql("DROP TABLE `all`");
    folder.sql(&declared[0]);
    for (number, value) in values.iter().enumerate() {
        let sql = format!("INSERT INTO `all` (id, `{field}`) VALUES (?1, ?2)");
        folder.sql_with(&sql, vec![format!("r{number:03}").into(), value.clone()]);
    }
    folder
}

/// What each of the values has become.
fn check(field: &str, cases: &[(Value, Value)]) -> Vec<String> {
    let values: Vec<Value> = cases.iter().map(|(value, _)| value.clone()).collect();
    let folder = stored(field, &values);
    let report = folder.import().unwrap();
    let rows = folder.imported(&format!("SELECT \"{field}\" FROM \"all\" ORDER BY id"));
    for ((value, expected), row) in cases.iter().zip(rows) {
        assert_eq!(row, std::slice::from_ref(expected), "{field} {value:?}");
    }
    not_brought(&report).into_iter().filter(|note| note.contains(" of the field ")).collect()
}

fn text(text: &str) -> Value {
    Value::from(text)
}

#[test]
fn usual_values_of_every_type_come_as_they_are() {
    let folder = Folder::new();
    folder.base("all", &fields());
    let columns = "id, text, number, bool, email, url, editor, date, autodate, json, password, geoPoint, `select`, selects, relation, relations, file, files";
    let values = vec![
        text("abcdefghijklmno"),
        text("ü\u{0}\u{1F600}"),
        Value::Real(0.1),
        Value::Integer(1),
        text("a@b.co"),
        text("https://b.co"),
        text("<p>x</p>"),
        text(CREATED),
        text(CREATED),
        text(r#"{"b": [1, 2.0], "a": null}"#),
        text("$2a$10$hash"),
        text(r#"{"lon":1.5,"lat":-2}"#),
        text("a"),
        text(r#"["a","b"]"#),
        text("u1"),
        text(r#"["u1","u2"]"#),
        text("x.png"),
        text(r#"["x.png","y.png"]"#),
    ];
    let places: Vec<String> = (1..=values.len()).map(|place| format!("?{place}")).collect();
    folder.sql_with(&format!("INSERT INTO `all` ({columns}) VALUES ({})", places.join(", ")), values.clone());
    let report = folder.import().unwrap();
    assert_eq!(not_brought(&report), ["the settings: there are none"]);
    assert_eq!(folder.imported(&format!("SELECT {columns} FROM `all`")), [values]);
}

#[test]
fn texts_hold_text() {
    assert!(
        check(
            "text",
            &[
                (Value::Null, text("")),
                (Value::Integer(2), text("2")),
                (Value::Blob(b"ab\xff".to_vec()), text("ab\u{FFFD}")),
            ]
        )
        .is_empty()
    );
}

#[test]
fn numbers_are_exact_to_53_bits_and_finite() {
    let told = check(
        "number",
        &[
            (Value::Null, Value::Integer(0)),
            (text("1.50"), Value::Real(1.5)),
            (Value::Integer((1 << 53) + 1), Value::Integer(1 << 53)),
            (Value::Real(f64::INFINITY), Value::Integer(0)),
            (text("many"), Value::Integer(0)),
            (text("1_000"), Value::Integer(1000)),
        ],
    );
    assert_eq!(
        told,
        ["2 values of the field number of all: they are no number, and PocketBase shows none either"]
    );
}

#[test]
fn booleans_are_true_as_pocketbase_sees_it() {
    assert!(
        check(
            "bool",
            &[
                (Value::Null, Value::Integer(0)),
                (Value::Integer(1), Value::Integer(1)),
                (Value::Integer(2), Value::Integer(0)),
                (text("T"), Value::Integer(1)),
                (text("yes"), Value::Integer(0)),
            ]
        )
        .is_empty()
    );
}

#[test]
fn dates_get_their_one_form() {
    let told = check(
        "date",
        &[
            (Value::Null, text("")),
            (text("2024-01-02"), text("2024-01-02 00:00:00.000Z")),
            (text("2024-01-02T05:04:05+02:00"), text("2024-01-02 03:04:05.000Z")),
            (text("soon"), text("")),
        ],
    );
    assert_eq!(
        told,
        ["1 value of the field date of all: they are no date, and PocketBase shows none either"]
    );
}

#[test]
fn lists_hold_distinct_texts() {
    let empty = || text("[]");
    for field in ["selects", "relations", "files"] {
        assert!(
            check(
                field,
                &[
                    (Value::Null, empty()),
                    (text(""), empty()),
                    (text("a"), text(r#"["a"]"#)),
                    (Value::Integer(2), text(r#"["2"]"#)),
                    (text(r#"["a","b","a",""]"#), text(r#"["a","b"]"#)),
                    (text("[1]"), text(r#"["[1]"]"#)),
                ]
            )
            .is_empty()
        );
    }
    for field in ["select", "relation", "file"] {
        assert!(
            check(
                field,
                &[(Value::Null, text("")), (text(r#"["a","b"]"#), text("b")), (text("[]"), text(""))]
            )
            .is_empty()
        );
    }
}

#[test]
fn json_that_is_none_becomes_a_text() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let told = check(
        "json",
        &[
            (Value::Null, Value::Null),
            (Value::Integer(5), Value::Integer(5)),
            (text(""), text("\"\"")),
            (text("[1,"), text("\"[1,\"")),
            (text(" {} "), text("\" {} \"")),
            (text("true"), text("true")),
            (text(&deep), text(&deep)),
            (Value::Blob(br#"{"b":1}"#.to_vec()), text(r#"{"b":1}"#)),
            (Value::Real(f64::NEG_INFINITY), Value::Null),
        ],
    );
    assert_eq!(
        told,
        ["1 value of the field json of all: they are no json, and PocketBase shows none either"]
    );
}

#[test]
fn places_are_objects_of_two_numbers() {
    let nowhere = || text(r#"{"lon":0,"lat":0}"#);
    let told = check(
        "geoPoint",
        &[
            (Value::Null, nowhere()),
            (text("null"), nowhere()),
            (text(r#"{"lat":3,"lon":1.50,"k":1}"#), text(r#"{"lon":1.5,"lat":3}"#)),
            (text(r#"{"lon":"x"}"#), nowhere()),
            (text("[1,2]"), nowhere()),
        ],
    );
    assert_eq!(
        told,
        ["2 values of the field geoPoint of all: they are no geoPoint, and PocketBase shows none either"]
    );
}

#[test]
fn many_records_keep_their_order_and_nothing_is_logged() {
    let folder = Folder::new();
    folder.base("notes", &[json!({"id": "t", "name": "text", "type": "text"})]);
    folder.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001) INSERT INTO notes (rowid, id, text) SELECT 2 * i, 'r' || (100000 - i), i FROM n");
    let report = folder.import().unwrap();
    assert_eq!(report.records(), 5001);
    let rows = folder.imported("SELECT count(*), min(rowid), max(rowid), sum(rowid = 2 * text) FROM notes");
    assert_eq!(rows, [[5001, 2, 10_002, 5001].map(Value::Integer)]);
    assert_eq!(folder.imported("SELECT count(*) FROM _changes"), [[Value::Integer(0)]]);
}

#[test]
fn writes_after_the_import_are_logged() {
    let folder = Folder::new();
    folder.base("notes", &[]);
    folder.import().unwrap();
    folder.imported("INSERT INTO notes (id) VALUES ('a')");
    assert_eq!(folder.imported("SELECT count(*) FROM _changes WHERE record = 'a'"), [[Value::Integer(1)]]);
}

#[test]
fn accounts_keep_their_hashes_and_token_keys() {
    let folder = Folder::new();
    let insert = "(id, email, password, tokenKey, created) VALUES ('u1', 'a@b.co', '$2a$10$hash', 'key', '2024-01-02')";
    folder.sql(&format!("INSERT INTO users {insert}"));
    folder.sql(&format!("INSERT INTO _superusers {insert}"));
    folder.import().unwrap();
    for table in ["users", "_superusers"] {
        let rows = folder.imported(&format!("SELECT id, email, password, tokenKey FROM {table}"));
        assert_eq!(texts(rows), ["u1", "a@b.co", "$2a$10$hash", "key"]);
    }
}
