//! `PATCH /api/collections/{name or id}`

use backspin_tests::start;
use serde_json::json;

#[test]
fn rules_and_new_fields_hold_from_the_next_request_on() {
    let (_app, anon, root) = start();
    let fields = json!([{"name": "title", "type": "text"}]);
    let posts = root.post("/api/collections", json!({"name": "posts", "fields": fields})).ok();
    root.post("/api/collections/posts/records", json!({"title": "Hello"})).ok();
    assert_eq!(anon.get("/api/collections/posts/records").refused_with(403), [""; 0]);

    let mut fields = posts["fields"].clone();
    fields.as_array_mut().unwrap().push(json!({"name": "open", "type": "bool"}));
    let change = json!({"fields": fields, "listRule": "open = false && title != ''"});
    let changed = root.patch("/api/collections/posts", change).ok();
    assert_eq!(changed["fields"].as_array().unwrap().len(), 3);

    let list = anon.get("/api/collections/posts/records?fields=title,open").ok();
    assert_eq!(list["items"], json!([{"open": false, "title": "Hello"}]));
}

#[test]
fn what_would_move_stored_values_is_refused_and_changes_nothing() {
    let (_app, anon, root) = start();
    let fields = json!([{"name": "title", "type": "text"}]);
    let posts = root.post("/api/collections", json!({"name": "posts", "fields": fields})).ok();
    for change in [json!({"fields": []}), json!({"name": "articles"})] {
        assert_eq!(root.patch("/api/collections/posts", change).refused_with(501), [""; 0]);
    }
    let wrong = root.patch("/api/collections/posts", json!({"listRule": "nope = 1"}));
    assert_eq!(wrong.refused_with(400), ["listRule: validation_invalid_rule"]);
    assert_eq!(anon.patch("/api/collections/posts", json!({})).refused_with(401), [""; 0]);
    assert_eq!(root.patch("/api/collections/nothing", json!({})).refused_with(404), [""; 0]);
    assert_eq!(root.get("/api/collections/posts").ok(), posts);
}
