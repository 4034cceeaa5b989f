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
fn records_follow_the_changes_of_their_fields() {
    let (_app, _anon, root) = start();
    let tags = json!({"name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2});
    let posts = root.post("/api/collections", json!({"name": "posts", "fields": [tags]})).ok();
    root.post("/api/collections/posts/records", json!({"tags": ["a", "b"]})).ok();

    let mut fields = posts["fields"].clone();
    fields[1]["maxSelect"] = json!(1);
    fields[1]["name"] = json!("tag");
    root.patch("/api/collections/posts", json!({"fields": fields, "name": "articles"})).ok();
    let list = root.get("/api/collections/articles/records?fields=collectionName,tag").ok();
    assert_eq!(list["items"], json!([{"collectionName": "articles", "tag": "b"}]));
    assert_eq!(root.get("/api/collections/posts").refused_with(404), [""; 0]);
}

#[test]
fn what_is_wrong_changes_nothing() {
    let (_app, anon, root) = start();
    let fields = json!([{"name": "title", "type": "text"}]);
    let posts = root.post("/api/collections", json!({"name": "posts", "fields": fields})).ok();
    let view = json!({"name": "titles", "type": "view", "viewQuery": "SELECT id, title FROM posts"});
    root.post("/api/collections", view).ok();
    let wrong = root.patch("/api/collections/posts", json!({"listRule": "nope = 1"}));
    assert_eq!(wrong.refused_with(400), ["listRule: validation_invalid_rule"]);
    let broken = root.patch("/api/collections/posts", json!({"fields": []}));
    assert_eq!(broken.refused_with(400), ["titles.viewQuery: validation_broken_reference"]);
    assert_eq!(anon.patch("/api/collections/posts", json!({})).refused_with(401), [""; 0]);
    assert_eq!(root.patch("/api/collections/nothing", json!({})).refused_with(404), [""; 0]);
    assert_eq!(root.get("/api/collections/posts").ok(), posts);
}
