//! SQL injection, tried at every place where input comes in: nothing is told, nothing is changed, nothing breaks.

use backspin_tests::{App, Client, Reply, start};
use serde_json::{Value, json};
use ureq::http::Method;

const POSTS: &str = "/api/collections/posts/records";

const ATTEMPTS: [&str; 22] = [
    "'",
    "\"",
    "`",
    "' OR 1=1 --",
    "' OR '1'='1",
    "\" OR \"1\"=\"1",
    "') OR 1=1 --",
    "1) OR 1=1 --",
    "1 OR 1=1",
    "1; DROP TABLE posts; --",
    "'; DELETE FROM posts; --",
    "\"; DELETE FROM \"posts",
    "posts\" WHERE 1=1; DROP TABLE \"posts",
    "x' UNION SELECT password FROM _superusers --",
    "id) UNION SELECT \"tokenKey\" FROM \"_superusers\" --",
    "(SELECT password FROM _superusers)",
    "title; ATTACH DATABASE 'x' AS y",
    "$.a') FROM posts; DROP TABLE posts; --",
    "extra.\"') OR 1=1 --",
    "?1 :a @b $c",
    "%27%20OR%201=1",
    "\\'; PRAGMA writable_schema=1; --",
];

fn start_with_posts() -> (App, Client, Client) {
    let (app, anon, root) = start();
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    let posts = json!({
        "name": "posts",
        "listRule": "title != 'hidden'", "viewRule": "title != 'hidden'",
        "updateRule": "title != 'hidden'", "deleteRule": "title != 'hidden'", "createRule": "",
        "fields": [{"type": "text", "name": "title"}, {"type": "json", "name": "extra"}],
    });
    root.post("/api/collections", posts).ok();
    for title in ["shown", "hidden"] {
        root.post(POSTS, json!({"title": title, "extra": {"a": "b"}})).ok();
    }
    (app, anon, root)
}

