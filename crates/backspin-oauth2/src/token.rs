//! The code that a user comes back with becomes an access token.

use backspin_core::{Error, OutboundRequest, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde_json::Value as Json;

use crate::Provider;
use crate::provider::SecretIn;

/// What a provider gives for a code.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub access_token: String,
    /// Empty if there is none.
    pub refresh_token: String,
    /// Empty if there is none.
    pub id_token: String,
    /// How many seconds the access token lasts, at most those of [`i32`]; 0 if that is not told.
    pub seconds: i64,
    /// All that was given.
    pub raw: Json,
}

/// Asks for the tokens of `code`. An empty `code_verifier` stands for none.
///
/// Errors: 400 if the provider has no URL for it.
pub fn token_request(
    provider: &Provider,
    code: &str,
    code_verifier: &str,
    redirect_url: &str,
    secret_in: SecretIn,
) -> Result<OutboundRequest> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code");
    form.append_pair("code", code);
    form.append_pair("redirect_uri", redirect_url);
    if !code_verifier.is_empty() && provider.pkce.0 {
        form.append_pair("code_verifier", code_verifier);
    }
    let mut request = http::Request::builder()
        .method(Method::POST)
        .uri(&provider.token_url)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    match secret_in {
        SecretIn::Body => {
            form.append_pair("client_id", &provider.client_id);
            form.append_pair("client_secret", &provider.secret);
        }
        SecretIn::Header => {
            let secret =
                BASE64.encode(format!("{}:{}", encode(&provider.client_id), encode(&provider.secret)));
            if let Ok(mut value) = HeaderValue::from_str(&format!("Basic {secret}")) {
                value.set_sensitive(true);
                request = request.header(AUTHORIZATION, value);
            }
        }
    }
    request.body(form.finish().into_bytes()).map_err(|_| no_url("token"))
}

impl Tokens {
    /// Reads the body of the reply to [`token_request`], which was a success.
    ///
    /// Errors: 400 if there is no access token in it: some providers refuse a code so.
    pub fn read(body: &[u8]) -> Result<Self> {
        let refused = || Error::bad_request("it replied without an access token");
        let raw: Json = serde_json::from_slice(body).map_err(|_| refused())?;
        let text = |name: &str| raw.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let seconds = raw.get("expires_in").and_then(|seconds| match seconds {
            Json::String(text) => text.parse().ok(),
            // Nothing depends on it but what the client is told, so a fraction is no reason to refuse anybody.
            seconds => seconds.as_f64(),
        });
        let seconds = seconds.map_or(0, |seconds: f64| seconds as i32);
        let tokens = Tokens {
            access_token: text("access_token"),
            refresh_token: text("refresh_token"),
            id_token: text("id_token"),
            seconds: seconds.into(),
            raw,
        };
        if tokens.access_token.is_empty() { Err(refused()) } else { Ok(tokens) }
    }
}

pub(crate) fn no_url(of: &str) -> Error {
    Error::bad_request(format!("The identity provider has no valid {of} URL."))
}

/// As RFC 6749, 2.3.1 asks of ids and secrets.
fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
