use backspin_core::Value;
use backspin_schema::log::{self, Image};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Backend, posts, text};

#[test]
fn each_insert_update_and_delete_is_one_row() {
    let backend = Backend::new();
    backend.create(posts(&[text("title"), json!({"name": "n", "type": "number"})]));
    backend.sql("INSERT INTO posts (id, title, n) VALUES ('a', 'x', 1), ('b', 'y', 2)");
    backend.sql("UPDATE posts SET title = 'z', n = n");
    backend.sql("DELETE FROM posts WHERE id = 'a'");
    let image = |id: &str, title: &str, n: i64| json!({"f_id": id, "f_title": title, "f_n": n});
    let row = |action: &str, id: &str, before: Json, after: Json| {
        vec![json!(action), json!(id), Json::Null, before, after, Json::Null]
    };
    assert_eq!(
        backend.logged(),
        [
            row("create", "a", Json::Null, image("a", "x", 1)),
            row("create", "b", Json::Null, image("b", "y", 2)),
            row("update", "a", image("a", "x", 1), image("a", "z", 1)),
            row("update", "b", image("b", "y", 2), image("b", "z", 2)),
            row("delete", "a", image("a", "z", 1), Json::Null),
        ]
    );
}

#[test]
fn an_update_that_changes_nothing_is_not_logged() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    backend.sql("INSERT INTO posts (id, title) VALUES ('a', 'x')");
    backend.sql("UPDATE posts SET title = 'x'");
    backend.sql("UPDATE posts SET title = 'y' WHERE id = 'nobody'");
    let by = log::by_update("posts", "'me'");
    backend.sql(&format!("UPDATE posts SET title = title, {by}"));
    assert_eq!(backend.logged().len(), 1);
}

#[test]
fn another_id_is_another_record() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    backend.sql("INSERT INTO posts (id, title) VALUES ('a', 'x')");
    backend.sql("UPDATE posts SET id = 'b'");
    let logged: Vec<_> = backend.logged().into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let expected = [("create", "a"), ("delete", "a"), ("create", "b")];
    assert_eq!(logged, expected.map(|(action, id)| (json!(action), json!(id))));
}

#[test]
fn the_actor_is_that_of_the_statement_and_of_no_later_one() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    let by = log::by_insert("'users/ann'");
    backend
        .sql(&format!(r#"INSERT INTO posts (id, title, "by~") VALUES ('a', '1', {by}), ('b', '1', {by})"#));
    let by = log::by_update("posts", "?1");
    for (title, actor) in
        [("2", Some("users/ann")), ("3", Some("users/ann")), ("4", None), ("5", Some("guest"))]
    {
        match actor {
            Some(actor) => {
                let sql = format!("UPDATE posts SET title = '{title}', {by} WHERE id = 'a'");
                backend.try_sql(&sql, vec![actor.into()]).unwrap();
            }
            None => drop(backend.sql(&format!("UPDATE posts SET title = '{title}' WHERE id = 'a'"))),
        }
    }
    backend.try_sql(&format!("UPDATE posts SET title = '6', {by} WHERE id = 'a'"), vec!["".into()]).unwrap();
    let by = log::by_delete("?1");
    let deleted = backend
        .try_sql(
            &format!("UPDATE posts AS r SET {by} WHERE r.id = 'a' RETURNING id"),
            vec!["users/bob".into()],
        )
        .unwrap();
    assert_eq!(deleted, [vec![Value::from("a")]]);
    backend.sql("DELETE FROM posts");
    assert_eq!(backend.sql("SELECT count(*) FROM posts"), [[Value::Integer(0)]]);
    let actors: Vec<_> = backend.logged().into_iter().map(|row| row[2].clone()).collect();
    let ann = || json!("users/ann");
    let expected =
        [ann(), ann(), ann(), ann(), Json::Null, json!("guest"), Json::Null, json!("users/bob"), Json::Null];
    assert_eq!(actors, expected);
}

#[test]
fn marking_many_rows_deletes_each_of_them_once() {
    let backend = Backend::new();
    backend.create(posts(&[text("title")]));
    backend.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO posts (id, title) SELECT 'r' || i, i % 2 FROM n",
    );
    let by = log::by_delete("'guest'");
    let gone = backend.sql(&format!("UPDATE posts SET {by} WHERE title = '1' RETURNING id"));
    assert_eq!(gone.len(), 500);
    assert_eq!(backend.sql("SELECT count(*) FROM posts"), [[Value::Integer(500)]]);
    let logged = backend
        .sql("SELECT count(*), count(DISTINCT record), min(actor) FROM _changes WHERE action = 'delete'");
    assert_eq!(logged, [vec![500.into(), 500.into(), "guest".into()]]);
}

#[test]
fn secrets_never_enter_the_log_but_that_they_changed_does() {
    let backend = Backend::new();
    let insert =
        "INSERT INTO users (id, email, password, tokenKey) VALUES ('u', 'a@b.co', 'hash-1', 'key-1')";
    backend.sql(insert);
    backend.sql("UPDATE users SET password = 'hash-2'");
    backend.sql("UPDATE users SET tokenKey = 'key-2', name = 'Ann'");
    backend.sql("UPDATE users SET tokenKey = 'key-3', password = 'hash-3'");
    backend.sql("DELETE FROM users");
    let secrets: Vec<_> = backend.logged().into_iter().map(|row| row[5].clone()).collect();
    let users = backend.snapshot().find_by_name("users").unwrap().clone();
    let id = |name: &str| json!(users.find_field(name).unwrap().id);
    let (password, key) = (id("password"), id("tokenKey"));
    let both = json!([password, key]);
    assert_eq!(secrets, [Json::Null, json!([password]), json!([key]), both, Json::Null]);
    let everything = format!("{:?}", backend.sql("SELECT * FROM _changes"));
    assert!(!everything.contains("hash-") && !everything.contains("key-"), "{everything}");
    assert!(everything.contains("a@b.co"));
}