/// Everything that there is, as the superuser sees it.
fn everything(root: &Client) -> Value {
    let list = |path: &str| root.get(&format!("{path}?perPage=500&sort=@rowid")).ok();
    json!([
        list(POSTS),
        root.get("/api/collections?perPage=500").ok(),
        list("/api/collections/_superusers/records")
    ])
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Checks that it is no fault of the server, and tells neither a secret nor a record that is hidden.
#[track_caller]
fn harmless(reply: &Reply) {
    assert!(reply.status < 500, "{} {}", reply.status, reply.text);
    for secret in ["\"hidden\"", "$argon2", "sqlite", "SELECT", "syntax error"] {
        let is_echo = ATTEMPTS.iter().any(|attempt| attempt.contains(secret));
        assert!(is_echo || !reply.text.contains(secret), "{secret} in {}", reply.text);
    }
}

#[test]
fn in_what_a_list_is_asked() {
    let (_app, anon, root) = start_with_posts();
    let before = everything(&root);
    for attempt in ATTEMPTS {
        let quoted = attempt.replace('\\', "\\\\").replace('\'', "\\'");
        let filters = [
            attempt.to_owned(),
            format!("title = '{quoted}'"),
            format!("title ~ '{quoted}'"),
            format!("title = \"{attempt}\""),
            format!("{attempt} = 1"),
            format!("title.{attempt} = 1"),
            format!("extra.{attempt} = 1"),
            format!("@request.{attempt} = 1"),
            format!("@collection.{attempt}.id != ''"),
            format!("title:{attempt} = 1"),
            format!("strftime('{quoted}', title) = 1"),
            format!("1=1 // {attempt}"),
        ];
        for filter in filters {
            harmless(&anon.get(&format!("{POSTS}?filter={}", encoded(&filter))));
        }
        let of_literal = anon.get(&format!("{POSTS}?filter={}", encoded(&format!("title = '{quoted}'"))));
        if of_literal.status == 200 {
            assert_eq!(of_literal.ok()["totalItems"], 0, "{attempt}");
        }
        for name in ["sort", "fields", "expand", "page", "perPage", "skipTotal", "unknown"] {
            harmless(&anon.get(&format!("{POSTS}?{name}={}", encoded(attempt))));
            harmless(&anon.get(&format!("{POSTS}?{name}={}", encoded(&format!("extra.{attempt}")))));
            harmless(&anon.get(&format!("{POSTS}?{}=1", encoded(attempt))));
        }
    }
    assert_eq!(everything(&root), before);
}

#[test]
fn in_the_names_of_a_path() {
    let (_app, anon, root) = start_with_posts();
    let before = everything(&root);
    for attempt in ATTEMPTS {
        let name = encoded(attempt);
        for path in [format!("{POSTS}/{name}"), format!("/api/collections/{name}/records/x")] {
            harmless(&anon.get(&path));
            harmless(&anon.patch(&path, json!({"title": "changed"})));
            harmless(&anon.delete(&path));
            for reply in [root.get(&path), root.patch(&path, json!({"title": "changed"})), root.delete(&path)]
            {
                reply.refused_with(404);
            }
        }
        let records = format!("/api/collections/{name}/records");
        anon.get(&records).refused_with(404);
        anon.post(&records, json!({"title": "a"})).refused_with(404);
        root.get(&format!("/api/collections/{name}")).refused_with(404);
        root.delete(&format!("/api/collections/{name}")).refused_with(404);
        let credentials = json!({"identity": attempt, "password": attempt});
        for collection in [name.as_str(), "_superusers"] {
            let path = format!("/api/collections/{collection}/auth-with-password");
            assert!((400..500).contains(&anon.post(&path, credentials.clone()).status), "{attempt}");
        }
    }
    assert_eq!(everything(&root), before);
}

#[test]
fn in_the_keys_and_values_of_a_body() {
    let (_app, anon, root) = start_with_posts();
    for attempt in ATTEMPTS {
        let body = json!({"title": attempt, "extra": {attempt: attempt}, attempt: attempt, format!("{attempt}+"): 1});
        let record = anon.post(POSTS, body).ok();
        assert_eq!((&record["title"], &record["extra"]), (&json!(attempt), &json!({attempt: attempt})));
        let path = format!("{POSTS}/{}", record["id"].as_str().unwrap());
        assert_eq!(
            anon.patch(&path, json!({"title": format!("{attempt}2"), attempt: 1})).ok()["title"],
            format!("{attempt}2")
        );
        anon.delete(&path).ok();
        anon.post(POSTS, json!({"id": attempt})).refused_with(400);
        let form = format!("title={}&{}=1", encoded(attempt), encoded(attempt));
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let record = anon.send(Method::POST, POSTS, &headers, form).ok();
        assert_eq!(record["title"], attempt);
        anon.delete(&format!("{POSTS}/{}", record["id"].as_str().unwrap())).ok();
    }
    let titles = everything(&root)[0]["items"].clone();
    let titles: Vec<&str> =
        titles.as_array().unwrap().iter().filter_map(|post| post["title"].as_str()).collect();
    assert_eq!(titles, ["shown", "hidden"]);
}

#[test]
fn in_the_urls_and_headers_of_a_batch() {
    let (_app, anon, root) = start_with_posts();
    let before = everything(&root);
    for attempt in ATTEMPTS {
        for name in [encoded(attempt), attempt.to_owned()] {
            for (method, url) in [
                ("POST", format!("/api/collections/{name}/records")),
                ("PUT", format!("/api/collections/{name}/records")),
                ("PATCH", format!("{POSTS}/{name}")),
                ("DELETE", format!("{POSTS}/{name}")),
            ] {
                let request = json!({"method": method, "url": url, "headers": {attempt: attempt}, "body": {"title": "a"}});
                for client in [&anon, &root] {
                    client.post("/api/batch", json!({ "requests": [request] })).refused_with(400);
                }
            }
            let request = json!({"method": "PUT", "url": POSTS, "body": {"id": attempt}});
            anon.post("/api/batch", json!({ "requests": [request] })).refused_with(400);
        }
    }
    assert_eq!(everything(&root), before);
}

#[test]
fn in_the_definition_of_a_collection() {
    let (_app, _anon, root) = start_with_posts();
    let before = everything(&root);
    for attempt in ATTEMPTS {
        let field = json!({"type": "text", "name": attempt});
        for definition in [
            json!({"name": attempt}),
            json!({"name": "fresh", "id": attempt}),
            json!({"name": "fresh", "type": attempt}),
            json!({"name": "fresh", "fields": [field]}),
            json!({"name": "fresh", "fields": [{"type": attempt, "name": "x"}]}),
            json!({"name": "fresh", "indexes": [attempt]}),
            json!({"name": "fresh", "indexes": [format!("CREATE INDEX i ON fresh (id); {attempt}")]}),
            json!({"name": "fresh", "indexes": [format!("CREATE INDEX {attempt} ON fresh (id)")]}),
            json!({"name": "fresh", "type": "view", "viewQuery": attempt}),
            json!({"name": "fresh", "type": "view", "viewQuery": format!("SELECT id FROM posts; {attempt}")}),
        ] {
            let reply = root.post("/api/collections", definition.clone());
            harmless(&reply);
            if reply.status == 200 {
                // A name within quotes is a name. What was made of it is taken away again.
                root.delete("/api/collections/fresh").ok();
            }
        }
    }
    assert_eq!(everything(&root), before);
}
