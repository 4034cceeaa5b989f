//! Bodies of `POST` and `PATCH` that are forms.

use backspin_tests::{Client, Reply, start};
use serde_json::{Value, json};
use ureq::http::Method;

use super::{OPEN, POSTS, create_posts, path_of};

const URLENCODED: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const MULTIPART: [(&str, &str); 1] = [("content-type", "multipart/form-data; boundary=edge")];

/// One part of a form: its headers after `Content-Disposition: form-data; `, and its text.
fn part(headers: &str, text: &str) -> String {
    format!("--edge\r\nContent-Disposition: form-data; {headers}\r\n\r\n{text}\r\n")
}

fn send(client: &Client, method: Method, path: &str, parts: &[String]) -> Reply {
    client.send(method, path, &MULTIPART, format!("{}--edge--\r\n", parts.concat()))
}

fn values(record: &Value) -> Value {
    json!([record["title"], record["rank"], record["published"], record["extra"]])
}

#[test]
fn an_urlencoded_form_is_read_as_the_values_it_spells() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let form = "title=007+Gr%C3%BC%C3%9Fe&rank=1.5&published=true&extra=%7B%22a%22%3A%5B1%5D%7D";
    let record = anon.send(Method::POST, POSTS, &URLENCODED, form).ok();
    assert_eq!(values(&record), json!(["007 Grüße", 1.5, true, {"a": [1]}]));
    let path = path_of(&record);
    let record = anon.send(Method::PATCH, &path, &URLENCODED, "title=7&published=false&extra=a&extra=2").ok();
    assert_eq!(values(&record), json!(["7", 1.5, false, ["a", 2]]));
    assert_eq!(anon.get(&path).ok(), record);
}

#[test]
fn the_parts_of_a_form_and_its_payloads_are_one_body() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let parts = [
        part("name=\"@jsonPayload\"", r#"{"title":"a","extra":{"x":{"y":"1"}}}"#),
        part("name=\"rank\"", "3"),
        part("name=\"@jsonPayload\"", r#"{"extra":{"x":{"z":"true"}}}"#),
    ];
    let record = send(&anon, Method::POST, POSTS, &parts).ok();
    assert_eq!(values(&record), json!(["a", 3, false, {"x": {"y": "1", "z": "true"}}]));
    let record =
        send(&anon, Method::PATCH, &path_of(&record), &[part("name=\"title\"", "two\r\nlines")]).ok();
    assert_eq!(values(&record), json!(["two\r\nlines", 3, false, {"x": {"y": "1", "z": "true"}}]));
}

#[test]
fn a_file_is_never_dropped_in_silence() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let parts = [part("name=\"title\"", "a"), part("name=\"doc\"; filename=\"a.txt\"", "hello")];
    send(&anon, Method::POST, POSTS, &parts).refused_with(501);
    assert_eq!(root.get(POSTS).ok()["totalItems"], 0);
    let parts = [part("name=\"title\"", "a"), part("name=\"doc\"; filename=\"\"", "")];
    send(&anon, Method::POST, POSTS, &parts).ok();
}

#[test]
fn broken_and_endless_forms_are_refused_and_nothing_is_stored() {
    let (_app, anon, root) = start();
    create_posts(&root, &OPEN);
    let post = |headers: &[(&str, &str)], body: Vec<u8>| anon.send(Method::POST, POSTS, headers, body);
    let title = part("name=\"title\"", "a");
    let payload = part("name=\"@jsonPayload\"", "{\"title\":\"a\",\"title\":\"b\"}--edge--");
    for body in
        ["x".to_owned(), title.clone(), format!("{title}--edg"), payload, title.repeat(1001) + "--edge--"]
    {
        assert_eq!(post(&MULTIPART, body.into_bytes()).refused_with(400), [""; 0]);
    }
    assert_eq!(post(&MULTIPART, [title.as_bytes(), b"\xff\r\n--edge--"].concat()).refused_with(400), [""; 0]);
    let urlencoded = ["title=%ff", "title=%zz", "title=a&@jsonPayload=[]"].map(str::to_owned);
    for body in
        urlencoded.into_iter().chain(["title=a&".repeat(1001), format!("{}=1&title=a", "n".repeat(513))])
    {
        assert_eq!(post(&URLENCODED, body.into_bytes()).refused_with(400), [""; 0]);
    }
    let long = format!("title={}", "a".repeat((10 << 20) + 1));
    post(&URLENCODED, long.into_bytes()).refused_with(413);
    for content_type in ["text/plain", "application/xml", "multipart/mixed; boundary=edge", ""] {
        let reply = post(&[("content-type", content_type)], b"title=a".to_vec());
        assert_eq!(reply.json()["message"], "Unsupported Content-Type.");
        reply.refused_with(400);
    }
    assert_eq!(root.get(POSTS).ok()["totalItems"], 0);
}
