//! Mail by an HTTP API.

use backspin_mail_server::Api;
use backspin_native::FixedEnv;
use serde_json::{Value as Json, json};

use crate::{Backend, superuser};

fn mail_api(api: &Api) -> Json {
    json!({
        "enabled": true,
        "url": format!("{}/send?stream=a", api.origin()),
        "headers": [{"name": "Authorization", "value": "Bearer s3cret"}],
        "body": {
            "from": {"name": "{FROM_NAME}", "email": "{FROM_ADDRESS}"},
            "to": ["{TO}"],
            "subject": "{SUBJECT}",
            "content": [{"type": "text/plain", "value": "{TEXT}"}, {"type": "text/html", "value": "{HTML}"}],
        },
    })
}

fn backend(api: &Api) -> Backend {
    Backend::with_settings(FixedEnv::new(), json!({ "mailApi": mail_api(api) }))
}

#[test]
fn a_mail_is_handed_over_as_the_settings_lay_it_out() {
    let api = Api::start(&[202]);
    let backend = backend(&api);
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    let call = api.call();
    assert_eq!(call.target, "POST /send?stream=a");
    assert_eq!(call.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(call.header("content-type"), Some("application/json"));
    let html = "<p>.</p>\n.\n..<p>Hello &amp; welcome</p>";
    assert_eq!(
        serde_json::from_str::<Json>(&call.body).unwrap(),
        json!({
            "from": {"name": "Ä \"quoted\"  Bcc: x@y.co", "email": "support@example.com"},
            "to": ["a@example.com"],
            "subject": "Grüße",
            "content": [
                {"type": "text/plain", "value": ".\n.\n..Hello & welcome\n"},
                {"type": "text/html", "value": html},
            ],
        })
    );
    assert_eq!(backend.left(), [""; 0]);
}

#[test]
fn a_secret_of_another_key_keeps_mail_back_until_it_is_entered_again() {
    let with_key = |key: &str| FixedEnv::new().with_variable("secret_key", key);
    let api = Api::start(&[202]);
    let settings = json!({ "mailApi": mail_api(&api) });
    let backend = Backend::with_settings(with_key("0123456789abcdef0123456789abcdef"), settings.clone());
    let backend = backend.under(with_key("0123456789abcdef0123456789abcdeF"));
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    let left = backend.left();
    assert!(left.len() == 1 && left[0].contains("sealed with another secret_key"), "{left:?}");
    let asked = json!({"template": "otp", "email": "a@example.com"});
    let refused = backend.send_test(&superuser(), &asked).unwrap_err().to_string();
    assert!(refused.contains("sealed with another secret_key"), "{refused}");
    assert!(!api.was_called());

    backend.set(settings);
    backend.deliver();
    assert_eq!(api.call().header("authorization"), Some("Bearer s3cret"));
    assert_eq!(backend.left(), [""; 0]);
}

#[test]
fn what_the_api_cannot_take_now_is_tried_again() {
    for status in [&[429][..], &[500], &[503], &[401], &[302]] {
        let api = Api::start(status);
        let backend = backend(&api);
        backend.send("a@example.com");
        backend.send("b@example.com");
        assert_eq!(backend.deliver(), Some(30_000), "{status:?}");
        let left = backend.left();
        let expected = format!("a@example.com waiting the mail API answered {} {{", status[0]);
        assert!(left.len() == 2 && left[0].starts_with(&expected), "{left:?}");
        api.call();
        assert!(!api.was_called(), "one refusal is enough for both, and no redirection is followed");
    }
    let api = Api::start(&[503, 200]);
    let backend = backend(&api);
    backend.send("a@example.com");
    let pause_ms = backend.deliver().unwrap();
    backend.app.env().advance_ms(pause_ms);
    assert_eq!(backend.deliver(), None);
    assert_eq!(backend.left(), [""; 0]);
}

#[test]
fn one_refused_message_does_not_hold_up_the_others() {
    let api = Api::start(&[422, 200]);
    let backend = backend(&api);
    backend.send("nobody@example.com");
    backend.app.env().advance_ms(1);
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    let left = backend.left();
    assert!(
        left.len() == 1 && left[0].contains("nobody@example.com failed the mail API answered 422"),
        "{left:?}"
    );
    let log = backend.app.env().log_lines().join("\n");
    assert!(
        log.contains("answered 422") && !log.contains("nobody@example.com") && !log.contains("s3cret"),
        "{log}"
    );
}

#[test]
fn an_api_that_is_not_there_gets_the_mail_later() {
    let api = Api::start(&[200]);
    let backend = backend(&api);
    let url = "http://127.0.0.1:1/send";
    backend.set(json!({"mailApi": {"url": url}}));
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), Some(30_000));
    assert!(backend.left()[0].starts_with("a@example.com waiting "), "{:?}", backend.left());
}

#[test]
fn before_an_operator_allows_the_api_no_mail_leaves() {
    let api = Api::start(&[200]);
    let env = FixedEnv::new().with_variable("mail_api_origin", "https://unset.invalid");
    let backend = Backend::with_settings(env, json!({ "mailApi": mail_api(&api) }));
    backend.send("a@example.com");
    assert_eq!(backend.deliver(), None);
    let left = backend.left();
    assert!(left[0].contains("--variable mail_api_origin=https://HOST"), "{left:?}");
    assert!(!api.was_called());
}

#[test]
fn a_test_mail_goes_to_the_api_too() {
    let api = Api::start(&[200, 401]);
    let backend = backend(&api);
    let body = json!({"template": "otp", "email": "a@example.com"});
    backend.send_test(&superuser(), &body).unwrap();
    assert!(api.call().body.contains("a@example.com"));
    let error = backend.send_test(&superuser(), &body).unwrap_err();
    assert_eq!(error.status(), 400);
    assert!(error.to_string().contains("the mail API answered 401"), "{error}");
}
