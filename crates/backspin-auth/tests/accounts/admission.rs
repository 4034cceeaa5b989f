//! Whether a request is looked at at all.

use backspin_auth::{Arrival, admit, admit_batch};
use backspin_core::{Error, ParameterPairs};
use backspin_records::RequestInfo;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, ROOT, object, refusal};

const MEMBERS: &str = "/api/collections/members/records";

fn set(backend: &Backend, settings: Json) {
    block_on(backspin_settings::update(&backend.app, &backend.root(), object(settings), "")).unwrap();
}

/// A backend whose settings have these rules: label, audience, how many in two seconds.
fn limited(rules: &[(&str, &str, i64)]) -> Backend {
    let backend = Backend::with_members(json!({}));
    backend.create_collection(json!({"name": "posts", "listRule": ""}));
    let rules: Json = rules
        .iter()
        .map(|(label, audience, max)| {
            json!({"label": label, "audience": audience, "maxRequests": max, "duration": 2})
        })
        .collect();
    set(&backend, json!({"rateLimits": {"enabled": true, "rules": rules}}));
    backend
}

fn from(address: &str) -> Vec<(String, String)> {
    vec![("spin_client_addr".to_owned(), format!("{address}:5000"))]
}

fn arrive(backend: &Backend, address: &str, token: Option<&str>, target: &str) -> Result<Json, Error> {
    let (method, path) = target.split_once(' ').unwrap();
    let headers = from(address);
    let parameters = ParameterPairs { query: &[], headers: &headers };
    block_on(admit(&backend.app, Arrival { method, path, token, parameters: &parameters }))
        .map(|()| Json::Null)
}

/// How many requests are let in before one is not.
fn admitted(backend: &Backend, token: Option<&str>, target: &str) -> usize {
    (0..9).take_while(|_| arrive(backend, "192.0.2.1", token, target).is_ok()).count()
}

#[test]
fn settings_that_restrict_nothing_cost_no_statement() {
    let backend = Backend::with_members(json!({}));
    let member = backend.token("members", "bob");
    backend.app.database().take();
    for token in [None, Some(&*member)] {
        arrive(&backend, "192.0.2.1", token, &format!("GET {MEMBERS}")).unwrap();
    }
    assert_eq!(backend.app.database().take().len(), 0);
}

#[test]
fn one_statement_counts_a_guests_request() {
    let backend = limited(&[("*:list", "", 5)]);
    arrive(&backend, "192.0.2.1", None, &format!("GET {MEMBERS}")).unwrap();
    backend.app.database().take();
    arrive(&backend, "192.0.2.1", None, &format!("GET {MEMBERS}")).unwrap();
    let statements = backend.app.database().take();
    let counting = statements.iter().filter(|statement| format!("{statement:?}").contains("INSERT")).count();
    assert_eq!(counting, 1, "{statements:?}");
    arrive(&backend, "192.0.2.1", None, "GET /api/settings").unwrap();
    assert_eq!(backend.app.database().take().len(), 0, "no rule is for it");
}

#[test]
fn rules_of_actions_and_paths_hold_for_all_routes() {
    let (list, posts) = (&*format!("GET {MEMBERS}"), "GET /api/collections/posts/records");
    for (rules, target, expected) in [
        (&[("*:list", "", 2)][..], list, 2),
        (&[("*:list", "", 1), ("members:list", "", 3)], list, 3),
        (&[("/api/", "", 1), ("*:list", "", 3)], list, 3),
        (&[("/api/", "", 1), ("/api/collections/", "", 2), (MEMBERS, "", 3)], list, 3),
        (&[("/api/", "", 1), ("GET /api/", "", 3)], list, 3),
        (&[("/api", "", 1), ("*:view", "", 1)], list, 9),
        (&[("*:view", "", 2)], "GET /api/collections/members/records/xxxxxxxxxxxxxxx", 2),
        (&[("*:create", "", 2)], "POST /api/collections/posts/records", 2),
        (&[("*:delete", "", 2)], "DELETE /api/collections/posts/records/xxxxxxxxxxxxxxx", 2),
        (&[("posts:list", "", 2)], "GET /api/collections/p%6Fsts/records", 2),
        (&[("/api/settings", "", 2)], "GET /api/%73ettings", 2),
        (&[("/api/", "", 2)], "GET /api/settings", 2),
        (&[("/api/", "", 2)], "GET /api/collections/none/records", 9),
        (&[("/", "", 2)], "POST /wake", 9),
        (&[("*:list", "@auth", 1)], posts, 9),
        (&[("*:list", "@guest", 1), ("/api/", "", 2)], posts, 1),
    ] {
        assert_eq!(admitted(&limited(rules), None, target), expected, "{target} {rules:?}");
    }
}

