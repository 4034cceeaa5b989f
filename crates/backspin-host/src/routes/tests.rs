use std::path::PathBuf;

use expect_test::{Expect, expect};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;

/// A router whose routes all belong to one component each, named by their position.
fn router(routes: &[&str]) -> Result<Router, ManifestError> {
    let mut text = "spin_manifest_version = 2\n[application]\nname = \"test\"\n".to_owned();
    for (index, route) in routes.iter().enumerate() {
        text.push_str(&format!("[[trigger.http]]\nroute = {route:?}\ncomponent = \"c-{index}\"\n"));
    }
    for index in 0..routes.len() {
        text.push_str(&format!("[component.c-{index}]\nsource = \"c.wasm\"\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spin.toml");
    std::fs::write(&file, text).unwrap();
    let mut manifest = Manifest::load(&file).unwrap();
    manifest.file = PathBuf::from("spin.toml");
    Router::new(&manifest)
}

#[track_caller]
fn check(routes: &[&str], cases: &[(&str, &str)]) {
    let router = router(routes).unwrap();
    for (path, expected) in cases {
        let found = router.find(path).map_or("none".to_owned(), |found| {
            let mut line = found.route.written().to_owned();
            for (name, value) in found.parameters() {
                line.push_str(&format!(" {name}={value}"));
            }
            if let Some(trailing) = found.trailing {
                line.push_str(&format!(" ...={trailing}"));
            }
            line
        });
        assert_eq!(found, *expected, "{path} in {routes:?}");
    }
}

#[track_caller]
fn check_refused(routes: &[&str], expected: Expect) {
    expected.assert_eq(&router(routes).unwrap_err().to_string());
}

#[test]
fn exact_routes_match_their_path_only() {
    check(
        &["/", "/foo", "/foo/bar", "no-slash", "/end/"],
        &[
            ("/", "/"),
            ("/foo", "/foo"),
            ("/foo/", "/foo"),
            ("/foo//", "/foo"),
            ("/foo/bar", "/foo/bar"),
            ("/foo//bar", "none"),
            ("/foobar", "none"),
            ("/Foo", "none"),
            ("/no-slash", "no-slash"),
            ("/end", "/end/"),
            ("", "/"),
        ],
    );
}

#[test]
fn parameters_take_one_segment() {
    check(
        &["/users/:id", "/users/:id/posts/:post", "/files/:name.:extension"],
        &[
            ("/users/42", "/users/:id id=42"),
            ("/users/42/", "/users/:id id=42"),
            ("/users/a%20b", "/users/:id id=a%20b"),
            ("/users/v1.2", "/users/:id id=v1.2"),
            ("/users", "none"),
            ("/users/", "none"),
            ("/users42", "none"),
            ("/users/42/posts", "none"),
            ("/users/42/posts/7", "/users/:id/posts/:post id=42 post=7"),
            ("/files/a.png", "/files/:name.:extension name=a extension=png"),
            ("/files/a", "none"),
        ],
    );
}

#[test]
fn a_trailing_wildcard_takes_the_rest_with_its_slashes() {
    check(
        &["/api/...", "/static/*"],
        &[
            ("/api", "/api/... ...="),
            ("/api/", "/api/... ...=/"),
            ("/api/a", "/api/... ...=/a"),
            ("/api/a/b/", "/api/... ...=/a/b/"),
            ("/api/a//b", "/api/... ...=/a//b"),
            ("/api//a", "/api/... ...=//a"),
            ("/api/é/", "/api/... ...=/é/"),
            ("/apis", "none"),
            ("/static/x", "/static/* ...=/x"),
        ],
    );
}

#[test]
fn the_most_specific_route_wins_in_any_order() {
    let mut routes = vec!["/...", "/api/:a", "/api/b", "/api/:a/...", "/api/...", "/:x/y"];
    let cases = [
        ("/", "/... ...=/"),
        ("/api/b", "/api/b"),
        ("/api/c", "/api/:a a=c"),
        ("/api/c/d", "/api/:a/... a=c ...=/d"),
        ("/api", "/api/... ...="),
        ("/z/y", "/:x/y x=z"),
        ("/z/w", "/... ...=/z/w"),
    ];
    check(&routes, &cases);
    routes.reverse();
    check(&routes, &cases);
}

#[test]
fn routes_that_take_the_same_paths_are_refused() {
    check_refused(
        &["/a", "/a"],
        expect![[
            r#"spin.toml:8: the route "/a": it takes the same paths as "/a" on line 5: remove one of them"#
        ]],
    );
    check_refused(
        &["/a/:x/...", "/a/:y/*"],
        expect![[
            r#"spin.toml:8: the route "/a/:y/*": it takes the same paths as "/a/:x/..." on line 5: remove one of them"#
        ]],
    );
    check_refused(
        &["/a/", "a"],
        expect![[
            r#"spin.toml:8: the route "a": it takes the same paths as "/a/" on line 5: remove one of them"#
        ]],
    );
}

#[test]
fn routes_that_could_never_work_are_refused() {
    check_refused(
        &["/.well-known/spin/mine"],
        expect![[
            r#"spin.toml:5: the route "/.well-known/spin/mine": paths below /.well-known/spin/ belong to the runtime"#
        ]],
    );
    check_refused(
        &["/a/.../b"],
        expect![[r#"spin.toml:5: the route "/a/.../b": `...` can only be the last segment"#]],
    );
    check_refused(
        &["/*/b"],
        expect![[r#"spin.toml:5: the route "/*/b": `...` can only be the last segment"#]],
    );
    check_refused(
        &["/a/*name"],
        expect![[r#"spin.toml:5: the route "/a/*name": `...` can only be the last segment"#]],
    );
    check_refused(&["/a/:"], expect![[r#"spin.toml:5: the route "/a/:": params must be named"#]]);
    check_refused(
        &["/a/:é"],
        expect![[
            r#"spin.toml:5: the route "/a/:é": it has characters that URLs do not: write them percent-encoded"#
        ]],
    );
    check_refused(
        &["/a/:b!"],
        expect![[
            r#"spin.toml:5: the route "/a/:b!": the name `:b!` may only have letters, digits, `_` and `-`"#
        ]],
    );
    check_refused(
        &["/:user_id/:User-Id"],
        expect![[
            r#"spin.toml:5: the route "/:user_id/:User-Id": `:user_id` and `:User-Id` would come in the same header"#
        ]],
    );
    check_refused(
        &["/a?b=c"],
        expect![[
            r#"spin.toml:5: the route "/a?b=c": routes match the path only: remove what follows `?` or `#`"#
        ]],
    );
}

#[test]
fn headers_say_how_the_component_was_reached() {
    let router = router(&["/foo/:user_Id/..."]).unwrap();
    let found = router.find("/foo/42/bar/").unwrap();
    let mut headers = HeaderMap::new();
    for forged in ["spin-path-match-other", "spin-path-match-user-id", "spin-client-addr", "spin-full-url"] {
        headers.append(forged, HeaderValue::from_static("forged"));
        headers.append(forged, HeaderValue::from_static("forged again"));
    }
    headers.insert("accept", HeaderValue::from_static("*/*"));
    let url = full_url("http", "localhost:3000", "/foo/42/bar/?a=b").unwrap();
    found.set_headers(&mut headers, url, client_address("127.0.0.1:8777".parse().unwrap())).unwrap();
    let mut lines: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    expect![[r#"
        accept: */*
        spin-base-path: /
        spin-client-addr: 127.0.0.1:8777
        spin-component-route: /foo/:user_Id
        spin-full-url: http://localhost:3000/foo/42/bar/?a=b
        spin-matched-route: /foo/:user_Id/...
        spin-path-info: /bar/
        spin-path-match-user-id: 42
        spin-raw-component-route: /foo/:user_Id/..."#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_call_between_components_takes_any_path() {
    let router = router(&["/foo"]).unwrap();
    let found = router.internal(0, "//any/path/").unwrap();
    assert_eq!((found.route.target, found.trailing), (RouteTarget::Component(0), Some("//any/path/")));
    let mut headers = HeaderMap::new();
    let address = client_address("127.0.0.1:0".parse().unwrap());
    found
        .set_headers(&mut headers, HeaderValue::from_static("http://c-0.spin.internal//any/path/"), address)
        .unwrap();
    assert_eq!(headers["spin-matched-route"], "/...");
    assert_eq!(headers["spin-component-route"], "");
    assert!(router.internal(1, "/").is_none());
}

/// A route of few different texts, so that routes and paths often meet.
fn any_route() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        3 => Just("a"), 2 => Just("b"), 1 => Just("ab"), 1 => Just("a.b"), 1 => Just(".a"), 3 => Just(":x"), 1 => Just(":x.b")
    ];
    (proptest::collection::vec(segment, 0..4), proptest::bool::ANY).prop_map(|(segments, rest)| {
        let mut route: String = segments
            .iter()
            .enumerate()
            .map(|(i, s)| format!("/{}", s.replace('x', &format!("x{i}"))))
            .collect();
        if rest {
            route.push_str("/...");
        }
        if route.is_empty() { "/".to_owned() } else { route }
    })
}

proptest! {
    /// The release of `routefinder` that Spin uses finds the same route and the same values.
    #[test]
    fn finds_what_spin_finds(
        routes in proptest::collection::vec(any_route(), 1..8),
        paths in proptest::collection::vec("(/{1,2}(a|b|ab|a\\.b|\\.a|a\\.|c)){0,5}/{0,2}", 1..40),
    ) {
        let mut distinct: Vec<&str> = Vec::new();
        for route in &routes {
            let mut candidate = distinct.clone();
            candidate.push(route);
            if router(&candidate).is_ok() {
                distinct = candidate;
            }
        }
        let ours = router(&distinct).unwrap();
        let mut spins = routefinder_0_5::Router::new();
        for route in &distinct {
            let spec = route.strip_suffix("/...").map_or(route.to_string(), |prefix| format!("{prefix}/*"));
            spins.add(spec, *route).unwrap();
        }
        for path in &paths {
            let expected = spins.best_match(path).map(|found| {
                let captures = found.captures();
                let values: Vec<_> = captures.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                let trailing = captures.wildcard().map(|rest| match (rest.is_empty(), path.ends_with('/')) {
                    (true, false) => String::new(),
                    (true, true) => "/".to_owned(),
                    (false, false) => format!("/{rest}"),
                    (false, true) => format!("/{rest}/"),
                });
                (found.handler().to_string(), values, trailing)
            });
            let found = ours.find(path).map(|found| {
                let values: Vec<_> = found.parameters().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                (found.route.written().to_owned(), values, found.trailing.map(str::to_owned))
            });
            prop_assert_eq!(found, expected, "{} in {:?}", path, distinct);
        }
    }
}