#[test]
fn codes_that_live_for_minutes_are_not_logged_but_can_be_deleted_by_mark() {
    let backend = Backend::new();
    backend.sql("INSERT INTO _otps (id, password) VALUES ('o', 'hash')");
    backend.sql("INSERT INTO _mfas (id, method) VALUES ('m', 'otp')");
    backend.sql(&format!("UPDATE _otps SET {}", log::by_delete("'guest'")));
    assert_eq!(backend.sql("SELECT count(*) FROM _otps"), [[Value::Integer(0)]]);
    assert!(backend.logged().is_empty());
}

#[test]
fn a_collection_of_five_hundred_fields_is_logged_whole() {
    let backend = Backend::new();
    let fields: Vec<_> = (0..499).map(|i| text(&format!("t{i}"))).collect();
    let collection = backend.create(posts(&fields));
    backend
        .sql("INSERT INTO posts (id, t0, t59, t60, t498) VALUES ('a', 'zero', '}', '{\"x\":\"ü\"}', 'last')");
    backend.sql("UPDATE posts SET t498 = 'changed'");
    let rows = backend.sql("SELECT before, after FROM _changes ORDER BY seq DESC LIMIT 1");
    let image = |value: &Value| match value {
        Value::Text(json) => Image::parse(json).unwrap(),
        other => panic!("{other:?}"),
    };
    let (before, after) = (image(&rows[0][0]), image(&rows[0][1]));
    let value = |image: &Image, name: &str| image.get(collection.find_field(name).unwrap()).unwrap();
    assert_eq!(value(&before, "t498"), "last".into());
    assert_eq!(value(&after, "t498"), "changed".into());
    assert_eq!(value(&after, "t0"), "zero".into());
    assert_eq!(value(&after, "t59"), "}".into());
    assert_eq!(value(&after, "t60"), "{\"x\":\"ü\"}".into());
    assert!(collection.fields.iter().all(|field| after.get(field).is_some()));
}

#[test]
fn as_many_fields_as_a_table_can_have_are_logged_and_compared() {
    let backend = Backend::new();
    let mut fields: Vec<_> = (0..997).map(|i| text(&format!("t{i}"))).collect();
    fields.extend((0..1001).map(|i| json!({"name": format!("s{i}"), "type": "password"})));
    backend.create(posts(&fields));
    backend.sql("INSERT INTO posts (id) VALUES ('a')");
    for changed in ["t0", "t996", "s0", "s1000"] {
        backend.sql(&format!("UPDATE posts SET {changed} = 'new', t50 = t50"));
    }
    backend.sql("UPDATE posts SET t50 = t50");
    let secrets: Vec<_> = backend.logged().into_iter().map(|row| (row[0].clone(), row[5].clone())).collect();
    let update = |secrets: Json| (json!("update"), secrets);
    assert_eq!(
        secrets,
        [
            (json!("create"), Json::Null),
            update(Json::Null),
            update(Json::Null),
            update(json!(["f_s0"])),
            update(json!(["f_s1000"])),
        ]
    );
}

/// Whatever raw SQL can store.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Integer),
        any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("NULL to SQLite", |real| !real.is_nan())
            .prop_map(Value::Real),
        (-1e3..1e3).prop_map(Value::Real),
        any::<String>().prop_map(Value::Text),
        Just(Value::Text("a\0b".into())),
        Just(Value::Text(r#"{"b": 1.0, "a": [1e400]}"#.into())),
        proptest::collection::vec(any::<u8>(), 0..9).prop_map(Value::Blob),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// What the log gives back is what was stored, for each type of column.
    #[test]
    fn every_value_can_be_put_back_as_it_was(values in proptest::collection::vec(any_value(), 60)) {
        let backend = Backend::new();
        let types = ["text", "number", "bool", "json", "date", "editor", "geoPoint"];
        let fields: Vec<_> = types.iter().map(|kind| json!({"name": kind, "type": kind})).collect();
        let list = json!({"name": "list", "type": "select", "values": ["a"], "maxSelect": 2});
        let collection = backend.create(posts(&[&fields[..], &[list]].concat()));
        for value in values {
            for field in collection.fields.iter().skip(1) {
                let sql = format!("INSERT INTO posts (id, {}) VALUES ('r', ?1)", field.name);
                // Most columns refuse NULL.
                if backend.try_sql(&sql, vec![value.clone()]).is_err() {
                    prop_assert_eq!(&value, &Value::Null);
                    continue;
                }
                let stored = backend.sql(&format!("SELECT {} FROM posts", field.name)).remove(0).remove(0);
                backend.sql("DELETE FROM posts");
                let before = backend.sql("SELECT before FROM _changes ORDER BY seq DESC LIMIT 1").remove(0).remove(0);
                let Value::Text(json) = before else { panic!("{before:?}") };
                let restored = Image::parse(&json).unwrap().get(field);
                prop_assert_eq!(restored, Some(stored), "{}", json);
            }
        }
    }
}
