//! Delivery to a real mail server or mail API, which each test starts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api;

use backspin_core::{Database, Error, Value};
use backspin_delivery::{deliver, send_test_email};
use backspin_mail::{Message, Values, enqueue, render};
use backspin_mail_server::{Authority, Server, Tls};
use backspin_native::{FixedEnv, HttpOutbound, Native, NativeDatabase, TcpNetwork};
use backspin_schema::collection::EmailTemplate;
use backspin_schema::{App, AuthRecord, Caller, Page, SUPERUSERS_ID};
use backspin_settings::Settings;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

struct Backend {
    app: App<Native<NativeDatabase, FixedEnv>>,
    folder: tempfile::TempDir,
}

impl Backend {
    /// An application whose settings name this server.
    fn new(env: FixedEnv, smtp: Json) -> Self {
        Backend::with_settings(env, json!({ "smtp": smtp }))
    }

    fn with_settings(env: FixedEnv, settings: Json) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
        let backend = Backend { app: App::new(Native { database, env }), folder };
        backend.set(json!({"meta": {"senderName": "Ä \"quoted\"\r\nBcc: x@y.co"}}));
        backend.set(settings);
        backend
    }

    /// The same database under another application.
    fn under(self, env: FixedEnv) -> Self {
        let database = NativeDatabase::open(self.folder.path().join("test.db")).unwrap();
        Backend { app: App::new(Native { database, env }), folder: self.folder }
    }

    fn set(&self, settings: Json) {
        let body = settings.as_object().unwrap().clone();
        block_on(backspin_settings::update(&self.app, &superuser(), body, "")).unwrap();
    }

    fn trusting(smtp: Json) -> Self {
        Backend::new(FixedEnv::new().with_variable("smtp_ca", Authority::of_all().pem()), smtp)
    }

    fn send(&self, to: &str) {
        let message = Message::new(to, "Grüße", "<p>.</p>\n.\n..<p>Hello &amp; welcome</p>").unwrap();
        block_on(enqueue(&self.app, &message)).unwrap();
    }

    fn deliver(&self) -> Option<i64> {
        block_on(deliver(&self.app, &TcpNetwork, &HttpOutbound::default())).unwrap()
    }

    fn send_test(&self, caller: &Caller, body: &Json) -> Result<(), Error> {
        let outbound = HttpOutbound::default();
        block_on(send_test_email(&self.app, &TcpNetwork, &outbound, caller, body.as_object().unwrap()))
    }

    /// The errors of what is left in the outbox, with their state, in the order of the addresses.
    fn left(&self) -> Vec<String> {
        let page = Page::parse(None, None, None).unwrap();
        let list = block_on(backspin_mail::outbox::list(&self.app, &superuser(), page)).unwrap();
        let list: Json = serde_json::from_slice(&list).unwrap();
        let text = |item: &Json, key: &str| item[key].as_str().unwrap().to_owned();
        let mut left: Vec<String> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| [text(item, "to"), text(item, "state"), text(item, "error")].join(" "))
            .collect();
        left.sort();
        left
    }
}

fn superuser() -> Caller {
    Caller::Record(AuthRecord {
        collection_id: SUPERUSERS_ID.to_owned(),
        collection_name: "_superusers".to_owned(),
        fields: Vec::new(),
    })
}

fn smtp(server: &Server, more: Json) -> Json {
    let mut smtp = json!({"enabled": true, "host": "localhost", "port": server.port});
    smtp.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    smtp
}

#[test]
fn a_mail_arrives_through_tls_from_the_start() {
    let server = Server::start(Tls::Immediately, Some("s3cret"));
    let account = json!({"tls": true, "username": "app", "password": "s3cret"});
    let backend = Backend::trusting(smtp(&server, account));
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    let mail = server.mail();
    assert_eq!((mail.is_secure, mail.user.as_deref()), (true, Some("app by PLAIN")));
    assert_eq!((mail.from.as_str(), mail.to), ("support@example.com", vec!["a@example.com".to_owned()]));
    let (head, body) = mail.data.split_once("\r\n\r\n").unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    assert!(head.contains("Date: Fri, 2 Jan 2026 03:04:05 +0000") || head.contains("02 Jan 2026"), "{head}");
    assert!(head.contains("Message-ID: <") && head.contains("multipart/alternative"), "{head}");
    assert!(body.contains("Hello & welcome") && body.contains("Hello &amp; welcome"), "{body}");
    assert_eq!(backend.left(), [""; 0]);
}

