//! `DELETE /api/collections/{name or id}`

use backspin_tests::start;
use serde_json::json;

#[test]
fn a_collection_goes_with_its_records() {
    let (_app, _anon, root) = start();
    root.post("/api/collections", json!({"name": "posts"})).ok();
    root.post("/api/collections/posts/records", json!({})).ok();
    let reply = root.delete("/api/collections/posts");
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(root.get("/api/collections/posts").refused_with(404), [""; 0]);
    assert_eq!(root.get("/api/collections/posts/records").refused_with(404), [""; 0]);
    assert_eq!(root.delete("/api/collections/posts").refused_with(404), [""; 0]);

    root.post("/api/collections", json!({"name": "posts"})).ok();
    assert_eq!(root.get("/api/collections/posts/records").ok()["totalItems"], 0);
}

#[test]
fn nobody_is_refused() {
    let (_app, anon, root) = start();
    root.post("/api/collections", json!({"name": "posts"})).ok();
    assert_eq!(anon.delete("/api/collections/posts").refused_with(401), [""; 0]);
    root.get("/api/collections/posts").ok();
}

#[test]
fn system_collections_stay() {
    let (_app, _anon, root) = start();
    assert_eq!(root.delete("/api/collections/_superusers").refused_with(400), [""; 0]);
    root.get("/api/collections/_superusers").ok();
}
