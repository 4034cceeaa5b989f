//! Input that no honest client sends, at every place where input comes in: a clear 4xx, in bounded time, and nothing is
//! changed.

use std::io::{Read, Write};
use std::net::TcpStream;

use backspin_tests::{App, Client, start};
use serde_json::{Value, json};
use ureq::http::Method;

const POSTS: &str = "/api/collections/posts/records";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

fn start_with_posts() -> (App, Client, Client) {
    let (app, anon, root) = start();
    root.patch("/api/settings", json!({"batch": {"enabled": true}})).ok();
    let posts = json!({
        "name": "posts",
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [{"type": "text", "name": "title"}, {"type": "number", "name": "rank"}, {"type": "json", "name": "extra"}],
    });
    root.post("/api/collections", posts).ok();
    root.post(POSTS, json!({"id": "postaaaaaaaaaaa", "title": "a", "extra": {"n": 1}})).ok();
    (app, anon, root)
}

/// Percent-encodes everything.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn records(client: &Client) -> Value {
    client.get(POSTS).ok()
}

/// Checks that it is refused with a message: as nonsense, or as something for superusers only.
fn refused(client: &Client, query: &str) {
    let reply = client.get(&format!("{POSTS}?{query}"));
    assert!(matches!(reply.status, 400 | 403), "{query:.100}: {} {}", reply.status, reply.text);
    reply.refused_with(reply.status);
}

#[test]
fn filters_that_are_too_long_too_deep_or_broken() {
    let (_app, anon, root) = start_with_posts();
    let before = records(&anon);
    let nested = format!("{}rank=1{}", "(".repeat(10_000), ")".repeat(10_000));
    let many = vec!["rank=1"; 300].join("||");
    let filters = [
        nested.as_str(),
        many.as_str(),
        &"(".repeat(3000),
        &format!("title='{}'", "a".repeat(10_000)),
        "title='a",
        "title",
        "title=",
        "= 1",
        "title='a' &&",
        "title='a' title='b'",
        "title ==== 'a'",
        "nothing = 1",
        "title.more = 1",
        "title:nothing = 1",
        "@nothing = 1",
        "@request.nothing = 1",
        "@collection.nothing.id = 1",
        "nothing(1, 2) = 1",
        "geoDistance(1) < 2",
        "strftime() = 1",
        "title = 'a'\0",
        "a.b.c.d.e.f.g.h.i.j.k.l = 1",
    ];
    for client in [&anon, &root] {
        for filter in filters {
            refused(client, &format!("filter={}", encoded(filter)));
        }
    }
    assert_eq!(records(&anon), before);
}

#[test]
fn sorts_and_queries_without_end() {
    let (_app, anon, _root) = start_with_posts();
    for sort in [
        "nothing",
        "-",
        "title,nothing",
        "title desc",
        "+-title",
        "@nothing",
        &["title"; 9].join(","),
        &"a".repeat(5000),
    ] {
        refused(&anon, &format!("sort={}", encoded(sort)));
    }
    for query in ["filter=%20", "title=a"].map(|text| text.repeat(6000)) {
        let reply = anon.get(&format!("{POSTS}?filter={query}"));
        assert_eq!(reply.status, 400, "{query:.40}: {}", reply.text);
    }
    for query in ["filter=%ff", "sort=%c3%28", "%c3=1"] {
        assert_eq!(anon.get(&format!("{POSTS}?{query}")).json()["message"], "The query string is not UTF-8.");
    }
    let deep = vec!["title"; 200].join(".");
    for query in
        [format!("expand={deep}"), format!("fields={deep}"), format!("expand={}", vec!["a"; 5000].join(","))]
    {
        let reply = anon.get(&format!("{POSTS}?{query}"));
        assert!(reply.status < 500, "{query:.40}: {} {}", reply.status, reply.text);
    }
}

#[test]
fn pages_that_are_no_numbers_or_too_large() {
    let (_app, anon, _root) = start_with_posts();
    for number in ["-1", "0", "x", "1e9", "99999999999999999999", "1;DROP", "", "\0"] {
        for name in ["page", "perPage", "skipTotal"] {
            let reply = anon.get(&format!("{POSTS}?{name}={}", encoded(number)));
            assert!(matches!(reply.status, 200 | 400), "{name}={number:?}: {} {}", reply.status, reply.text);
        }
    }
    assert_eq!(anon.get(&format!("{POSTS}?page=9223372036854775807&perPage=1000")).ok()["items"], json!([]));
}

#[test]
fn paths_that_name_nothing() {
    let (_app, anon, root) = start_with_posts();
    let before = records(&anon);
    let long = "a".repeat(300);
    for name in ["%ff", "%00", "%2e%2e", "posts%00", "POSTS%20", long.as_str(), "%C3%28", "%F0%9F%98%80"] {
        for path in [format!("/api/collections/{name}/records"), format!("{POSTS}/{name}")] {
            for client in [&anon, &root] {
                client.get(&path).refused_with(404);
                assert!((400..500).contains(&client.patch(&path, json!({"title": "b"})).status), "{path}");
                assert!((400..500).contains(&client.delete(&path).status), "{path}");
            }
        }
        anon.post(&format!("/api/collections/{name}/records"), json!({})).refused_with(404);
    }
    assert_eq!(records(&anon), before);
}

