//! View collections: what their queries may be, and the fields and records they have.

use backspin_collections as collections;
use backspin_native::{FixedEnv, Native, NativeDatabase, Recorder};
use backspin_schema::App;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, refusal, superuser};

/// A backend with the collections `posts` and `users`, and one post.
fn backend() -> Backend {
    let backend = Backend::new();
    let fields = json!([
        {"name": "title", "type": "text", "max": 20, "required": true},
        {"name": "stars", "type": "number", "onlyInt": true},
        {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_"},
        {"name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2},
        {"name": "secret", "type": "text", "hidden": true},
    ]);
    backend.create(&superuser(), json!({"name": "posts", "fields": fields})).unwrap();
    backend.sql("INSERT INTO posts (id, title, stars) VALUES ('p1', 'One', 5)");
    backend
}

fn view(backend: &Backend, query: &str) -> Result<Json, backspin_core::Error> {
    backend.create(&superuser(), json!({"name": "v", "type": "view", "viewQuery": query}))
}

/// The fields as `name:type`, and what the view yields.
#[track_caller]
fn check(query: &str, fields: &str, rows: &str) {
    let backend = backend();
    let collection = view(&backend, query).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let found: Vec<String> = collection["fields"].as_array().unwrap().iter().map(describe).collect();
    assert_eq!(found.join(" "), fields, "{query}");
    assert_eq!(format!("{:?}", backend.sql("SELECT * FROM v")), rows, "{query}");
    assert_eq!(collection["viewQuery"], query);
    backend.delete(&superuser(), "v").unwrap();
    assert!(backend.sql("SELECT 1 FROM sqlite_master WHERE type = 'view'").is_empty());
}

fn describe(field: &Json) -> String {
    format!("{}:{}", field["name"].as_str().unwrap(), field["type"].as_str().unwrap())
}

#[test]
fn their_fields_have_the_types_of_what_they_show() {
    check("select id from posts", "id:text", r#"[[Text("p1")]]"#);
    check(
        "select id, title t, stars, tags, secret from posts p;",
        "id:text t:text stars:number tags:select secret:text",
        r#"[[Text("p1"), Text("One"), Integer(5), Text("[]"), Text("")]]"#,
    );
    check(
        "SELECT p.id, p.id AS post, u.name FROM posts AS p LEFT JOIN users u ON u.id = p.author",
        "id:text post:relation name:text",
        r#"[[Text("p1"), Text("p1"), Null]]"#,
    );
    check(
        "select (row_number() over (order by stars)) as id, count(*) as c, total(stars) t from posts",
        "id:text c:number t:number",
        r#"[[Text("1"), Integer(1), Real(5.0)]]"#,
    );
    check(
        "select id, cast(stars as text) a, cast(stars as int) b, cast(stars as real) c, cast(stars as bool) d, \
         cast(stars as blob) e, stars * 2 f, 'x' g from posts",
        "id:text a:text b:number c:number d:bool e:json f:json g:json",
        r#"[[Text("p1"), Text("5"), Integer(5), Real(5.0), Integer(5), Blob([53]), Integer(10), Text("x")]]"#,
    );
    check("select id, ((p.title)) from posts p", "id:text title:json", r#"[[Text("p1"), Text("One")]]"#);
    check(
        "with x as (select id, title from posts) select id, title from x",
        "id:text title:json",
        r#"[[Text("p1"), Text("One")]]"#,
    );
    check(
        "((select id, title from posts union all select id, name from users)) -- all",
        "id:text title:json",
        r#"[[Text("p1"), Text("One")]]"#,
    );
    check(
        "select posts.id, json_each.value as tag from posts, json_each(posts.tags)",
        "id:text tag:json",
        "[]",
    );
    check(
        "select [id], case when stars > 1 then 'many' else 'few' end how, stars is not distinct from 5 as five, \
         (select count(*) from users) users_count from `posts` where \"title\" != '' limit 5",
        "id:text how:json five:json users_count:json",
        r#"[[Text("p1"), Text("many"), Integer(1), Integer(0)]]"#,
    );
}

#[test]
fn a_copied_field_keeps_its_options_and_has_an_id_of_its_own() {
    let backend = backend();
    let collection = view(&backend, "select id, title, title as again from posts").unwrap();
    let fields = collection["fields"].as_array().unwrap();
    assert_eq!((&fields[1]["max"], &fields[1]["required"]), (&json!(20), &json!(true)));
    assert!(fields[1]["id"].as_str().unwrap().starts_with("_clone_"));
    assert_ne!(fields[1]["id"], fields[2]["id"]);
    assert_eq!(fields[0]["pattern"], "^[a-z0-9]+$");
}

const INVALID: &str = "viewQuery:validation_invalid_view_query";

#[test]
fn a_query_that_no_view_may_run_changes_nothing() {
    let backend = backend();
    for query in [
        "select * from posts",
        "select p.* from posts p",
        "select id from posts; drop table posts",
        "drop table posts",
        "insert into posts (id) values ('x')",
        "select id from posts) union select (1",
        "select id, nope from posts",
        "select nope from posts",
        "select title from nope",
        "with x as (select 1) values ((select nope from posts))",
        "select id from nope",
        "select id from posts where title = ?",
        "select id from posts where title = $a or title = :b",
        "select id, from posts",
        "selec id from posts",
        "select id from posts /* open",
        "select id from posts where title = 'open",
        "select id from posts\0",
        "explain select id from posts",
        "pragma table_info(posts)",
        "",
    ] {
        let expected = match query {
            "" => "400 fields:validation_required viewQuery:validation_required".to_owned(),
            _ => format!("400 fields:validation_required {INVALID}"),
        };
        assert_eq!(refusal(view(&backend, query)), expected, "{query}");
    }
    let column = format!("400 fields.1.name:validation_match_invalid {INVALID}");
    for query in [
        "select id, count(*) from posts",
        "select id, title as `a b` from posts",
        "select id, title, TITLE from posts",
        "select id, upper(title) from posts",
    ] {
        let expected =
            column.replace("fields.1", if query.contains("TITLE") { "fields.2" } else { "fields.1" });
        assert_eq!(refusal(view(&backend, query)), expected, "{query}");
    }
    let no_id = format!("400 fields:validation_missing_primary_key {INVALID}");
    for query in ["select title from posts", "select 1", "values (1)"] {
        assert_eq!(refusal(view(&backend, query)), no_id, "{query}");
    }
    for query in ["select null as id", "select '' as id", "select 'x' as id from posts, posts as b, users"] {
        let result = view(&backend, query);
        let empty = query.contains("users");
        assert_eq!(result.is_ok(), empty, "{query}");
    }
    backend.delete(&superuser(), "v").unwrap();
    backend.sql("INSERT INTO posts (id, title) VALUES ('p2', 'Two')");
    assert_eq!(refusal(view(&backend, "select 'x' as id from posts")), format!("400 {INVALID}"));
    assert!(backend.sql("SELECT 1 FROM sqlite_master WHERE type = 'view'").is_empty());
    assert_eq!(backend.sql("SELECT count(*) FROM _collections"), [[7_i64.into()]]);
}

#[test]
fn secrets_and_the_tables_of_the_system_are_out_of_reach() {
    let backend = backend();
    backend.sql("CREATE TABLE raw (id, x)");
    for query in [
        "select id, tokenKey from users",
        "select id, u.\"TOKENKEY\" as x from users u",
        "select id, users.'tokenKey' as x from users",
        "select id, lower(password) as x from users",
        "select id, (select max(`password`) from users) as x from posts",
        "select id from users where tokenKey like 'a%'",
        "select id, x.a from (select * from users) as x",
        "with x(a, b, c) as (select * from users) select a as id, c from x",
        "select id, value from _params",
        "select id, value from '_params'",
        "select id from posts where '1' in '_params'",
        "select id, value from main._params",
        "select id, value from _params where exists (with _params as (select 1) select 1 from _params)",
        "select id, options from _collections",
        "select name as id, value from [_backspin]",
        "select name as id, sql from sqlite_master",
        "select name as id, sql from SQLITE_SCHEMA",
        "select name as id from pragma_table_info('users')",
        "select name as id from dbstat",
        "select id, x from raw",
    ] {
        let result = refusal(view(&backend, query));
        assert_eq!(result, format!("400 fields:validation_required {INVALID}"), "{query}");
    }
    view(&backend, "select id, email, verified, count(*) as c from users group by id").unwrap();
}

#[test]
fn they_have_rules_for_reading_only_and_no_indexes() {
    let backend = backend();
    let body = |more: Json| {
        let mut body = json!({"name": "v", "type": "view", "viewQuery": "select id, title from posts"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, expected) in [
        (json!({"createRule": ""}), "400 createRule:validation_nil"),
        (
            json!({"updateRule": "id = 1", "deleteRule": ""}),
            "400 deleteRule:validation_nil updateRule:validation_nil",
        ),
        (json!({"listRule": "stars = 1"}), "400 listRule:validation_invalid_rule"),
        (json!({"indexes": ["create index i on v (id)"]}), "400 indexes:validation_indexes_not_supported"),
    ] {
        assert_eq!(refusal(backend.create(&superuser(), body(more))), expected);
    }
    backend.create(&superuser(), body(json!({"listRule": "title != ''", "viewRule": ""}))).unwrap();
}

#[test]
fn what_a_view_reads_is_not_deleted_before_it() {
    let backend = backend();
    view(&backend, "select id, title from posts").unwrap();
    backend
        .create(&superuser(), json!({"name": "w", "type": "view", "viewQuery": "select id from v"}))
        .unwrap();
    assert_eq!(refusal(backend.delete(&superuser(), "posts")), "400");
    assert_eq!(refusal(backend.delete(&superuser(), "v")), "400");
    for name in ["w", "v", "posts"] {
        backend.delete(&superuser(), name).unwrap();
    }
}

/// A query may run for as long as it likes; whoever writes is not to wait for it.
#[test]
fn a_query_is_run_before_the_change_takes_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let database = Recorder::new(NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap());
    let app = App::new(Native { database, env: FixedEnv::new() });
    let change = |name: Option<&str>, body: Json| {
        let body = body.as_object().unwrap().clone();
        app.database().take();
        let changed = match name {
            None => block_on(collections::create(&app, &superuser(), body)),
            Some(name) => block_on(collections::update(&app, &superuser(), name, body)),
        };
        let statements = app.database().take();
        let begun = statements.iter().position(|sql| sql == "BEGIN");
        let run: Vec<usize> =
            (0..statements.len()).filter(|at| statements[*at].contains("count(DISTINCT")).collect();
        assert!(run.len() == 1 && begun.is_none_or(|begun| run[0] < begun), "{statements:#?}");
        changed.map(drop)
    };
    block_on(app.reload()).unwrap();
    let of = |query: &str| json!({"name": "v", "type": "view", "viewQuery": query});
    change(None, of("SELECT id, avatar FROM users")).unwrap();
    change(Some("v"), of("SELECT id, name FROM users")).unwrap();
    let same = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9) SELECT x / 2 AS id FROM n ORDER BY x";
    assert_eq!(refusal(change(Some("v"), of(same))), "400 viewQuery:validation_invalid_view_query");
}

/// What a view reads may only be there once the change is made: then it is looked at within it.
#[test]
fn ids_of_a_view_on_a_table_that_comes_with_it_are_checked_too() {
    let backend = backend();
    let title = json!([{"name": "title", "type": "text"}, {"name": "key", "type": "text"}]);
    let import = |view: &str| {
        let both = json!({"collections": [
            {"name": "posts", "fields": title},
            {"name": "v", "type": "view", "viewQuery": view},
        ]});
        block_on(collections::import(&backend.app, &superuser(), both.as_object().unwrap().clone()))
    };
    backend.sql("INSERT INTO posts (id, title) VALUES ('p2', 'Two')");
    assert_eq!(
        refusal(import("SELECT key AS id FROM posts")),
        "400 collections:validation_collections_import_failure"
    );
    assert_eq!(
        refusal(import("SELECT stars * 0 AS id, key FROM posts")),
        "400 collections:validation_collections_import_failure"
    );
    import("SELECT id, key FROM posts").unwrap();
}
