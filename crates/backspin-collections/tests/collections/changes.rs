//! `PATCH` and `DELETE` with records in place: what follows, what is refused, and that all of it can be had
//! back.

use backspin_collections::migrate;
use backspin_core::Value;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, refusal, superuser};

/// `posts` with two records, `notes` that relate to them, and the views `v` and, on that, `w`.
fn backend() -> Backend {
    let backend = Backend::new();
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "stars", "type": "number"},
        {"name": "tags", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3},
    ]);
    let posts = json!({
        "name": "posts", "fields": fields, "listRule": "stars > 0",
        "indexes": ["CREATE INDEX by_title ON posts (title) WHERE stars > 0"],
    });
    let posts = backend.create(&superuser(), posts).unwrap();
    let relation = json!([{"name": "post", "type": "relation", "collectionId": posts["id"]}]);
    let notes = json!({"name": "notes", "fields": relation, "listRule": "post.title != ''"});
    backend.create(&superuser(), notes).unwrap();
    let view = |name: &str, query: &str| json!({"name": name, "type": "view", "viewQuery": query});
    backend.create(&superuser(), view("v", "select p.id, p.stars from posts p")).unwrap();
    backend.create(&superuser(), view("w", "select id, stars from v")).unwrap();
    backend.sql(r#"INSERT INTO posts (id, title, stars, tags) VALUES ('p1', 'One', 5, '["a","b"]'), ('p2', '', 0, '[]')"#);
    backend
}

/// The fields of a collection after `change` to the one of that name; `None` takes it away.
fn with_field(backend: &Backend, collection: &str, name: &str, change: Option<Json>) -> Json {
    let mut fields = backend.get(collection)["fields"].as_array().unwrap().clone();
    let at = fields.iter().position(|field| field["name"] == name).unwrap();
    match change {
        Some(change) => fields[at].as_object_mut().unwrap().extend(change.as_object().unwrap().clone()),
        None => drop(fields.remove(at)),
    }
    json!({ "fields": fields })
}

fn history(backend: &Backend) -> Json {
    let page = backspin_schema::Page { number: 1, size: 50, skip_total: false };
    serde_json::from_str(&block_on(migrate::history(&backend.app, &superuser(), page)).unwrap()).unwrap()
}

fn revert(backend: &Backend) {
    block_on(migrate::revert(&backend.app, &superuser(), serde_json::Map::new())).unwrap();
}

/// Everything that a change could touch, but the column of the log.
fn state(backend: &Backend) -> String {
    let mut state = String::new();
    for table in ["posts", "notes", "v", "w"] {
        let names =
            format!("SELECT group_concat(name) FROM pragma_table_info('{table}') WHERE name NOT LIKE '%~'");
        if let Value::Text(columns) = backend.sql(&names).remove(0).remove(0) {
            let rows = backend.sql(&format!("SELECT {columns} FROM {table}"));
            state.push_str(&format!("{table} {columns} {rows:?}\n"));
        }
    }
    let collections = "SELECT id, name, fields, indexes, listRule, options, updated FROM _collections";
    backend.sql(collections).iter().for_each(|row| state.push_str(&format!("{row:?}\n")));
    state
}

/// Compares two states line by line.
#[track_caller]
fn assert_same(state: &str, before: &str) {
    for (line, line_before) in state.lines().zip(before.lines()) {
        assert_eq!(line, line_before);
    }
    assert_eq!(state.lines().count(), before.lines().count());
}

#[test]
fn a_rename_is_followed_by_indexes_and_views() {
    let backend = backend();
    let before = state(&backend);
    let articles = backend.update("posts", json!({"name": "articles"})).unwrap();
    assert_eq!(
        articles["indexes"],
        json!(["CREATE INDEX `by_title` ON `articles` (`title`) WHERE stars > 0"])
    );
    assert_eq!(backend.get("v")["viewQuery"], "select p.id, p.stars from `articles` p");
    assert_eq!(backend.sql("SELECT stars FROM w"), [[5_i64.into()], [0_i64.into()]]);
    revert(&backend);
    assert_same(&state(&backend), &before);
}