#[test]
fn a_plain_connection_turns_to_tls_before_the_password_is_sent() {
    let server = Server::start(Tls::WhenAsked, Some("s3cret"));
    let account = json!({"username": "app", "password": "s3cret", "authMethod": "LOGIN"});
    let backend = Backend::trusting(smtp(&server, account));
    for to in ["a@example.com", "b@example.com", "c@example.com", "d@example.com"] {
        backend.send(to);
    }
    assert_eq!(backend.deliver(), None);
    let mut to = Vec::new();
    for _ in 0..4 {
        let mail = server.mail();
        assert_eq!((mail.is_secure, mail.user.as_deref()), (true, Some("app by LOGIN")));
        to.extend(mail.to);
    }
    to.sort();
    assert_eq!(to, ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]);
}

#[test]
fn a_server_that_cannot_prove_its_name_gets_nothing() {
    for (begins, tls) in [(Tls::Immediately, true), (Tls::WhenAsked, false)] {
        let server = Server::start(begins, None);
        // Nobody vouches for it.
        let backend = Backend::new(FixedEnv::new(), smtp(&server, json!({"tls": tls})));
        backend.send("a@example.com");
        assert!(backend.deliver().is_some());
        assert!(
            backend.left()[0].contains("a@example.com waiting TLS: invalid peer certificate"),
            "{:?}",
            backend.left()
        );
        // It is vouched for under another name.
        let env = FixedEnv::new()
            .with_variable("smtp_ca", Authority::of_all().pem())
            .with_variable("smtp_address", "127.0.0.1");
        let backend = Backend::new(env, smtp(&server, json!({"tls": tls, "host": "mail.example.com"})));
        backend.send("a@example.com");
        assert!(backend.deliver().is_some());
        assert!(backend.left()[0].contains("certificate not valid for name"), "{:?}", backend.left());
    }
}

#[test]
fn a_pinned_address_is_connected_to_and_the_name_is_proved() {
    let server = Server::start(Tls::Immediately, None);
    let env = FixedEnv::new()
        .with_variable("smtp_ca", Authority::of_all().pem())
        .with_variable("smtp_address", "127.0.0.1");
    let backend = Backend::new(env, smtp(&server, json!({"tls": true})));
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    assert!(server.mail().is_secure);
}

#[test]
fn a_server_that_is_down_gets_the_mail_when_it_is_back() {
    let server = Server::start(Tls::Never, None);
    let backend = Backend::new(FixedEnv::new(), smtp(&server, json!({})));
    drop(server);
    backend.send("a@example.com");
    let pause_ms = backend.deliver().unwrap();
    assert_eq!(pause_ms, 30_000);
    assert!(backend.left()[0].starts_with("a@example.com waiting "), "{:?}", backend.left());
    let server = Server::start(Tls::Never, None);
    backend.set(json!({"smtp": {"port": server.port}}));
    backend.deliver();
    assert_eq!(backend.left().len(), 1, "it is not due yet");
    backend.app.env().advance_ms(pause_ms);
    assert_eq!(backend.deliver(), None);
    assert_eq!(server.mail().to, ["a@example.com"]);
}

#[test]
fn one_refused_address_does_not_hold_up_the_others() {
    let server = Server::start(Tls::Never, None);
    let backend = Backend::new(FixedEnv::new(), smtp(&server, json!({})));
    for to in ["nobody@example.com", "later@example.com", "ü@example.com", "a@example.com"] {
        backend.send(to);
    }
    assert_eq!(backend.deliver(), Some(30_000));
    assert_eq!(server.mail().to, ["a@example.com"]);
    assert_eq!(
        backend.left(),
        [
            "later@example.com waiting 451 try again later",
            "nobody@example.com failed 550 no such user",
            "ü@example.com failed the server takes no addresses with letters beyond ASCII",
        ]
    );
}

#[test]
fn a_server_that_hangs_up_over_one_message_has_had_the_last_word_on_it_alone() {
    let server = Server::start(Tls::Never, None);
    let backend = Backend::new(FixedEnv::new(), smtp(&server, json!({})));
    backend.send("gone@example.com");
    backend.app.env().advance_ms(1);
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    assert_eq!(server.mail().to, ["a@example.com"]);
    assert_eq!(backend.left(), ["gone@example.com failed 554 no service for you"]);
}

#[test]
fn a_wrong_password_keeps_the_mail() {
    let server = Server::start(Tls::WhenAsked, Some("s3cret"));
    let account = json!({"username": "app", "password": "wrong"});
    let backend = Backend::trusting(smtp(&server, account));
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), Some(30_000));
    assert_eq!(backend.left(), ["a@example.com waiting 535 wrong password"]);
    assert!(!backend.app.env().log_lines().iter().any(|line| line.contains("a@example.com")));
}

