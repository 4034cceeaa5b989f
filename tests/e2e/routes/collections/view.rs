//! `GET /api/collections/{name or id}`

use backspin_tests::start;
use serde_json::json;

#[test]
fn a_collection_is_found_by_name_and_id() {
    let (_app, _anon, root) = start();
    let created = root.post("/api/collections", json!({"name": "posts"})).ok();
    let by_name = root.get("/api/collections/posts").ok();
    let by_id = root.get(&format!("/api/collections/{}", created["id"].as_str().unwrap())).ok();
    assert_eq!(by_name, created);
    assert_eq!(by_id, created);
}

#[test]
fn the_superusers_have_their_fixed_id() {
    let (_app, _anon, root) = start();
    assert_eq!(root.get("/api/collections/_superusers").ok()["id"], "pbc_3142635823");
}

#[test]
fn nobody_is_refused_before_anything_is_told() {
    let (_app, anon, _root) = start();
    for name in ["_superusers", "nothing"] {
        assert_eq!(anon.get(&format!("/api/collections/{name}")).refused_with(401), [""; 0]);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_app, _anon, root) = start();
    for name in ["nothing", "a'b", "a%22b", "%00", "a%20b", &"n".repeat(3000)] {
        assert_eq!(root.get(&format!("/api/collections/{name}")).refused_with(404), [""; 0], "{name}");
    }
}
