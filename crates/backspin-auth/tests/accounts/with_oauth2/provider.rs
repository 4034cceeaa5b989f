//! An identity provider in memory, and signing in with it.

use std::cell::RefCell;
use std::collections::HashMap;

use backspin_auth::{Issuer, ProviderCode, SignIn, oauth2_discovery, with_oauth2};
use backspin_core::{Error, NetworkError, Outbound, OutboundReply, OutboundRequest};
use backspin_oauth2::nonce;
use backspin_schema::{App, Caller};
use futures::executor::block_on;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, object, parse, post};

pub(crate) const ISSUER: &str = "https://id.example";
const VERIFIER: &str = "a verifier of the client";
/// The seconds at which `FixedEnv` begins.
const NOW_SECONDS: i64 = 1_767_323_045;
const KEY: &[u8] = include_bytes!("../../../../backspin-oauth2/tests/keys/ec.der");
const KEYS: &[u8] = include_bytes!("../../../../backspin-oauth2/tests/keys/set.json");

/// What a code is good for.
#[derive(Clone)]
struct Grant {
    /// The user info.
    user: Json,
    /// Claims of the `id_token` that differ from those of a good one.
    claims: Json,
}

/// Gives codes, takes each of them once, and tells whose they are.
#[derive(Default)]
pub(crate) struct TestProvider {
    grants: RefCell<HashMap<String, Grant>>,
    /// By access token.
    users: RefCell<HashMap<String, Json>>,
    /// The status of the reply that lists a user's addresses, and the list.
    pub(crate) emails: Option<(u16, Json)>,
    /// Replaces members of the discovery document.
    pub(crate) document: Json,
}

impl TestProvider {
    /// A code for the user, as the endpoint for user info tells of them.
    pub(crate) fn code_for(&self, user: Json) -> Json {
        self.code_with_claims(user, json!({}))
    }

    pub(crate) fn code_with_claims(&self, user: Json, claims: Json) -> Json {
        let code = format!("code-{}", self.grants.borrow().len() + self.users.borrow().len());
        self.grants.borrow_mut().insert(code.clone(), Grant { user, claims });
        json!({"provider": "oidc", "code": code, "codeVerifier": VERIFIER, "redirectURL": "https://app.example/"})
    }

    fn take(&self, body: &[u8]) -> Option<Json> {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let code = body.split('&').find_map(|pair| pair.strip_prefix("code=")).unwrap();
        let Grant { user, claims } = self.grants.borrow_mut().remove(code)?;
        let access_token = format!("access-{code}");
        self.users.borrow_mut().insert(access_token.clone(), user.clone());
        let mut all = object(user);
        all.extend(object(
            json!({"iss": ISSUER, "aud": "us", "nonce": nonce(VERIFIER), "exp": NOW_SECONDS + 600}),
        ));
        all.extend(object(claims));
        let header = Header { kid: Some("ec".to_owned()), ..Header::new(Algorithm::ES256) };
        let id_token = jsonwebtoken::encode(&header, &all, &EncodingKey::from_ec_der(KEY)).unwrap();
        Some(json!({"access_token": access_token, "id_token": id_token, "expires_in": 60}))
    }

    fn document(&self) -> Json {
        let mut document = object(json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth"),
            "token_endpoint": format!("{ISSUER}/token"),
            "userinfo_endpoint": format!("{ISSUER}/me"),
            "jwks_uri": format!("{ISSUER}/keys"),
        }));
        document.extend(self.document.as_object().cloned().unwrap_or_default());
        document.into()
    }
}

