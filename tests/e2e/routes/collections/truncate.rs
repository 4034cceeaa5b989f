//! `DELETE /api/collections/{name or id}/truncate`

use backspin_tests::start;
use serde_json::json;

#[test]
fn all_records_go_at_once() {
    let (_app, anon, root) = start();
    root.post("/api/collections", json!({"name": "posts"})).ok();
    for _ in 0..3 {
        root.post("/api/collections/posts/records", json!({})).ok();
    }
    assert_eq!(anon.delete("/api/collections/posts/truncate").refused_with(401), [""; 0]);
    assert_eq!(root.get("/api/collections/posts/truncate").refused_with(404), [""; 0]);
    assert_eq!(root.get("/api/collections/posts/records").ok()["totalItems"], 3);
    let reply = root.delete("/api/collections/posts/truncate");
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(root.get("/api/collections/posts/records").ok()["totalItems"], 0);
}

#[test]
fn views_superusers_and_what_is_not_there_are_refused() {
    let (_app, _anon, root) = start();
    let view = json!({"name": "shown", "type": "view", "viewQuery": "SELECT id FROM users"});
    root.post("/api/collections", view).ok();
    for (collection, status) in [("shown", 400), ("_superusers", 400), ("nowhere", 404)] {
        let path = format!("/api/collections/{collection}/truncate");
        assert_eq!(root.delete(&path).refused_with(status), [""; 0], "{collection}");
    }
}