#[test]
fn without_a_server_the_mail_stays_and_the_log_says_so() {
    let backend = Backend::new(FixedEnv::new(), json!({"enabled": false}));
    assert_eq!(backend.deliver(), None);
    assert!(backend.app.env().log_lines().is_empty());
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    assert_eq!(backend.left(), ["a@example.com waiting "]);
    assert!(backend.app.env().log_lines()[0].contains("1 mail(s) wait in the outbox"));
}

#[test]
fn what_waited_for_a_server_goes_once_there_is_one_unless_it_is_over() {
    let server = Server::start(Tls::Never, None);
    let backend = Backend::new(FixedEnv::new(), json!({"enabled": false}));
    // The token's claims are `{"exp":1767323145}`: in 100 seconds.
    let values = Values { token: Some("e30.eyJleHAiOjE3NjczMjMxNDV9.c2ln"), ..Values::default() };
    let template = EmailTemplate { subject: "Reset".to_owned(), body: "{TOKEN}".to_owned() };
    let link = render(&template, "link@example.com", &Settings::default(), &values).unwrap();
    block_on(enqueue(&backend.app, &link)).unwrap();
    backend.send("a@example.com");
    backend.app.env().advance_ms(100_000);
    assert_eq!(backend.deliver(), None);
    assert_eq!(
        backend.left(),
        ["a@example.com waiting ", "link@example.com waiting "],
        "with its link, to read"
    );
    backend.set(json!({ "smtp": smtp(&server, json!({})) }));
    assert_eq!(backend.deliver(), None);
    assert_eq!(server.mail().to, ["a@example.com"]);
    let left = ["link@example.com failed what is in it was over before it could be sent"];
    assert_eq!(backend.left(), left);
}

#[test]
fn before_an_operator_says_where_to_no_mail_leaves() {
    let server = Server::start(Tls::Never, None);
    let env = FixedEnv::new().with_variable("smtp_address", "unset.invalid");
    let backend = Backend::new(env, smtp(&server, json!({})));
    backend.send("a@example.com");
    for _ in 0..20 {
        assert_eq!(backend.deliver(), None);
    }
    let left = backend.left();
    assert!(left[0].starts_with("a@example.com waiting the application may not reach"), "{left:?}");
    assert!(left[0].contains("--variable smtp_address=ADDRESS"), "{left:?}");
    assert!(backend.app.env().log_lines()[0].contains("--variable smtp_address=ADDRESS"));
    let error = backend.send_test(&superuser(), &json!({"template": "otp", "email": "a@b.co"})).unwrap_err();
    assert!(error.to_string().contains("smtp_address"), "{error}");
}

#[test]
fn a_test_mail_is_sent_at_once_or_says_why_not() {
    let server = Server::start(Tls::Never, None);
    let backend = Backend::new(FixedEnv::new(), smtp(&server, json!({})));
    let send = |caller: &Caller, body: Json| backend.send_test(caller, &body);
    for template in ["verification", "password-reset", "email-change", "otp", "login-alert"] {
        send(&superuser(), json!({"template": template, "email": "a@example.com", "collection": "users"}))
            .unwrap();
        assert_eq!(server.mail().to, ["a@example.com"]);
    }
    for (body, reason) in [
        (json!({}), r#"{"email":{"code":"validation_required""#),
        (json!({"template": "x", "email": "y"}), r#""template":{"code":"validation_in_invalid""#),
        (
            json!({"template": "otp", "email": "a@b.co", "collection": "no"}),
            "validation_invalid_auth_collection",
        ),
        (json!({"template": "otp", "email": "a@b.co\r\nRCPT TO:<x@y.co>"}), "validation_is_email"),
        (json!({"template": 1}), "An error occurred while loading the submitted data."),
        (json!({"template": "otp", "email": "nobody@example.com"}), "550 no such user"),
    ] {
        let error = send(&superuser(), body.clone()).unwrap_err();
        let Error::BadRequest { message, fields } = error else { panic!("{body}: {error}") };
        let told = format!("{} {message}", serde_json::to_string(&fields).unwrap());
        assert!(told.contains(reason), "{body}: {told}");
    }
    let body = json!({"template": "otp", "email": "a@example.com"});
    assert_eq!(send(&Caller::Guest, body).unwrap_err().status(), 401);
    let rows = block_on(
        backend.app.database().query("SELECT COUNT(*) FROM sqlite_master WHERE name = '_outbox'", vec![]),
    );
    assert_eq!(rows.unwrap().into_first(), Some(Value::Integer(0)), "nothing of it is kept");
}