impl Outbound for TestProvider {
    async fn send(&self, request: OutboundRequest, _: usize) -> Result<OutboundReply, NetworkError> {
        let reply =
            |status: u16, body: Vec<u8>| Ok(http::Response::builder().status(status).body(body).unwrap());
        let path = request.uri().path().rsplit('/').next().unwrap();
        match (request.uri().host().unwrap(), path) {
            ("denied.example", _) => Err(NetworkError::Denied("https://denied.example".to_owned())),
            ("silent.example", _) => Err(NetworkError::Timeout),
            ("moved.example", _) => reply(302, Vec::new()),
            ("empty.example", _) => reply(404, Vec::new()),
            (_, "token") => match self.take(request.body()) {
                Some(tokens) => reply(200, tokens.to_string().into_bytes()),
                None => reply(400, br#"{"error":"invalid_grant"}"#.to_vec()),
            },
            (_, "me") => {
                let token = request.headers()["authorization"].to_str().unwrap();
                let user = self.users.borrow()[token.strip_prefix("Bearer ").unwrap()].clone();
                reply(200, user.to_string().into_bytes())
            }
            (_, "emails") => {
                let (status, list) = self.emails.clone().unwrap();
                reply(status, list.to_string().into_bytes())
            }
            (_, "keys") => reply(200, KEYS.to_vec()),
            (_, "openid-configuration") => reply(200, self.document().to_string().into_bytes()),
            (_, other) => panic!("asked for {other}"),
        }
    }
}

/// Signs in with what a JSON body holds.
pub(crate) fn sign_in_on(
    app: &App<impl backspin_core::Platform>,
    caller: &Caller,
    provider: &TestProvider,
    body: Json,
) -> Result<Json, Error> {
    let code: ProviderCode = serde_json::from_value(body.clone()).unwrap();
    let asked = Asked::default();
    let parameters = asked.parameters();
    let (request, body) = (post(caller, &parameters), object(body));
    let reply = with_oauth2(app, provider, &request, "members", Ok(code), &body, &asked.shape);
    block_on(reply).map(|(SignIn::Done(json) | SignIn::SecondFactor(json))| parse(json))
}

impl Backend {
    /// As [`Backend::with_members`], who may sign in with the provider by several names, and may sign up.
    pub(crate) fn with_provider(options: Json) -> Self {
        let provider = |name: &str| {
            json!({
                "name": name, "clientId": "us", "clientSecret": "secret", "authURL": format!("{ISSUER}/auth"),
                "tokenURL": format!("{ISSUER}/token"), "userInfoURL": format!("{ISSUER}/me"),
                "extra": {"jwksURL": format!("{ISSUER}/keys"), "issuers": [ISSUER]},
            })
        };
        let apple = json!({"name": "apple", "clientId": "us", "clientSecret": "secret"});
        let providers = [provider("oidc"), provider("oidc2"), provider("github"), apple];
        let mut all = object(json!({
            "createRule": "",
            "oauth2": {"enabled": true, "providers": providers, "mappedFields": {"name": "name"}},
        }));
        all.extend(object(options));
        Backend::with_members(all.into())
    }

    /// As [`Backend::with_provider`], with accounts that need no email, and have a `word` that others may have too.
    pub(crate) fn with_emails_left_out() -> Self {
        let text = |name: &str| json!({"name": name, "type": "text"});
        let email = json!({"name": "email", "type": "email", "system": true, "required": false});
        let (age, secret) =
            (json!({"name": "age", "type": "number"}), json!({"name": "secret", "type": "text"}));
        let fields = [email, text("name"), text("nick"), text("word"), age, secret];
        Backend::with_provider(json!({ "fields": fields }))
    }

    /// Emails that differ by case alone are one from now on.
    pub(crate) fn ignore_case_of_emails(&self) {
        let index = "CREATE UNIQUE INDEX idx_email ON members (email COLLATE NOCASE) WHERE email != ''";
        let by_email = json!({"identityFields": ["email"]});
        self.update_collection("members", json!({ "indexes": [index], "passwordAuth": by_email }));
    }

    pub(crate) fn with_oauth2(
        &self,
        provider: &TestProvider,
        body: Json,
        token: Option<&str>,
    ) -> Result<Json, Error> {
        sign_in_on(&self.app, &self.identify(token), provider, body)
    }

    /// The links, each as its user of the provider and its account.
    pub(crate) fn links(&self) -> Vec<[String; 2]> {
        let rows = self.sql(r#"SELECT "providerId", "recordRef" FROM "_externalAuths" ORDER BY 1"#);
        let text = |value: &backspin_core::Value| match value {
            backspin_core::Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        rows.iter().map(|row| [text(&row[0]), text(&row[1])]).collect()
    }
}

pub(crate) fn discover(provider: &TestProvider, caller: &Caller, body: Json) -> Result<Json, Error> {
    let issuer: Issuer = serde_json::from_value(body).unwrap();
    block_on(oauth2_discovery(caller, provider, Ok(issuer), "")).map(parse)
}