/// Else the schema would not be what was sent: the next look at the files would find a difference, and their next plan none
/// of the names.
#[test]
fn what_is_sent_does_not_follow_a_rename() {
    let backend = backend();
    let before = state(&backend);
    let mut renamed = with_field(&backend, "posts", "title", Some(json!({"name": "headline"})));
    backend.update("notes", json!({"listRule": null})).unwrap();
    renamed["indexes"] = backend.get("posts")["indexes"].clone();
    assert_eq!(
        refusal(backend.update("posts", renamed.clone())),
        "400 indexes.0:validation_invalid_index_expression"
    );
    let posts = json!({"name": "posts", "fields": renamed["fields"], "indexes": renamed["indexes"]});
    let articles = json!({"id": backend.get("posts")["id"], "name": "articles"});
    let view = backend.get("v");
    let view = json!({"id": view["id"], "name": "v", "viewQuery": view["viewQuery"]});
    for (definitions, expected) in [
        (json!([posts]), "400 collections.0.indexes.0:validation_invalid_index_expression"),
        (
            json!([articles, view]),
            "400 collections.1.fields:validation_required collections.1.viewQuery:validation_invalid_view_query",
        ),
    ] {
        let body = json!({ "collections": definitions }).as_object().unwrap().clone();
        let error = block_on(migrate::plan(&backend.app, &superuser(), body.clone())).unwrap_err();
        let told = serde_json::to_string(&error.envelope()).unwrap();
        assert!(told.contains("(`headline`)") || told.contains("posts is named articles now"), "{told}");
        assert_eq!(refusal(Err::<(), _>(error)), expected);
        let imported = block_on(backspin_collections::import(&backend.app, &superuser(), body));
        assert_eq!(refusal(imported), "400 collections:validation_collections_import_failure");
    }
    revert(&backend);
    assert_same(&state(&backend), &before);

    // What is left out does.
    let body = json!({ "collections": [articles] }).as_object().unwrap().clone();
    block_on(backspin_collections::import(&backend.app, &superuser(), body)).unwrap();
    assert_eq!(backend.get("v")["viewQuery"], "select p.id, p.stars from `articles` p");
}

#[test]
fn a_view_shows_what_its_table_shows() {
    let backend = backend();
    let before = state(&backend);
    let change = with_field(&backend, "posts", "stars", Some(json!({"max": 9, "hidden": true})));
    backend.update("posts", change).unwrap();
    for view in ["v", "w"] {
        let field = backend.get(view)["fields"][1].clone();
        assert_eq!((&field["max"], &field["hidden"]), (&json!(9), &json!(true)), "{view}");
    }
    revert(&backend);
    assert_same(&state(&backend), &before);
}

