//! The flows that send mail, as requests, and what is in the outbox.

use backspin_core::{Error, Value};
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, object, parse, post};

/// A mail that waits in the outbox.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) html: String,
}

impl Mail {
    /// The token of its link.
    pub(crate) fn token(&self) -> String {
        let (_, after) = self.html.split_once("/auth/confirm-").unwrap();
        after.split(['/', '"']).nth(1).unwrap().to_owned()
    }

    /// Its one-time password.
    pub(crate) fn code(&self) -> String {
        let (_, after) = self.html.split_once("<strong>").unwrap();
        after.split('<').next().unwrap().to_owned()
    }
}

fn shape<T: serde::de::DeserializeOwned>(body: Json) -> Result<T, Error> {
    serde_json::from_value(body).map_err(|error| Error::bad_request(error.to_string()))
}

impl Backend {
    /// The outbox, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        let exists = self.sql("SELECT 1 FROM sqlite_master WHERE name = '_outbox'");
        if exists.is_empty() {
            return Vec::new();
        }
        let rows = self.sql(r#"SELECT "to", "html" FROM "_outbox" ORDER BY "rowid""#);
        let text = |value: Option<Value>| match value {
            Some(Value::Text(text)) => text,
            other => panic!("{other:?}"),
        };
        let mail = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Mail { to: text(row.next()), html: text(row.next()) }
        };
        rows.into_iter().map(mail).collect()
    }

    pub(crate) fn last_mail(&self) -> Mail {
        self.mails().pop().unwrap()
    }

    /// One of the flows of `collection`, without a token. Those that reply with nothing give null.
    pub(crate) fn flow(&self, collection: &str, flow: &str, body: Json) -> Result<Json, Error> {
        self.flow_asked(collection, flow, body, Asked::default())
    }

    pub(crate) fn flow_asked(
        &self,
        collection: &str,
        flow: &str,
        body: Json,
        asked: Asked<'_>,
    ) -> Result<Json, Error> {
        use backspin_auth::*;
        let caller: Caller = self.identify(asked.token);
        let parameters = asked.parameters();
        let (app, request) = (&self.app, post(&caller, &parameters));
        let fields = object(body.clone());
        block_on(async {
            match flow {
                "request-verification" => request_verification(app, &request, collection, shape(body)).await,
                "confirm-verification" => confirm_verification(app, &request, collection, shape(body)).await,
                "request-password-reset" => {
                    request_password_reset(app, &request, collection, shape(body)).await
                }
                "confirm-password-reset" => {
                    confirm_password_reset(app, &request, collection, shape(body)).await
                }
                "request-email-change" => request_email_change(app, &request, collection, shape(body)).await,
                "confirm-email-change" => confirm_email_change(app, &request, collection, shape(body)).await,
                "request-otp" => {
                    return request_code(app, &request, collection, shape(body), "").await.map(parse);
                }
                "auth-with-otp" => {
                    let signed_in =
                        with_code(app, &request, collection, shape(body), &fields, &asked.shape).await;
                    return signed_in.map(|(SignIn::Done(json) | SignIn::SecondFactor(json))| parse(json));
                }
                other => panic!("{other}"),
            }
            .map(|()| Json::Null)
        })
    }

    /// The token that a flow mails to this address.
    pub(crate) fn mailed_token(&self, flow: &str, email: &str) -> String {
        let before = self.mails().len();
        self.flow("members", flow, json!({ "email": email })).unwrap();
        let mut mails = self.mails();
        assert_eq!(mails.len(), before + 1, "no mail");
        mails.pop().unwrap().token()
    }
}

#[test]
fn flows_refuse_what_is_no_address_and_no_account_collection() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    for flow in ["request-verification", "request-password-reset", "request-otp"] {
        let refused = |collection, body| crate::refusal(backend.flow(collection, flow, body));
        assert_eq!(refused("nowhere", json!({})), "404 Missing or invalid collection context.");
        assert_eq!(refused("_mfas", json!({})), "404 Missing or invalid auth collection context.");
        assert_eq!(refused("members", json!({})), "400 email:validation_required");
        assert_eq!(refused("members", json!({"email": null})), "400 email:validation_required");
        for email in ["x", "a@b", " bob@example.com", "a@b.co\r\nBcc: c@d.co"] {
            assert_eq!(refused("members", json!({"email": email})), "400 email:validation_is_email");
        }
        let undeliverable = format!("{}@example.com", "x".repeat(243));
        assert_eq!(undeliverable.len(), 255);
        assert_eq!(refused("members", json!({"email": undeliverable})), "400 email:validation_is_email");
        let long = format!("{}@example.com", "x".repeat(255));
        assert_eq!(refused("members", json!({"email": long})), "400 email:validation_length_out_of_range");
        assert!(refused("members", json!({"email": 1})).starts_with("400 invalid type"));
    }
    assert!(backend.mails().is_empty());
}

#[test]
fn an_unknown_address_costs_the_same_statements_and_gets_the_same_reply() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    for flow in ["request-verification", "request-password-reset", "request-otp"] {
        // Tables are made by the first.
        backend.flow("members", flow, json!({"email": "first@example.com"})).unwrap();
        let mut told = Vec::new();
        for email in ["nobody@example.com", "Alice@example.com"] {
            backend.app.database().take();
            let reply = backend.flow("members", flow, json!({"email": email})).unwrap();
            let is_ours = |sql: &String| {
                !sql.starts_with("DELETE FROM \"_throttles\"")
                    && !sql.starts_with("ROLLBACK TO")
                    && !sql.starts_with("CREATE")
            };
            let statements: Vec<_> = backend.app.database().take().into_iter().filter(is_ours).collect();
            let shape: Vec<_> =
                reply.as_object().into_iter().flat_map(|reply| reply.keys().cloned()).collect();
            told.push((shape, statements));
        }
        let (known, unknown) = (told.pop().unwrap(), told.pop().unwrap());
        assert_eq!(known.0, unknown.0, "{flow}");
        // The outbox may be made, and made again, as long as nothing is in it.
        let distinct = |mut statements: Vec<String>| {
            statements.dedup();
            statements
        };
        assert_eq!(distinct(known.1), distinct(unknown.1), "{flow}");
    }
    assert!(backend.mails().iter().all(|mail| mail.to == "Alice@example.com"));
    assert_eq!(backend.mails().len(), 3);
}

#[test]
fn nothing_of_an_unknown_address_stays_but_a_counter() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    backend.flow("members", "request-otp", json!({"email": "nobody@example.com"})).unwrap();
    assert!(backend.sql("SELECT 1 FROM _otps").is_empty());
    let counters = backend.sql(r#"SELECT "key" FROM "_throttles""#);
    // Of the network; of the address by network, by device and as such.
    assert_eq!(counters.len(), 4);
    assert!(!format!("{counters:?}").contains("nobody"));
}

#[test]
fn one_network_cannot_ask_for_mail_without_end() {
    let backend = Backend::with_members(json!({}));
    let ask = |number: usize| {
        let body = json!({"email": format!("member{number}@example.com")});
        backend.flow("members", "request-password-reset", body)
    };
    for number in 0..60 {
        ask(number).unwrap();
    }
    assert_eq!(crate::refusal(ask(60)), "429 Too Many Requests.");
    backend.app.env().advance_ms(1_001);
    ask(61).unwrap();
}
