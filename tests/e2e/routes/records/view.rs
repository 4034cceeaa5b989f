//! `GET /api/collections/{collection}/records/{id}`

use backspin_tests::{expect, start};
use serde_json::json;

use super::{OPEN, POSTS, create_posts, path_of};

#[test]
fn a_record_is_found_through_name_and_id_of_its_collection() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    assert_eq!(anon.get(&path_of(&record)).ok(), record);
    let path = format!(
        "/api/collections/{}/records/{}",
        record["collectionId"].as_str().unwrap(),
        record["id"].as_str().unwrap()
    );
    assert_eq!(anon.get(&path).ok(), record);
}

#[test]
fn a_closed_rule_tells_nobody_what_is_there() {
    let (_app, anon, root) = start();
    create_posts(&root, &["listRule"]);
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    let there = anon.get(&path_of(&record));
    there.check(expect![[r#"
        403 {
          "data": {},
          "message": "Only superusers can perform this action.",
          "status": 403
        }"#]]);
    assert_eq!(anon.get(&format!("{POSTS}/aaaaaaaaaaaaaaa")).text, there.text);
    assert_eq!(root.get(&path_of(&record)).ok(), record);
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    for id in ["aaaaaaaaaaaaaaa", "a'b", "%22", "%00", "a%2Fb", &"i".repeat(3000)] {
        assert_eq!(anon.get(&format!("{POSTS}/{id}")).refused_with(404), [""; 0], "{id}");
    }
    assert_eq!(anon.get("/api/collections/nothing/records/aaaaaaaaaaaaaaa").refused_with(404), [""; 0]);
}

#[test]
fn a_record_of_another_collection_is_not_found() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    root.post("/api/collections", json!({"name": "other", "viewRule": ""})).ok();
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    let path = format!("/api/collections/other/records/{}", record["id"].as_str().unwrap());
    assert_eq!(anon.get(&path).refused_with(404), [""; 0]);
}
