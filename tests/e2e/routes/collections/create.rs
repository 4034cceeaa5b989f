//! `POST /api/collections`

use backspin_tests::{expect, start};
use serde_json::json;

const PATH: &str = "/api/collections";

#[test]
fn a_collection_gets_its_id_and_system_fields() {
    let (_app, _anon, root) = start();
    root.post(PATH, json!({"name": "posts", "fields": [{"type": "text", "name": "title"}]})).check(expect![
        [r#"
            200 {
              "createRule": null,
              "created": "[time]",
              "deleteRule": null,
              "fields": [
                {
                  "autogeneratePattern": "[a-z0-9]{15}",
                  "help": "",
                  "hidden": false,
                  "id": "text3208210256",
                  "max": 15,
                  "min": 15,
                  "name": "id",
                  "pattern": "^[a-z0-9]+$",
                  "presentable": false,
                  "primaryKey": true,
                  "required": true,
                  "system": true,
                  "type": "text"
                },
                {
                  "autogeneratePattern": "",
                  "help": "",
                  "hidden": false,
                  "id": "text724990059",
                  "max": 0,
                  "min": 0,
                  "name": "title",
                  "pattern": "",
                  "presentable": false,
                  "primaryKey": false,
                  "required": false,
                  "system": false,
                  "type": "text"
                }
              ],
              "id": "pbc_1125843985",
              "indexes": [],
              "listRule": null,
              "name": "posts",
              "system": false,
              "type": "base",
              "updateRule": null,
              "updated": "[time]",
              "viewRule": null
            }"#]
    ]);
}

#[test]
fn nobody_and_bad_tokens_are_refused() {
    let (_app, anon, root) = start();
    assert_eq!(anon.post(PATH, json!({"name": "posts"})).refused_with(401), [""; 0]);
    assert_eq!(anon.with_token("bad").post(PATH, json!({"name": "posts"})).refused_with(401), [""; 0]);
    assert_eq!(root.get("/api/collections/posts").refused_with(404), [""; 0]);
}

#[test]
fn bad_definitions_are_refused_and_leave_nothing_behind() {
    let (_app, _anon, root) = start();
    let text = |name: &str| json!({"type": "text", "name": name});
    for (definition, codes) in [
        (json!({}), vec!["name: validation_required"]),
        (json!({"name": "two words"}), vec!["name: validation_match_invalid"]),
        (json!({"name": "a\"; DROP TABLE _collections; --"}), vec!["name: validation_match_invalid"]),
        (json!({"name": "n".repeat(256)}), vec!["name: validation_length_out_of_range"]),
        (json!({"name": "posts", "fields": [text("a b")]}), vec!["fields: ?"]),
        (json!({"name": "posts", "fields": [text("expand")]}), vec!["fields: ?"]),
        (json!({"name": "posts", "fields": [text("a"), text("A")]}), vec!["fields: ?"]),
        (json!({"name": "posts", "fields": [{"type": "colour", "name": "a"}]}), vec![]),
        (json!({"name": "posts", "fields": "a"}), vec![]),
        (json!({"name": 1}), vec![]),
        (json!([]), vec![]),
    ] {
        assert_eq!(root.post(PATH, definition.clone()).refused_with(400), codes, "{definition}");
    }
    assert_eq!(root.get("/api/collections/posts").refused_with(404), [""; 0]);
    root.post(PATH, json!({"name": "posts"})).ok();
}

#[test]
fn a_taken_name_is_refused_in_any_case() {
    let (_app, _anon, root) = start();
    root.post(PATH, json!({"name": "posts"})).ok();
    for name in ["posts", "POSTS", "_superusers"] {
        let reply = root.post(PATH, json!({"name": name}));
        assert_eq!(reply.refused_with(400), ["name: validation_collection_name_exists"], "{name}");
    }
}

#[test]
fn of_many_that_create_one_name_at_once_one_wins() {
    let (_app, _anon, root) = start();
    let statuses = std::thread::scope(|scope| {
        let creating = (0..8).map(|_| scope.spawn(|| root.post(PATH, json!({"name": "posts"})).status));
        creating.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 7, "{statuses:?}");
}
