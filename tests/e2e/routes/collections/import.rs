//! `PUT /api/collections/import`

use backspin_tests::{Client, Reply, start};
use serde_json::{Value, json};
use ureq::http::Method;

fn import(client: &Client, body: Value) -> Reply {
    let headers = [("content-type", "application/json")];
    client.send(Method::PUT, "/api/collections/import", &headers, body.to_string())
}

#[test]
fn collections_that_refer_to_each_other_come_together() {
    let (_app, _anon, root) = start();
    let relation = |to: &str| json!([{"name": "to", "type": "relation", "collectionId": to, "maxSelect": 1}]);
    let reply = import(
        &root,
        json!({"collections": [
            {"id": "a1", "name": "people", "fields": relation("b1")},
            {"id": "b1", "name": "films", "fields": relation("a1"), "listRule": "to.to.id != ''"},
            {"name": "shown", "type": "view", "viewQuery": "SELECT id FROM films"},
        ]}),
    );
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let film = root.post("/api/collections/films/records", json!({})).ok();
    assert_eq!(root.get("/api/collections/shown/records").ok()["items"][0]["id"], film["id"]);
    assert_eq!(root.get("/api/migrations").ok()["totalItems"], 1);
}

#[test]
fn one_that_is_wrong_keeps_all_out() {
    let (_app, anon, root) = start();
    let body = json!({"collections": [{"name": "fine"}, {"name": "not fine"}]});
    let codes = import(&root, body.clone()).refused_with(400);
    assert_eq!(codes, ["collections: validation_collections_import_failure"]);
    assert_eq!(import(&root, json!({})).refused_with(400), ["collections: validation_required"]);
    assert_eq!(import(&root, json!({"collections": 1})).refused_with(400), [""; 0]);
    assert_eq!(import(&anon, body).refused_with(401), [""; 0]);
    assert_eq!(root.get("/api/collections/fine").refused_with(404), [""; 0]);
}

#[test]
fn a_collection_may_be_called_import() {
    let (_app, _anon, root) = start();
    root.post("/api/collections", json!({"name": "import"})).ok();
    assert_eq!(root.get("/api/collections/import").ok()["name"], "import");
    assert_eq!(root.delete("/api/collections/import").status, 204);
}
