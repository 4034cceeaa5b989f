//! Paths that lead nowhere.

use backspin_tests::{expect, start};
use serde_json::json;
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
fn surplus_slashes_pass_no_limit_and_mean_nothing_else() {
    let (_app, anon, root) = start();
    let rule = json!({"label": "/api/", "maxRequests": 3, "duration": 60});
    let settings = json!({
        "rateLimits": {"enabled": true, "rules": [rule]},
        "superuserIPs": ["192.0.2.1"],
    });
    root.patch("/api/settings", settings).ok();
    for path in
        ["//api/settings", "/api//settings", "//api/settings?a=//b", "/api/settings/", "/api/sign-ins/"]
    {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let reply = root.send(method.clone(), path, &[], "");
            match reply.header("location") {
                Some(target) => {
                    assert_eq!(
                        (reply.status, target),
                        (307, path.replace("//api", "/api").replace("/api//", "/api/").as_str())
                    );
                }
                None => assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text),
            }
        }
    }
    root.get("/api/settings").refused_with(403);
    for path in ["//api/collections/users/records", "/api/collections/users/records/"] {
        for _ in 0..5 {
            assert!(matches!(anon.get(path).status, 307 | 404), "{path}");
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