#[test]
fn collections_audiences_and_addresses_are_counted_apart_and_superusers_not_at_all() {
    let (list, posts) = (&*format!("GET {MEMBERS}"), "GET /api/collections/posts/records");
    let backend = limited(&[("*:list", "", 2)]);
    let (member, root) = (backend.token("members", "bob"), backend.token("_superusers", ROOT));
    assert_eq!((admitted(&backend, None, list), admitted(&backend, None, posts)), (2, 2));
    assert_eq!(admitted(&backend, Some(&member), list), 0, "one rule counts both");
    assert_eq!(admitted(&backend, Some(&root), list), 9);
    assert_eq!(refusal(arrive(&backend, "192.0.2.1", Some("junk"), list)), "429 Too Many Requests.");
    arrive(&backend, "192.0.2.2", None, list).unwrap();
    backend.app.env().advance_ms(2_000);
    assert_eq!(admitted(&backend, None, list), 2);
    let wider = json!([{"label": "*:list", "maxRequests": 3, "duration": 2}]);
    set(&backend, json!({"rateLimits": {"rules": wider}}));
    assert_eq!(admitted(&backend, None, list), 3, "a rule that is changed counts anew");
    let backend = limited(&[("*:list", "@auth", 1), ("*:list", "@guest", 2)]);
    let member = backend.token("members", "bob");
    assert_eq!((admitted(&backend, None, list), admitted(&backend, Some(&member), list)), (2, 1));
}

fn batch(backend: &Backend, caller: &Caller, writes: &[(&str, &str)]) -> Result<(), Error> {
    let headers = from("192.0.2.1");
    let parameters = ParameterPairs { query: &[], headers: &headers };
    let requests: Json = writes.iter().map(|(method, url)| json!({"method": method, "url": url})).collect();
    let body = object(json!({ "requests": requests }));
    block_on(admit_batch(&backend.app, &RequestInfo::new(caller, "POST", &parameters), &body))
}

/// The positions that are refused, with the message of each.
fn refused(result: Result<(), Error>) -> String {
    serde_json::to_value(result.unwrap_err().envelope()).unwrap()["data"]["requests"].to_string()
}

#[test]
fn the_requests_of_a_batch_are_counted_as_if_they_came_by_themselves() {
    let posts = "/api/collections/posts/records";
    let (create, list) = (("POST", posts), format!("POST {posts}"));
    let backend = limited(&[("*:create", "", 3)]);
    batch(&backend, &Caller::Guest, &[create, ("DELETE", "/api/collections/posts/records/a"), create])
        .unwrap();
    backend.app.database().take();
    let error = refused(batch(&backend, &Caller::Guest, &[create, create, create]));
    assert!(error.starts_with(r#"{"1":{"code":"batch_request_failed""#), "{error}");
    assert!(error.contains("Too Many Requests."), "{error}");
    let statements = backend.app.database().take();
    let counting = statements.iter().filter(|statement| format!("{statement:?}").contains("INSERT")).count();
    assert_eq!(counting, 1, "one statement counts them all: {statements:?}");
    assert_eq!(admitted(&backend, None, &list), 0);
    batch(&backend, &backend.root(), &[create; 5]).unwrap();
    let other = limited(&[("/api/collections/", "", 2)]);
    let error = refused(batch(&other, &Caller::Guest, &[create, create, create]));
    assert!(error.starts_with(r#"{"2":"#), "{error}");
}

#[test]
fn superusers_come_only_from_the_addresses_of_the_settings() {
    let backend = Backend::with_members(json!({}));
    let (member, root) = (backend.token("members", "bob"), backend.token("_superusers", ROOT));
    set(&backend, json!({"superuserIPs": ["10.0.0.0/8", "192.0.2.7"]}));
    let health = "GET /api/health";
    for address in ["10.1.2.3", "192.0.2.7"] {
        arrive(&backend, address, Some(&root), health).unwrap();
    }
    let refusal_text = "403 You are not allowed to perform this request.";
    assert_eq!(refusal(arrive(&backend, "192.0.2.1", Some(&root), health)), refusal_text);
    for token in [None, Some(&*member), Some("junk")] {
        arrive(&backend, "192.0.2.1", token, health).unwrap();
    }
    let sign_in = |address: &str, password: &str| {
        let headers = from(address);
        let body = json!({"identity": ROOT, "password": password});
        backend.post_credentials("_superusers", body, Asked { headers: &headers, ..Asked::default() })
    };
    sign_in("10.1.2.3", PASSWORD).unwrap();
    assert_eq!(refusal(sign_in("192.0.2.1", PASSWORD)), refusal_text);
    assert_eq!(refusal(sign_in("192.0.2.1", "wrong password")), "400 Failed to authenticate.");
    set(&backend, json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}}));
    let forwarded = |header: &str| {
        let mut headers = from("192.0.2.1");
        headers.push(("x_forwarded_for".to_owned(), header.to_owned()));
        let parameters = ParameterPairs { query: &[], headers: &headers };
        let arrival =
            Arrival { method: "GET", path: "/api/health", token: Some(&root), parameters: &parameters };
        block_on(admit(&backend.app, arrival)).map(|()| Json::Null)
    };
    forwarded("6.6.6.6, 10.1.2.3").unwrap();
    assert_eq!(refusal(forwarded("10.1.2.3, 6.6.6.6")), refusal_text);
}
