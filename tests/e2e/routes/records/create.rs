//! `POST /api/collections/{collection}/records`

use backspin_tests::{expect, start};
use serde_json::json;
use ureq::http::Method;

use super::{OPEN, POSTS, create_posts, path_of};

#[test]
fn every_field_is_stored_and_given_back() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let values = json!({
        "title": "Grüße 👩‍🚀", "rank": 1.5, "published": true, "extra": {"a": [1, null, "b"]}, "due": "2024-02-29 12:30:00.000Z",
    });
    let reply = anon.post(POSTS, values);
    reply.check(expect![[r#"
        200 {
          "collectionId": "pbc_1125843985",
          "collectionName": "posts",
          "created": "[time]",
          "due": "2024-02-29 12:30:00.000Z",
          "extra": {
            "a": [
              1,
              null,
              "b"
            ]
          },
          "id": "[id]",
          "published": true,
          "rank": 1.5,
          "title": "Grüße 👩‍🚀",
          "updated": "[time]"
        }"#]]);
    let record = reply.ok();
    assert_eq!(anon.get(&path_of(&record)).ok(), record);
}

#[test]
fn what_is_left_out_is_zero() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    anon.post(POSTS, json!({"title": "a"})).check(expect![[r#"
        200 {
          "collectionId": "pbc_1125843985",
          "collectionName": "posts",
          "created": "[time]",
          "due": "",
          "extra": null,
          "id": "[id]",
          "published": false,
          "rank": 0,
          "title": "a",
          "updated": "[time]"
        }"#]]);
}

#[test]
fn a_closed_rule_lets_only_superusers_create() {
    let (_app, anon, root) = start();
    create_posts(&root, &[]);
    assert_eq!(anon.post(POSTS, json!({"title": "a"})).refused_with(403), [""; 0]);
    assert_eq!(root.get(POSTS).ok()["totalItems"], 0);
    root.post(POSTS, json!({"title": "a"})).ok();
}

#[test]
fn faults_are_told_for_each_field_and_nothing_is_stored() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    assert_eq!(
        anon.post(POSTS, json!({"title": "", "rank": 101})).refused_with(400),
        ["rank: validation_max_number_constraint", "title: validation_required"]
    );
    assert_eq!(
        anon.post(POSTS, json!({"title": "x".repeat(21)})).refused_with(400),
        ["title: validation_max_text_constraint"]
    );
    assert_eq!(root.get(POSTS).ok()["totalItems"], 0);
}

#[test]
fn bodies_that_are_no_object_are_refused() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let headers = [("content-type", "application/json")];
    let deep = format!("{{\"title\":\"a\",\"extra\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let bodies: [&[u8]; 5] = [b"{", b"[]", b"\"a\"", b"\xff\xfe", deep.as_bytes()];
    for body in bodies {
        let reply = anon.send(Method::POST, POSTS, &headers, body);
        assert_eq!(reply.status, 400, "{}", reply.text);
        reply.refused_with(400);
    }
    assert_eq!(root.get(POSTS).ok()["totalItems"], 0);
}

#[test]
fn a_chosen_id_is_kept_and_taken_only_once() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let record = json!({"id": "chosenchosen123", "title": "a"});
    assert_eq!(anon.post(POSTS, record.clone()).ok()["id"], "chosenchosen123");
    assert_eq!(anon.post(POSTS, record).refused_with(400), ["id: validation_not_unique"]);
    for id in ["short", "UPPERCASE123456", "quote'quote'123", "sixteenletters16"] {
        let reply = anon.post(POSTS, json!({"id": id, "title": "a"}));
        assert_eq!(reply.refused_with(400).len(), 1, "{id}");
    }
    assert_eq!(root.get(POSTS).ok()["totalItems"], 1);
}

#[test]
fn values_that_look_like_sql_are_only_values() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    for title in ["'); DROP TABLE", "\" OR 1=1", "a\\'b", "?1 :a @b $c", "%s {0}"] {
        let record = anon.post(POSTS, json!({"title": title, "extra": {title: title}})).ok();
        assert_eq!((&record["title"], &record["extra"][title]), (&json!(title), &json!(title)));
    }
    assert_eq!(root.get(POSTS).ok()["totalItems"], 5);
}

#[test]
fn an_unknown_collection_is_not_found() {
    let (_app, anon, root) = start();
    for client in [anon, root] {
        assert_eq!(client.post("/api/collections/nothing/records", json!({})).refused_with(404), [""; 0]);
    }
}

#[test]
fn many_that_write_at_once_are_all_stored() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    anon.post(POSTS, json!({"title": "a"})).ok();
                }
            });
        }
    });
    assert_eq!(root.get(POSTS).ok()["totalItems"], 320);
}
