//! `/api/outbox`, `/api/settings/test/email`, and the way of a mail through Wasm to a real mail server.

use backspin_mail_server::{Api, Authority, Server, Tls};
use backspin_tests::{App, Client, secret_key, start, start_with, value};
use serde_json::{Value, json};

const TEST_EMAIL: &str = "/api/settings/test/email";

/// An application that may reach the server, as its settings say.
fn start_beside(server: &Server) -> (App, Client) {
    let port = server.port.to_string();
    let app = start_with(|options| {
        options.variables.extend([
            value("smtp_address", "127.0.0.1"),
            value("smtp_port", &port),
            value("smtp_ca", Authority::of_all().pem()),
        ]);
    });
    let root = app.superuser();
    let smtp = json!({"enabled": true, "host": "localhost", "port": server.port, "tls": true});
    root.patch("/api/settings", json!({ "smtp": smtp })).ok();
    (app, root)
}

#[test]
fn a_mail_goes_through_tls_to_the_server_of_the_settings() {
    let server = Server::start(Tls::Immediately, None);
    let (_app, root) = start_beside(&server);
    let asked = json!({"template": "otp", "email": "a@example.com", "collection": "users"});
    assert_eq!(root.post(TEST_EMAIL, asked).status, 204);
    let mail = server.mail();
    assert_eq!((mail.to.as_slice(), mail.is_secure), (&["a@example.com".to_owned()][..], true));
}

#[test]
fn no_other_port_can_be_reached() {
    let (server, other) = (Server::start(Tls::Immediately, None), Server::start(Tls::Immediately, None));
    let (_app, root) = start_beside(&server);
    root.patch("/api/settings", json!({"smtp": {"port": other.port}})).ok();
    let reply = root.post(TEST_EMAIL, json!({"template": "otp", "email": "a@example.com"}));
    assert!(reply.text.contains("does not allow a connection"), "{}", reply.text);
    assert_eq!(reply.refused_with(400), [""; 0]);
}

/// The settings of a mail API that is this server.
fn mail_api(api: &Api) -> Value {
    let headers = json!([{"name": "Authorization", "value": "Bearer s3cret"}]);
    json!({"mailApi": {"enabled": true, "url": format!("{}/send", api.origin()), "headers": headers}})
}

#[test]
fn a_mail_goes_to_the_api_of_the_settings() {
    let api = Api::start(&[202]);
    let app = start_with(|options| {
        options.variables.extend([value("mail_api_origin", &api.origin()), secret_key()]);
    });
    let root = app.superuser();
    let shown = root.patch("/api/settings", mail_api(&api)).ok();
    assert!(app.stores("mailApi") && !app.stores("s3cret"), "a stolen database holds the header");
    assert_eq!(shown["mailApi"]["headers"], json!([{"name": "Authorization"}]));
    let asked = json!({"template": "otp", "email": "a@example.com", "collection": "users"});
    assert_eq!(root.post(TEST_EMAIL, asked).status, 204);
    let call = api.call();
    assert_eq!((call.target.as_str(), call.header("authorization")), ("POST /send", Some("Bearer s3cret")));
    let body: Value = serde_json::from_str(&call.body).expect("JSON");
    assert_eq!(
        (&body["to"], &body["from"]),
        (&json!("a@example.com"), &json!("Support <support@example.com>"))
    );
}

/// Asks for a mail to a new account.
fn ask_for_mail(anon: &Client, email: &str) {
    let account = json!({"email": email, "password": "correct horse", "passwordConfirm": "correct horse"});
    anon.post("/api/collections/users/records", account).ok();
    let asked = anon.post("/api/collections/users/request-verification", json!({ "email": email }));
    assert_eq!(asked.status, 204);
}

/// To whom the next mail goes, which comes by itself.
fn next_recipient(api: &Api) -> Value {
    let body: Value = serde_json::from_str(&api.call().body).expect("JSON");
    body["to"].clone()
}

#[test]
fn mail_that_waits_leaves_as_soon_as_the_settings_say_where_to() {
    let api = Api::start(&[202]);
    let app = start_with(|options| options.variables.extend([value("mail_api_origin", &api.origin())]));
    let root = app.superuser();
    ask_for_mail(&app.anonymous(), "a@example.com");
    assert_eq!(root.get("/api/outbox").ok()["totalItems"], 1);
    root.patch("/api/settings", mail_api(&api)).ok();
    assert_eq!(next_recipient(&api), "a@example.com");
}

#[test]
fn a_test_mail_that_arrives_takes_along_what_waits() {
    let api = Api::start(&[202]);
    let state = tempfile::tempdir().expect("a folder");
    let start = |origin: Option<String>| {
        start_with(|options| {
            options.state_dir = Some(state.path().to_owned());
            options.variables.extend(origin.map(|origin| value("mail_api_origin", &origin)));
        })
    };
    let app = start(None);
    app.superuser().patch("/api/settings", mail_api(&api)).ok();
    ask_for_mail(&app.anonymous(), "a@example.com");
    drop(app);
    let app = start(Some(api.origin()));
    let root = app.superuser();
    assert_eq!(root.post(TEST_EMAIL, json!({"template": "otp", "email": "test@example.com"})).status, 204);
    assert_eq!(next_recipient(&api), "test@example.com");
    assert_eq!(next_recipient(&api), "a@example.com");
}

#[test]
fn before_an_operator_says_where_to_no_mail_leaves() {
    let api = Api::start(&[202]);
    let server = Server::start(Tls::Immediately, None);
    let (_app, _anon, root) = start();
    let asked = json!({"template": "otp", "email": "a@example.com"});
    let smtp = json!({"enabled": true, "host": "localhost", "port": server.port, "tls": true});
    for (settings, variable) in
        [(json!({ "smtp": smtp }), "smtp_address"), (mail_api(&api), "mail_api_origin")]
    {
        root.patch("/api/settings", settings).ok();
        let reply = root.post(TEST_EMAIL, asked.clone());
        assert!(reply.text.contains(&format!("--variable {variable}=")), "{}", reply.text);
        assert_eq!(reply.refused_with(400), [""; 0]);
    }
    assert!(!api.was_called());
}

#[test]
fn no_other_api_can_be_reached() {
    let (api, other) = (Api::start(&[202]), Api::start(&[202]));
    let app = start_with(|options| options.variables.extend([value("mail_api_origin", &api.origin())]));
    let root = app.superuser();
    root.patch("/api/settings", mail_api(&other)).ok();
    let reply = root.post(TEST_EMAIL, json!({"template": "otp", "email": "a@example.com"}));
    assert!(reply.text.contains("does not allow a connection"), "{}", reply.text);
    assert!(!other.was_called());
}

#[test]
fn only_superusers_send_test_mails_and_read_the_outbox() {
    let (_app, anon, root) = start();
    assert_eq!(
        anon.post(TEST_EMAIL, json!({"template": "otp", "email": "a@b.co"})).refused_with(401),
        [""; 0]
    );
    assert_eq!(anon.get("/api/outbox").refused_with(401), [""; 0]);
    assert_eq!(root.get("/api/outbox").ok()["totalItems"], 0);
    let refused = root.post(TEST_EMAIL, json!({})).refused_with(400);
    assert_eq!(refused, ["email: validation_required", "template: validation_required"]);
    assert_eq!(root.get(TEST_EMAIL).refused_with(404), [""; 0]);
}
