//! `/api/realtime` and `/api/oauth2-redirect`, from the open stream to the code that arrives on it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use backspin_tests::{App, Client, SUPERUSER_EMAIL, SUPERUSER_PASSWORD, start, start_with, value};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::routes::node::{NODE_HINT, free_port, scripts, succeeded};

const FILES: [(&str, &str); 4] = [
    ("package.json", include_str!("../../realtime/package.json")),
    ("sdk.mjs", include_str!("../../realtime/sdk.mjs")),
    ("redirect.mjs", include_str!("../../realtime/redirect.mjs")),
    ("sign_in.mjs", include_str!("../../realtime/sign_in.mjs")),
];

const FAILURE: &str = "../_/#/auth/oauth2-redirect-failure";
const SUCCESS: &str = "../_/#/auth/oauth2-redirect-success";

/// An open stream.
struct Stream {
    lines: BufReader<TcpStream>,
    head: String,
    client_id: String,
}

impl Stream {
    fn open(app: &App) -> Self {
        let url = app.url();
        let address = url.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(socket, "GET /api/realtime HTTP/1.1\r\nhost: {address}\r\norigin: http://x\r\n\r\n").unwrap();
        let mut stream =
            Stream { lines: BufReader::new(socket), head: String::new(), client_id: String::new() };
        while !stream.head.ends_with("\r\n\r\n") {
            assert_ne!(stream.lines.read_line(&mut stream.head).unwrap(), 0, "{}", stream.head);
        }
        let (topic, data) = stream.next();
        assert_eq!(topic, "PB_CONNECT");
        stream.client_id = data["clientId"].as_str().unwrap().to_owned();
        stream
    }

    /// The next event: its topic and its data.
    fn next(&mut self) -> (String, Value) {
        let (mut topic, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "the stream has ended");
            if let Some(name) = line.strip_prefix("event:") {
                topic = name.trim_end().to_owned();
            } else if let Some(data) = line.strip_prefix("data:") {
                return (topic, serde_json::from_str(data).unwrap());
            }
        }
    }

    fn subscribe(&self, client: &Client, topics: Value) -> u16 {
        let body = json!({"clientId": self.client_id, "subscriptions": topics});
        client.post("/api/realtime", body).status
    }
}

/// Where the page sends the browser.
fn arrive(client: &Client, state: &str, rest: &str) -> String {
    let reply = client.get(&format!("/api/oauth2-redirect?state={state}&{rest}"));
    assert_eq!((reply.status, reply.text.as_str()), (307, ""));
    reply.header("location").unwrap().to_owned()
}

#[test]
fn a_code_reaches_the_client_that_waits_for_it_once() {
    let (app, anon, _root) = start();
    let mut stream = Stream::open(&app);
    let head = stream.head.to_ascii_lowercase();
    for header in
        ["content-type: text/event-stream", "cache-control: no-store", "access-control-allow-origin: *"]
    {
        assert!(head.contains(header), "{head}");
    }
    assert_eq!(arrive(&anon, &stream.client_id, "code=1"), FAILURE, "it waits for nothing yet");
    assert_eq!(stream.subscribe(&anon, json!(["@oauth2"])), 204);
    assert_eq!(arrive(&anon, &stream.client_id, "code=a%22%0A%3Cb%3E"), SUCCESS);
    assert_eq!(arrive(&anon, &stream.client_id, "code=2"), FAILURE);
    let data = json!({"state": stream.client_id, "code": "a\"\n<b>"});
    assert_eq!(stream.next(), ("@oauth2".to_owned(), data));
}

#[test]
fn a_form_is_an_arrival_too() {
    let (app, anon, _root) = start();
    let mut stream = Stream::open(&app);
    stream.subscribe(&anon, json!(["@oauth2"]));
    let form = format!("state={}&error=access_denied", stream.client_id);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = anon.send(Method::POST, "/api/oauth2-redirect", &headers, form);
    assert_eq!((reply.status, reply.header("location")), (303, Some(FAILURE)));
    assert_eq!(stream.next().1["error"], "access_denied");
}

#[test]
fn a_client_that_is_somebodys_is_nobody_elses() {
    let (app, anon, root) = start();
    let stream = Stream::open(&app);
    assert_eq!(stream.subscribe(&root, json!(["@oauth2"])), 204);
    assert_eq!(stream.subscribe(&anon, json!([])), 403);
    assert_eq!(arrive(&anon, &stream.client_id, "code=1"), SUCCESS);
}

#[test]
fn bad_requests_are_told() {
    let (app, anon, _root) = start();
    let stream = Stream::open(&app);
    assert_eq!(stream.subscribe(&anon, json!(["posts/*"])), 501);
    assert_eq!(stream.subscribe(&anon, json!("@oauth2")), 400);
    let unknown = anon.post("/api/realtime", json!({"clientId": "x"}));
    assert_eq!(unknown.refused_with(404), [""; 0]);
    let blank = anon.post("/api/realtime", json!({}));
    assert_eq!(blank.refused_with(400), ["clientId: validation_required"]);
    assert_eq!(anon.delete("/api/realtime").refused_with(404), [""; 0]);
    assert_eq!(anon.delete("/api/oauth2-redirect").refused_with(404), [""; 0]);
    for state in ["", "x", "%3Cscript%3E", "https://evil.example"] {
        assert_eq!(arrive(&anon, state, "code=1"), FAILURE);
    }
}

/// Runs one of the scripts in `tests/realtime` against `app`.
fn run_with_sdk(app: &App, script: &str, more: &[&str]) {
    let folder = scripts("realtime", &FILES);
    let mut command = Command::new("node");
    command.arg(folder.join(script)).arg("--packages").arg(&folder).args(["--url", &app.url()]);
    command.args(["--email", SUPERUSER_EMAIL, "--password", SUPERUSER_PASSWORD]).args(more);
    succeeded(&command.output().expect(NODE_HINT));
}

#[test]
fn the_sdk_gets_its_codes() {
    let (app, _anon, _root) = start();
    run_with_sdk(&app, "redirect.mjs", &[]);
}

#[test]
fn the_sdk_signs_in_by_a_provider_in_one_call() {
    let port = free_port().to_string();
    let origin = format!("http://127.0.0.1:{port}");
    let app = start_with(|options| options.variables.extend([value("oauth2_origin", &origin)]));
    run_with_sdk(&app, "sign_in.mjs", &["--port", &port]);
}
