//! View collections, through real Wasm.

use backspin_tests::start;
use serde_json::json;

#[test]
fn a_view_is_read_like_a_collection_and_not_written() {
    let (_app, anon, root) = start();
    let fields = json!([{"name": "title", "type": "text"}]);
    root.post("/api/collections", json!({"name": "posts", "fields": fields})).ok();
    root.post("/api/collections/posts/records", json!({"title": "Hello"})).ok();
    root.post("/api/collections/posts/records", json!({"title": "Hello"})).ok();
    let query = "select (row_number() over ()) as id, title, count(*) as times from posts group by title";
    let view = json!({"name": "titles", "type": "view", "viewQuery": query, "listRule": "times > 1"});
    root.post("/api/collections", view).ok();

    let list = anon.get("/api/collections/titles/records?fields=id,title,times").ok();
    assert_eq!(list["items"], json!([{"id": "1", "times": 2, "title": "Hello"}]));
    assert_eq!(root.post("/api/collections/titles/records", json!({})).status, 400);
    assert_eq!(root.delete("/api/collections/posts").refused_with(400), [""; 0]);
    assert_eq!(root.delete("/api/collections/titles").status, 204);
    assert_eq!(root.delete("/api/collections/posts").status, 204);
}

#[test]
fn secrets_are_out_of_reach() {
    let (_app, _anon, root) = start();
    for query in ["select id, tokenKey from users", "select id, value from _params"] {
        let view = json!({"name": "peek", "type": "view", "viewQuery": query});
        let codes = root.post("/api/collections", view).refused_with(400);
        assert_eq!(
            codes,
            ["fields: validation_required", "viewQuery: validation_invalid_view_query"],
            "{query}"
        );
    }
}
