//! View collections: their records come from a `SELECT`.

use backspin_schema::Caller;
use serde_json::json;

use crate::blog::{Ask, blog};
use crate::{Backend, superuser};

/// The posts of each user, as `totals`.
fn with_view() -> Backend {
    let blog = blog();
    let query = "SELECT users.id, users.name AS who, users.id AS user, count(posts.id) AS posts, max(posts.n) * 1.0 AS most,
        json_group_array(posts.tag) AS tags, posts.meta AS meta FROM users LEFT JOIN posts ON posts.owner = users.id GROUP BY users.id";
    let fields = json!([
        {"id": "a", "name": "id", "type": "text", "primaryKey": true, "system": true},
        {"id": "b", "name": "who", "type": "text"},
        {"id": "c", "name": "user", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
        {"id": "d", "name": "posts", "type": "number"},
        {"id": "e", "name": "most", "type": "number"},
        {"id": "f", "name": "tags", "type": "json"},
        {"id": "g", "name": "meta", "type": "json"},
    ]);
    blog.insert_collection(json!({
        "id": "pbc_totals", "name": "totals", "type": "view", "viewQuery": query,
        "listRule": "", "viewRule": "", "fields": fields, "indexes": []
    }));
    blog.set_collection("totals", "system = 0");
    blog.app.database().take();
    blog
}

#[test]
fn its_records_are_viewed_with_the_types_of_its_fields() {
    let blog = with_view();
    let view = |id| {
        blog.ask_view(
            &Caller::Guest,
            ("totals", id),
            Ask { expand: "user", fields: "*,expand.user.name", ..Ask::default() },
        )
    };
    assert_eq!(
        view("u1").unwrap(),
        json!({
            "collectionId": "pbc_totals", "collectionName": "totals", "id": "u1", "who": "Ann", "user": "u1",
            "posts": 1, "most": 1, "tags": ["t2"], "meta": {"a": [1, {"b": "c"}]}, "expand": {"user": {"name": "Ann"}}
        })
    );
    let nothing = view("u3").unwrap();
    assert_eq!(
        (&nothing["most"], &nothing["tags"], &nothing["meta"]),
        (&json!(0), &json!([null]), &json!(null))
    );
    assert_eq!(view("nope").unwrap_err().status(), 404);
}

#[test]
fn its_records_are_listed_filtered_and_sorted() {
    let blog = with_view();
    let ids = |filter, sort| blog.ids(&Caller::Guest, "totals", Ask { filter, sort, ..Ask::default() });
    assert_eq!(ids("", "-posts,id"), "u2 u1 u3 of 3");
    assert_eq!(ids("posts > 0", "-who"), "u2 u1 of 2");
    assert_eq!(ids("user.name = 'Ann'", "who"), "u1 of 1");
    assert_eq!(ids("user.name != 'Ann'", "-user.name,id"), "u3 u2 of 2");
    assert!(ids("", "@rowid").starts_with("400 "));
    assert_eq!(blog.superuser_ids("totals", "most = 2"), "u2 of 1");
    assert_eq!(blog.ids(&superuser(), "totals", Ask { sort: "@random", ..Ask::default() }).len(), 13);
}

#[test]
fn what_is_missing_is_shown_as_the_zero_value_of_its_type() {
    let blog = blog();
    let query = "SELECT id, NULL AS t, NULL AS n, NULL AS b, NULL AS l, NULL AS g, NULL AS j, CAST(2.5 AS BOOL) AS half, \
        CAST(1 AS BOOL) AS one FROM users";
    let fields = json!([
        {"id": "a", "name": "id", "type": "text", "primaryKey": true, "system": true},
        {"id": "b", "name": "t", "type": "text"},
        {"id": "c", "name": "n", "type": "number"},
        {"id": "d", "name": "b", "type": "bool"},
        {"id": "e", "name": "l", "type": "select", "values": ["a", "b"], "maxSelect": 2},
        {"id": "f", "name": "g", "type": "geoPoint"},
        {"id": "g", "name": "j", "type": "json"},
        {"id": "h", "name": "half", "type": "bool"},
        {"id": "i", "name": "one", "type": "bool"},
    ]);
    blog.insert_collection(json!({
        "id": "pbc_empty", "name": "empty", "type": "view", "viewQuery": query,
        "listRule": "", "viewRule": "", "fields": fields, "indexes": []
    }));
    blog.set_collection("empty", "system = 0");
    assert_eq!(
        blog.ask_view(&Caller::Guest, ("empty", "u1"), Ask::default()).unwrap(),
        json!({
            "collectionId": "pbc_empty", "collectionName": "empty", "id": "u1", "t": "", "n": 0, "b": false, "l": [],
            "g": {"lon": 0, "lat": 0}, "j": null, "half": false, "one": true
        })
    );
    let all = "u1 u2 u3 of 3";
    for filter in
        ["n = ''", "n = null", "t = ''", "b = null", "l:length = 0", "l = ''", "n != 0", "l:each != 'a'"]
    {
        assert_eq!(blog.superuser_ids("empty", filter), all, "{filter}");
    }
    for filter in ["n = 0", "n < 1", "b = false", "b = true", "l ?= 'a'", "l:each = 'a'"] {
        assert_eq!(blog.superuser_ids("empty", filter), " of 0", "{filter}");
    }
}
