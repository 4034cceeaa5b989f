//! `GET /api/health`

use backspin_tests::{expect, start};

#[test]
fn anybody_sees_that_the_api_is_healthy() {
    let (_app, anon, _root) = start();
    anon.get("/api/health").check(expect![[r#"
        200 {
          "code": 200,
          "data": {},
          "message": "API is healthy."
        }"#]]);
}

#[test]
fn a_superuser_sees_the_same() {
    // The component can do nothing, so it cannot tell who asks: see docs/compatibility.md.
    let (_app, anon, root) = start();
    assert_eq!(root.get("/api/health").text, anon.get("/api/health").text);
}

#[test]
fn other_methods_are_not_found() {
    let (_app, anon, _root) = start();
    assert_eq!(anon.post("/api/health", serde_json::json!({})).refused_with(404), [""; 0]);
}
