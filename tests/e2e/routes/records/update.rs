//! `PATCH /api/collections/{collection}/records/{id}`

use backspin_tests::start;
use serde_json::json;

use super::{OPEN, POSTS, create_posts, path_of};

#[test]
fn only_what_is_sent_changes() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let record = root.post(POSTS, json!({"title": "a", "rank": 1, "extra": [1]})).ok();
    let path = path_of(&record);
    let changed = anon.patch(&path, json!({"rank": 2})).ok();
    assert_eq!(
        (&changed["title"], &changed["rank"], &changed["extra"]),
        (&json!("a"), &json!(2), &json!([1]))
    );
    assert_eq!(changed["created"], record["created"]);
    assert!(changed["updated"].as_str() >= record["updated"].as_str());
    assert_eq!(anon.get(&path).ok(), changed);
}

#[test]
fn a_closed_rule_lets_only_superusers_update() {
    let (_app, anon, root) = start();
    create_posts(&root, &["viewRule"]);
    let record = root.post(POSTS, json!({"title": "a"})).ok();
    let path = path_of(&record);
    assert_eq!(anon.patch(&path, json!({"title": "b"})).refused_with(403), [""; 0]);
    assert_eq!(anon.get(&path).ok(), record);
    assert_eq!(root.patch(&path, json!({"title": "b"})).ok()["title"], "b");
}

#[test]
fn a_refused_update_changes_nothing() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let record = root.post(POSTS, json!({"title": "a", "rank": 1})).ok();
    let path = path_of(&record);
    assert_eq!(
        anon.patch(&path, json!({"title": "", "rank": 2})).refused_with(400),
        ["title: validation_required"]
    );
    anon.patch(&path, json!([])).refused_with(400);
    assert_eq!(anon.get(&path).ok(), record);
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    for id in ["aaaaaaaaaaaaaaa", "a'b", "%00"] {
        assert_eq!(
            anon.patch(&format!("{POSTS}/{id}"), json!({"title": "a"})).refused_with(404),
            [""; 0],
            "{id}"
        );
    }
}

#[test]
fn only_the_record_that_is_named_changes() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let first = root.post(POSTS, json!({"title": "a"})).ok();
    let second = root.post(POSTS, json!({"title": "b"})).ok();
    anon.patch(&path_of(&first), json!({"title": "c"})).ok();
    assert_eq!(anon.get(&path_of(&second)).ok(), second);
}

#[test]
fn updates_of_other_fields_at_once_lose_nothing() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let path = path_of(&root.post(POSTS, json!({"title": "a"})).ok());
    std::thread::scope(|scope| {
        for values in
            [json!({"title": "b"}), json!({"rank": 7}), json!({"published": true}), json!({"extra": [2]})]
        {
            let (anon, path) = (&anon, &path);
            scope.spawn(move || anon.patch(path, values).ok());
        }
    });
    let record = anon.get(&path).ok();
    let values = [&record["title"], &record["rank"], &record["published"], &record["extra"]];
    assert_eq!(values, [&json!("b"), &json!(7), &json!(true), &json!([2])]);
}
