use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use super::{Backend, ROOT, brief, root, status, user};

#[test]
fn every_way_to_write_tells_who() {
    let backend = Backend::new();
    backend.create(&root(), "posts", json!({"id": "post00000000001", "title": "a"}));
    backend.create(&root(), "comments", json!({"id": "comment00000001", "post": "post00000000001"}));
    backend.update(&root(), "posts", "post00000000001", json!({"title": "b"}));
    backend.sql("UPDATE posts SET title = 'c'");
    backend.delete(&root(), "posts", "post00000000001");
    let changes = backend.changes(&root(), &[]).unwrap();
    assert_eq!(
        brief(&changes),
        [
            format!("create post00000000001 {ROOT}"),
            format!("create comment00000001 {ROOT}"),
            format!("update post00000000001 {ROOT}"),
            "update post00000000001 -".to_owned(),
            format!("delete post00000000001 {ROOT}"),
            format!("delete comment00000001 {ROOT}"),
        ]
    );
    let update = &changes["items"][2];
    assert_eq!((&update["before"]["title"], &update["after"]["title"]), (&json!("a"), &json!("b")));
    assert_eq!(update["after"]["collectionName"], "posts");
    assert_eq!((&changes["nextSince"], &changes["oldest"]), (&json!(6), &json!(1)));
}

#[test]
fn an_id_taken_out_of_relations_is_a_change_by_the_one_who_deletes() {
    let backend = Backend::new();
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
    backend.create(&root(), "posts", json!({"id": "post00000000001", "tags": ["tag000000000001"]}));
    backend.delete(&root(), "tags", "tag000000000001");
    let changes = backend.changes(&root(), &[("since", "2")]).unwrap();
    let expected = [format!("delete tag000000000001 {ROOT}"), format!("update post00000000001 {ROOT}")];
    assert_eq!(brief(&changes), expected);
    assert_eq!(changes["items"][1]["after"]["tags"], json!([]));
}

