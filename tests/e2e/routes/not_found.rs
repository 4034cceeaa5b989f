//! Paths that lead nowhere.

use backspin_tests::{expect, start};
use ureq::http::Method;

#[test]
fn an_unknown_path_is_told_in_json() {
    let (_app, anon, _root) = start();
    let reply = anon.get("/api/nothing");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.check(expect![[r#"
        404 {
          "data": {},
          "message": "File not found.",
          "status": 404
        }"#]]);
}

#[test]
fn any_method_and_depth_gets_the_envelope() {
    let (_app, anon, _root) = start();
    for path in ["/api", "/api/", "/api/a/b/c/d", "/api/collections/posts/nothing", "/api/%00"] {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let reply = anon.send(method.clone(), path, &[], "");
            assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text);
            assert_eq!(reply.refused_with(404), [""; 0]);
        }
    }
}

#[test]
fn every_reply_may_be_read_by_other_origins() {
    let (_app, anon, _root) = start();
    for path in ["/api/nothing", "/api/health"] {
        let reply = anon.send(Method::GET, path, &[("origin", "https://app.test")], "");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
    }
    let preflight = [("origin", "https://app.test"), ("access-control-request-method", "PATCH")];
    let reply = anon.send(Method::OPTIONS, "/api/collections/posts/records", &preflight, "");
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}