#[test]
fn values_are_converted_as_in_pocketbase_and_come_back() {
    let backend = backend();
    let before = state(&backend);
    let one = with_field(&backend, "posts", "tags", Some(json!({"maxSelect": 1})));
    backend.update("posts", one).unwrap();
    assert_eq!(format!("{:?}", backend.sql("SELECT tags FROM posts")), r#"[[Text("b")], [Text("")]]"#);
    let gone = with_field(&backend, "posts", "tags", None);
    backend.update("posts", gone).unwrap();
    let history = history(&backend);
    assert_eq!(history["totalItems"], 6);
    let steps = history["items"][0]["steps"].as_array().unwrap();
    let dropped = steps.iter().find(|step| step["kind"] == "dropField").unwrap();
    assert_eq!((&dropped["target"], &dropped["lost"]), (&json!("posts.tags"), &json!(1)));
    assert_eq!(history["items"][0]["schemaAfter"], history["current"]["schema"]);
    revert(&backend);
    revert(&backend);
    assert_same(&state(&backend), &before);
}

#[test]
fn what_something_else_needs_is_refused_by_the_name_of_that_part() {
    let backend = backend();
    let renamed = |field: &str| with_field(&backend, "posts", field, Some(json!({"name": "other"})));
    let and = |mut change: Json, more: Json| {
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        change
    };
    let before = (state(&backend), history(&backend));
    for (change, expected) in [
        (renamed("title"), "400 notes.listRule:validation_broken_reference"),
        (
            with_field(&backend, "posts", "title", None),
            "400 indexes.0:validation_invalid_index_expression notes.listRule:validation_broken_reference",
        ),
        (renamed("stars"), "400 listRule:validation_invalid_rule"),
        (and(renamed("stars"), json!({"listRule": null})), "400 v.viewQuery:validation_broken_reference"),
        (
            and(with_field(&backend, "posts", "stars", None), json!({"listRule": null, "indexes": []})),
            "400 v.viewQuery:validation_broken_reference",
        ),
        (
            json!({"indexes": ["CREATE UNIQUE INDEX a ON posts (nope)", "CREATE INDEX b ON posts (lower(nope))", "CREATE INDEX c ON posts (title)"]}),
            "400 indexes.0:validation_invalid_index_expression indexes.1:validation_invalid_index_expression",
        ),
        (
            json!({"indexes": ["CREATE INDEX a ON posts (upper(title, 1))", "CREATE INDEX b ON posts (nope(title))"]}),
            "400 indexes.0:validation_invalid_index_expression indexes.1:validation_invalid_index_expression",
        ),
        (json!({"name": "_changes"}), "400 name:validation_collection_name_invalid"),
    ] {
        assert_eq!(refusal(backend.update("posts", change.clone())), expected, "{change}");
    }
    for (query, expected) in [
        (
            "select id, nope from posts",
            "400 fields:validation_required viewQuery:validation_invalid_view_query",
        ),
        ("select id from posts", "400 w.viewQuery:validation_broken_reference"),
        ("select 'x' as id, stars from posts", "400 viewQuery:validation_invalid_view_query"),
        ("select id, stars from v", "400 fields:validation_required viewQuery:validation_invalid_view_query"),
    ] {
        assert_eq!(refusal(backend.update("v", json!({"viewQuery": query}))), expected, "{query}");
    }
    assert_same(&state(&backend), &before.0);
    assert_eq!(history(&backend), before.1);
}

#[test]
fn a_deleted_collection_comes_back_with_its_records() {
    let backend = backend();
    let before = state(&backend);
    assert_eq!(refusal(backend.delete(&superuser(), "posts")), "400");
    for name in ["notes", "w", "v", "posts"] {
        backend.delete(&superuser(), name).unwrap();
    }
    for _ in 0..4 {
        revert(&backend);
    }
    assert_same(&state(&backend), &before);
}

#[test]
fn nothing_new_is_no_migration_but_has_its_time() {
    let backend = backend();
    let before = (backend.get("posts"), history(&backend));
    backend.app.env().advance_ms(1000);
    let after = backend.update("posts", json!({})).unwrap();
    assert_eq!(history(&backend), before.1);
    assert_ne!(after["updated"], before.0["updated"]);
    assert_eq!(after["fields"], before.0["fields"]);
}

#[test]
fn of_many_changes_at_once_none_is_lost() {
    let backend = backend();
    std::thread::scope(|scope| {
        for number in 0..3_u64 {
            let folder = &backend.folder;
            scope.spawn(move || {
                let app = crate::connect(folder, number + 10);
                let name = format!("made{number}");
                let body = json!({ "name": name }).as_object().unwrap().clone();
                block_on(backspin_collections::create(&app, &superuser(), body)).unwrap();
                let body = json!({"fields": [{"name": "a", "type": "text"}]}).as_object().unwrap().clone();
                block_on(backspin_collections::update(&app, &superuser(), &name, body)).unwrap();
            });
        }
    });
    let history = history(&backend);
    assert_eq!(history["totalItems"], 10);
    let numbers: Vec<i64> =
        history["items"].as_array().unwrap().iter().map(|item| item["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=10).rev().collect::<Vec<_>>());
}

#[test]
fn a_collection_goes_if_views_have_only_a_column_of_its_name() {
    let backend = backend();
    backend.create(&superuser(), json!({"name": "tags"})).unwrap();
    let query = "select id, title, tags, tags as notes from posts tags";
    backend.create(&superuser(), json!({"name": "x", "type": "view", "viewQuery": query})).unwrap();
    backend
        .create(&superuser(), json!({"name": "y", "type": "view", "viewQuery": "select n.id from notes n"}))
        .unwrap();
    backend.delete(&superuser(), "tags").unwrap();
    assert_eq!(refusal(backend.delete(&superuser(), "notes")), "400");
    revert(&backend);
    assert_eq!(backend.get("tags")["name"], "tags");
}

#[test]
fn no_rename_opens_what_a_rule_of_the_request_closes() {
    let backend = Backend::new();
    let fields =
        json!([{"name": "role", "type": "text"}, {"name": "status", "type": "select", "values": ["a", "b"]}]);
    let rule = "@request.body.role:isset = false && status != 'x'";
    backend.create(&superuser(), json!({"name": "members", "fields": fields, "updateRule": rule})).unwrap();
    let mut users = backend.get("users")["fields"].as_array().unwrap().clone();
    users.push(json!({"name": "banned", "type": "text"}));
    backend.update("users", json!({"fields": users})).unwrap();
    let rule = "@request.auth.id != '' && @request.auth.banned != 'yes'";
    backend.create(&superuser(), json!({"name": "notes", "createRule": rule})).unwrap();

    let changed =
        |collection: &str, field: &str, change: Json| with_field(&backend, collection, field, Some(change));
    for (collection, change, expected) in [
        (
            "members",
            changed("members", "role", json!({"name": "kind"})),
            "400 updateRule:validation_broken_reference",
        ),
        (
            "members",
            with_field(&backend, "members", "role", None),
            "400 updateRule:validation_broken_reference",
        ),
        (
            "members",
            changed("members", "status", json!({"maxSelect": 2})),
            "400 updateRule:validation_broken_reference",
        ),
        (
            "users",
            changed("users", "banned", json!({"name": "blocked"})),
            "400 notes.createRule:validation_broken_reference",
        ),
        (
            "users",
            with_field(&backend, "users", "banned", None),
            "400 notes.createRule:validation_broken_reference",
        ),
    ] {
        assert_eq!(refusal(backend.update(collection, change.clone())), expected, "{change}");
    }
    let mut both = changed("members", "role", json!({"name": "kind"}));
    both["updateRule"] = "@request.body.kind:isset = false".into();
    backend.update("members", both).unwrap();
}