#[test]
fn others_see_what_the_view_rule_shows_of_the_record_before_and_after() {
    let backend = Backend::new();
    let id = "post00000000001";
    backend.create(&root(), "posts", json!({"id": id, "title": "draft", "secret": "s", "owner": ""}));
    backend.sql("INSERT INTO users (id, email, tokenKey) VALUES ('ann', 'ann@x.co', 'k')");
    backend.sql("UPDATE posts SET owner = 'ann'");
    backend.sql("UPDATE posts SET public = 1, title = 'out'");
    backend.sql("UPDATE posts SET public = 0, title = 'hidden again'");
    backend.sql("DELETE FROM posts");
    let titles = |caller: &Caller| -> Vec<Json> {
        let changes = backend.changes(caller, &[("collection", "posts")]).unwrap();
        let items = changes["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| json!([item["action"], item["before"]["title"], item["after"]["title"]]))
            .collect()
    };
    assert_eq!(
        titles(&Caller::Guest),
        [json!(["update", null, "out"]), json!(["update", "out", null])],
        "a guest sees what was public, and that it no longer is"
    );
    assert_eq!(
        titles(&user("ann")),
        [
            json!(["update", null, "draft"]),
            json!(["update", "draft", "out"]),
            json!(["update", "out", "hidden again"]),
            json!(["delete", "hidden again", null]),
        ]
    );
    let of_ann = backend.changes(&user("ann"), &[]).unwrap().to_string();
    assert!(!of_ann.contains("secret") && !of_ann.contains(ROOT), "{of_ann}");
    assert!(backend.changes(&root(), &[]).unwrap().to_string().contains("\"secret\":\"s\""));
}

#[test]
fn collections_without_a_view_rule_are_for_superusers() {
    let backend = Backend::new();
    backend.create(&root(), "comments", json!({"text": "x"}));
    let reply = backend.changes(&user("ann"), &[]).unwrap();
    assert_eq!((brief(&reply).len(), &reply["nextSince"]), (0, &json!(1)), "and nextSince moves on");
}

#[test]
fn emails_are_shown_as_in_a_view() {
    let backend = Backend::new();
    backend.sql("UPDATE _collections SET listRule = '', viewRule = '' WHERE name = 'users'");
    backend.sql("UPDATE _backspin SET value = 'other' WHERE name = 'schema_version'");
    backend.sql(
        "INSERT INTO users (id, email, emailVisibility, tokenKey, password) VALUES
            ('ann', 'ann@x.co', 0, 'key-1', 'hash-1'), ('bob', 'bob@x.co', 1, 'key-2', 'hash-2')",
    );
    let seen = |caller: &Caller| backend.changes(caller, &[]).unwrap().to_string();
    for (caller, ann, bob) in [
        (Caller::Guest, false, true),
        (user("ann"), true, true),
        (user("bob"), false, true),
        (root(), true, true),
    ] {
        let seen = seen(&caller);
        assert_eq!((seen.contains("ann@x.co"), seen.contains("bob@x.co")), (ann, bob), "{seen}");
        assert!(!seen.contains("hash-") && !seen.contains("key-"), "{seen}");
    }
}

#[test]
fn pages_filters_and_bounds() {
    let backend = Backend::new();
    for n in 0..5 {
        backend.create(&root(), "tags", json!({"id": format!("tag00000000000{n}"), "name": format!("t{n}")}));
        backend.create(&root(), "comments", json!({"text": "x"}));
    }
    backend.update(&root(), "tags", "tag000000000003", json!({"name": "new"}));
    let page = |query: &[(&str, &str)]| {
        let reply = backend.changes(&root(), query).unwrap();
        (brief(&reply).len(), reply["nextSince"].as_i64().unwrap())
    };
    assert_eq!(page(&[("limit", "3")]), (3, 3));
    assert_eq!(page(&[("limit", "3"), ("since", "3")]), (3, 6));
    assert_eq!(page(&[("since", "11")]), (0, 11));
    assert_eq!(page(&[("collection", "tags"), ("limit", "2")]), (2, 3));
    assert_eq!(page(&[("record", "tag000000000003")]), (2, 11));
    assert_eq!(page(&[("record", "tag000000000003"), ("action", "update")]), (1, 11));
    assert_eq!(page(&[("limit", "100000")]), (11, 11));
    for wrong in [("limit", "0"), ("limit", "x"), ("since", "-1"), ("since", "1e3"), ("action", "drop")] {
        assert_eq!(status(backend.changes(&root(), &[wrong])), 400, "{wrong:?}");
    }
    assert_eq!(status(backend.changes(&root(), &[("collection", "nowhere")])), 404);
    assert_eq!(status(backend.changes(&root(), &[("since", "12")])), 409, "another log");
}

#[test]
fn what_was_removed_is_told() {
    let backend = Backend::new();
    for _ in 0..4 {
        backend.create(&root(), "comments", json!({"text": "x"}));
    }
    backend.sql("DELETE FROM _changes WHERE seq <= 2");
    assert_eq!(status(backend.changes(&root(), &[("since", "1")])), 409);
    assert_eq!(brief(&backend.changes(&root(), &[("since", "2")]).unwrap()).len(), 2);
    let from_the_oldest = backend.changes(&root(), &[]).unwrap();
    assert_eq!((brief(&from_the_oldest).len(), &from_the_oldest["oldest"]), (2, &json!(3)));
}

#[test]
fn a_request_looks_through_a_bounded_part_and_moves_on() {
    let backend = Backend::new();
    backend.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
         INSERT INTO comments (text) SELECT i FROM n",
    );
    backend.create(&root(), "tags", json!({"name": "x"}));
    let (mut since, mut requests) = (0, 0);
    loop {
        let since_text = since.to_string();
        let reply = backend.changes(&root(), &[("collection", "tags"), ("since", &since_text)]).unwrap();
        requests += 1;
        since = reply["nextSince"].as_i64().unwrap();
        if !brief(&reply).is_empty() {
            break;
        }
    }
    assert_eq!((since, requests), (12001, 3));
}

#[test]
fn large_records_make_smaller_pages() {
    let backend = Backend::new();
    backend.sql("INSERT INTO comments (text) SELECT hex(zeroblob(1500000)) FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)");
    let reply = backend.changes(&root(), &[]).unwrap();
    assert_eq!((brief(&reply).len(), &reply["nextSince"]), (1, &json!(1)));
    assert_eq!(brief(&backend.changes(&root(), &[("since", "2")]).unwrap()).len(), 1);
}

#[test]
fn renamed_fields_and_collections_have_the_names_of_today() {
    let backend = Backend::new();
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
    let tags = futures::executor::block_on(backend.app.reload()).unwrap().find("tags").unwrap().clone();
    let mut fields = serde_json::to_value(&tags.fields).unwrap();
    fields.as_array_mut().unwrap().iter_mut().find(|field| field["name"] == "name").unwrap()["name"] =
        json!("label");
    let body = super::object(json!({"name": "labels", "fields": fields, "indexes": []}));
    futures::executor::block_on(backspin_collections::update(&backend.app, &root(), "tags", body)).unwrap();
    assert_eq!(backend.newest(), 1, "a change of the schema is a migration, not a change of records");
    let reply = backend.changes(&root(), &[]).unwrap();
    assert_eq!(reply["items"][0]["collectionName"], "labels");
    assert_eq!(reply["items"][0]["after"]["label"], "x");
    backend.update(&root(), "labels", "tag000000000001", json!({"label": "y"}));
    assert_eq!(backend.newest(), 2, "the log goes on");
}