#[test]
fn bodies_that_are_broken_or_endless() {
    let (_app, anon, _root) = start_with_posts();
    let before = records(&anon);
    let deep = |bracket: [&str; 2]| {
        format!("{{\"extra\":{}1{}}}", bracket[0].repeat(100_000), bracket[1].repeat(100_000))
    };
    let wide = format!(
        "{{{}}}",
        (0..100_000).map(|n| format!("\"{n}\":{n},")).collect::<String>() + "\"title\":\"a\",\"title\":\"b\""
    );
    let (lists, objects) = (deep(["[", "]"]), deep(["{\"a\":", "}"]));
    let bodies: [&[u8]; 13] = [
        b"{",
        b"{\"title\":\"\xff\"}",
        b"{\"title\":\"\0\"}",
        b"{\"title\":\"\\ud800\"}",
        b"{\"title\":\"a\",\"title\":\"b\"}",
        b"{\"extra\":{\"a\":1,\"a\":2}}",
        b"{\"rank\":1e400}",
        b"{\"rank\":NaN}",
        b"{\"rank\":01}",
        b"{\"title\":\"a\"} {}",
        lists.as_bytes(),
        objects.as_bytes(),
        wide.as_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        for (method, path) in [
            (Method::POST, POSTS),
            (Method::PATCH, &format!("{POSTS}/postaaaaaaaaaaa")),
            (Method::POST, "/api/batch"),
            (Method::POST, "/api/collections/_superusers/auth-with-password"),
        ] {
            let reply = anon.send(method, path, &JSON, body);
            assert_eq!(reply.status, 400, "{path} {shown}: {}", reply.text);
        }
    }
    let huge = format!("{{\"rank\":{}}}", "9".repeat(400));
    anon.send(Method::POST, POSTS, &JSON, huge).refused_with(400);
    assert_eq!(records(&anon), before);
}

/// Sends a head and what of the body the server takes, and returns the status of the reply.
fn raw_status(app: &App, head: &str, mut body: impl Iterator<Item = Vec<u8>>) -> u16 {
    let mut connection = TcpStream::connect(app.url().trim_start_matches("http://")).unwrap();
    connection.write_all(format!("{head}\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    // What is left over is for a server that reads on.
    let _ = body.try_for_each(|chunk| connection.write_all(&chunk));
    let mut status_line = [0; 12];
    connection.read_exact(&mut status_line).unwrap();
    String::from_utf8_lossy(&status_line[9..]).parse().unwrap()
}

#[test]
fn a_body_of_100_mb_is_refused_before_it_is_read() {
    let (app, anon, _root) = start_with_posts();
    for (path, content_type) in [
        (POSTS, "application/json"),
        (POSTS, "multipart/form-data; boundary=a"),
        ("/api/batch", "application/json"),
        ("/api/collections/_superusers/auth-with-password", "application/json"),
    ] {
        let head =
            format!("POST {path} HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: 100000000");
        assert_eq!(raw_status(&app, &head, std::iter::empty()), 413, "{path}");
    }
    assert_eq!(records(&anon)["totalItems"], 1);
}

#[test]
fn a_body_of_100_mb_that_is_not_announced_is_cut_off() {
    let (app, anon, _root) = start_with_posts();
    let head =
        format!("POST {POSTS} HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked");
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    // As much as may be, and a little more.
    assert_eq!(raw_status(&app, &head, std::iter::repeat_n(chunk, (32 << 20) / 0x10000 + 1)), 413);
    assert_eq!(records(&anon)["totalItems"], 1);
}

#[test]
fn a_uri_or_head_without_end_is_refused() {
    let (app, anon, _root) = start_with_posts();
    for (bytes, status) in [(60_000, 200), (66_000, 414), (200_000, 431)] {
        let head = format!("GET {POSTS}?x={} HTTP/1.1", "a".repeat(bytes));
        assert_eq!(raw_status(&app, &head, std::iter::empty()), status, "{bytes} bytes");
    }
    let head = format!("GET {POSTS} HTTP/1.1\r\nAuthorization: {}", "a".repeat(200_000));
    assert_eq!(raw_status(&app, &head, std::iter::empty()), 431);
    let head = format!("GET {POSTS} HTTP/1.1\r\nAuthorization: {}", "a".repeat(20_000));
    assert_eq!(raw_status(&app, &head, std::iter::empty()), 200);
    assert_eq!(records(&anon)["totalItems"], 1);
}

#[test]
fn values_of_the_wrong_kind_are_refused_or_stored_as_pocketbase_does() {
    let (_app, anon, _root) = start_with_posts();
    for value in [
        json!(null),
        json!(true),
        json!(-0.0),
        json!(1e308),
        json!(u64::MAX),
        json!("\0"),
        json!([[1]]),
        json!({"a": 1}),
    ] {
        for field in ["title", "rank", "extra"] {
            let reply = anon.post(POSTS, json!({ field: value }));
            assert!(matches!(reply.status, 200 | 400), "{field}={value}: {} {}", reply.status, reply.text);
            if reply.status == 200 {
                let record = reply.ok();
                assert_eq!(anon.get(&format!("{POSTS}/{}", record["id"].as_str().unwrap())).ok(), record);
            }
        }
    }
    for id in [
        json!(1),
        json!(true),
        json!([]),
        json!("a'b\"c;--aaaaaaa"),
        json!("\0aaaaaaaaaaaaaa"),
        json!("ÄÖÜaaaaaaaaaaaa"),
    ] {
        let reply = anon.post(POSTS, json!({ "id": id }));
        assert!(matches!(reply.status, 200 | 400), "{id}: {} {}", reply.status, reply.text);
    }
}
