//! What a file may not be, and where it says so.

use backspin_schema_files::read;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&read("schema/a.json".as_ref(), text.as_bytes()).unwrap_err().to_string());
}

#[test]
fn what_is_no_json_is_told_with_line_and_column() {
    check("", expect!["schema/a.json:1:0: EOF while parsing a value"]);
    check("{\n  \"name\": \"a\"\n  \"type\": \"base\"\n}", expect!["schema/a.json:3:3: expected `,` or `}`"]);
    check("{\n<<<<<<< HEAD\n}", expect!["schema/a.json:2:1: key must be a string"]);
    check("{}\n{}", expect!["schema/a.json:2:1: trailing characters"]);
    check(&"[".repeat(200), expect!["schema/a.json:1:128: recursion limit exceeded"]);
    check(
        "{\"name\": \"\u{0}\"}",
        expect!["schema/a.json:1:11: control character (\\u0000-\\u001F) found while parsing a string"],
    );
    let message = read("a.json".as_ref(), b"{\"name\": \"\xff\"}").unwrap_err().to_string();
    assert!(message.starts_with("a.json:1:"), "{message}");
}

#[test]
fn a_key_given_twice_is_told() {
    check(
        "{\n\"listRule\": null,\n\"listRule\": \"\"\n}",
        expect![[r#"schema/a.json:3:10: the key "listRule" is given twice"#]],
    );
}

#[test]
fn what_is_no_collection_is_told_by_its_part() {
    check("[]", expect!["schema/a.json: a collection is a JSON object"]);
    check("{}", expect!["schema/a.json: name is missing"]);
    check(r#"{"name": 1, "type": "base"}"#, expect!["schema/a.json: name must be a text"]);
    check(
        r#"{"name": "a", "type": "table"}"#,
        expect!["schema/a.json: type: unknown variant `table`, expected one of `base`, `auth`, `view`"],
    );
    check(
        r#"{"name": "a", "type": "base", "listRule": false}"#,
        expect!["schema/a.json: listRule: invalid type: boolean `false`, expected a string"],
    );
    check(
        r#"{"name": "a", "type": "auth", "otp": {"length": "six"}}"#,
        expect![[r#"schema/a.json: otp: invalid type: string "six", expected i64"#]],
    );
    check(r#"{"name": "a", "type": "base", "fields": {}}"#, expect!["schema/a.json: fields must be a list"]);
    check(
        r#"{"name": "a", "type": "base", "fields": [{"type": "bool"}]}"#,
        expect!["schema/a.json: fields.0 has no name"],
    );
    check(
        r#"{"name": "a", "type": "base", "fields": [{"name": "x", "type": "number", "min": "1"}]}"#,
        expect![[r#"schema/a.json: fields.0 (x): invalid type: string "1", expected f64"#]],
    );
}

#[test]
fn two_fields_of_one_id_or_name_are_told_apart() {
    check(
        r#"{"name": "a", "type": "base", "fields": [{"name": "x", "type": "bool"}, {"name": "X", "type": "text"}]}"#,
        expect!["schema/a.json: fields.0 (x) and fields.1 (X) have the same name"],
    );
    check(
        r#"{"name": "a", "type": "base", "fields": [
            {"id": "1", "name": "x", "type": "bool"}, {"id": "1", "name": "y", "type": "text"}]}"#,
        expect!["schema/a.json: fields.0 (x) and fields.1 (y) have the same id"],
    );
}

#[test]
fn an_option_that_does_not_exist_is_told() {
    check(
        r#"{"name": "a", "type": "base", "listrule": ""}"#,
        expect!["schema/a.json: there is no option listrule: remove it, or mend its name"],
    );
    check(
        r#"{"name": "a", "type": "base", "fields": [{"name": "x", "type": "bool", "max": 1}]}"#,
        expect!["schema/a.json: there is no option fields.0 (x).max: remove it, or mend its name"],
    );
    check(
        r#"{"name": "a", "type": "base", "otp": {}}"#,
        expect!["schema/a.json: there is no option otp: remove it, or mend its name"],
    );
}

#[test]
fn secrets_are_refused() {
    check(
        r#"{"name": "a", "type": "auth", "authToken": {"secret": "x"}}"#,
        expect![
            "schema/a.json: authToken.secret is a secret, and secrets do not belong into files: remove it here, and set it in the database"
        ],
    );
    check(
        r#"{"name": "a", "type": "auth", "oauth2": {"providers": [{"name": "google", "clientSecret": "x"}]}}"#,
        expect![
            "schema/a.json: oauth2.providers.0 (google).clientSecret is a secret, and secrets do not belong into files: remove it here, and set it in the database"
        ],
    );
}

#[test]
fn what_pocketbase_exports_is_read() {
    let text = r#"{"id": "pbc_1", "listRule": null, "name": "a", "type": "base", "fields": [
        {"hidden": false, "id": "autodate1", "name": "created", "onCreate": true, "onUpdate": false,
         "presentable": false, "system": false, "type": "autodate"}],
        "indexes": [], "created": "2026-11-22 14:26:53.481Z", "updated": "2026-11-22 14:26:53.481Z", "system": false}"#;
    let collection = read("a.json".as_ref(), text.as_bytes()).unwrap();
    assert_eq!((collection.id.as_str(), collection.created.as_str()), ("pbc_1", ""));
}
