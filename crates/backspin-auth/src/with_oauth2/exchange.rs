//! A provider is asked: the code becomes tokens, the tokens tell the user.

use backspin_core::{Env, Error, LogLevel, Outbound, OutboundReply, OutboundRequest, Result, Timestamp};
use backspin_oauth2::{
    ProvidedUser, Provider, SecretIn, Tokens, email_request, id_token, nonce, read_email, read_user,
    token_request, user_request, withholds_emails,
};
use serde_json::Value as Json;

use super::form::ProviderCode;

/// A reply of a provider. Those that are documented stay far below.
const REPLY_BYTES_MAX: usize = 1 << 20;
const NO_TOKEN: &str = "Failed to fetch OAuth2 token.";
const NO_USER: &str = "Failed to fetch OAuth2 user.";

/// What a sign-in brings back.
#[derive(Clone, Copy)]
pub(super) struct Begun<'a> {
    pub(super) code: &'a ProviderCode,
    pub(super) now: Timestamp,
}

/// The user who has signed in at the provider. What a provider refuses is told to the log, not to the client.
///
/// Errors: 400.
pub(super) async fn user_of(
    env: &impl Env,
    outbound: &impl Outbound,
    provider: &Provider,
    begun: Begun<'_>,
) -> Result<(Tokens, ProvidedUser)> {
    let asked = Asked { env, outbound, provider };
    let tokens = asked.tokens(begun).await.map_err(|reason| asked.refused(NO_TOKEN, &reason))?;
    let user = asked.user(&tokens, begun).await.map_err(|reason| asked.refused(NO_USER, &reason))?;
    Ok((tokens, user))
}

struct Asked<'a, E, O> {
    env: &'a E,
    outbound: &'a O,
    provider: &'a Provider,
}

impl<E: Env, O: Outbound> Asked<'_, E, O> {
    fn refused(&self, message: &str, reason: &str) -> Error {
        let line = format!("the identity provider {}: {reason}", self.provider.name);
        self.env.log(LogLevel::Warning, &line);
        Error::bad_request(message)
    }

    async fn tokens(&self, begun: Begun<'_>) -> Result<Tokens, String> {
        let ProviderCode { code, code_verifier, .. } = begun.code;
        let redirect_url = begun.code.redirect_url();
        let ask = async |secret_in| {
            let request = token_request(self.provider, code, code_verifier, redirect_url, secret_in);
            self.send(request).await
        };
        let reply = match ask(SecretIn::Header).await {
            // A code that is refused is so however the secret comes.
            Err(reason) if reason.contains(" replied 4") && !reason.ends_with("invalid_grant") => {
                ask(SecretIn::Body).await?
            }
            reply => reply?,
        };
        Tokens::read(&reply).map_err(|error| error.to_string())
    }

    /// From the user info, or else from the `id_token`; if there are both they must agree.
    async fn user(&self, tokens: &Tokens, begun: Begun<'_>) -> Result<ProvidedUser, String> {
        let claims = self.claims(tokens, begun).await?;
        let read = |raw| read_user(self.provider, tokens, raw).map_err(|error| error.to_string());
        let claimed = claims.map(read).transpose()?;
        if self.provider.user_info_url.is_empty() {
            return claimed.ok_or_else(|| "it has no user info URL, and sent no id_token".to_owned());
        }
        let mut user = read(self.send_for_json(user_request(self.provider, tokens)).await?)?;
        if claimed.is_some_and(|claimed| claimed.id != user.id) {
            return Err("the id_token is of another user than the user info".to_owned());
        }
        if user.email.is_empty()
            && let Some(request) = email_request(self.provider, tokens)
        {
            user.email = self.email(request).await?;
        }
        Ok(user)
    }

    /// Empty if there is none that is verified, or the user has not let us see it.
    async fn email(&self, request: Result<OutboundRequest>) -> Result<String, String> {
        let (path, reply) = self.reply(request).await?;
        if withholds_emails(reply.status()) {
            return Ok(String::new());
        }
        Ok(read_email(self.provider, &json_of(&body_of(&path, reply)?)?))
    }

    /// The claims of the `id_token`, where the provider's are checked or needed.
    async fn claims(&self, tokens: &Tokens, begun: Begun<'_>) -> Result<Option<Json>, String> {
        let keys_url = self.provider.keys_url();
        if tokens.id_token.is_empty() || (keys_url.is_none() && !self.provider.user_info_url.is_empty()) {
            return Ok(None);
        }
        let keys = match keys_url {
            None => None,
            Some(url) => {
                let request = http::Request::get(url).body(Vec::new());
                let request = request.map_err(|_| Error::bad_request("its jwksURL is no URL"));
                Some(self.send(request).await?)
            }
        };
        let verifier = &begun.code.code_verifier;
        let nonce = (!verifier.is_empty()).then(|| nonce(verifier));
        let claims =
            id_token::verify(self.provider, &tokens.id_token, keys.as_deref(), nonce.as_deref(), begun.now);
        claims.map(Some).map_err(|error| error.to_string())
    }

    async fn send_for_json(&self, request: Result<OutboundRequest>) -> Result<Json, String> {
        json_of(&self.send(request).await?)
    }

    /// The body of a reply that is a success.
    async fn send(&self, request: Result<OutboundRequest>) -> Result<Vec<u8>, String> {
        let (path, reply) = self.reply(request).await?;
        body_of(&path, reply)
    }

    /// The path that was asked, and the reply.
    async fn reply(&self, request: Result<OutboundRequest>) -> Result<(String, OutboundReply), String> {
        let request = request.map_err(|error| error.to_string())?;
        let path = request.uri().path().to_owned();
        let reply = self.outbound.send(request, REPLY_BYTES_MAX).await.map_err(|error| error.to_string())?;
        Ok((path, reply))
    }
}

fn json_of(body: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(body).map_err(|_| "its reply is no JSON".to_owned())
}

/// The body of a success. The reason names no secret: neither the request nor a token of the reply.
fn body_of(path: &str, reply: OutboundReply) -> Result<Vec<u8>, String> {
    if reply.status().is_success() {
        return Ok(reply.into_body());
    }
    // RFC 6749, 5.2.
    let body: Json = serde_json::from_slice(reply.body()).unwrap_or_default();
    let error = body.get("error").and_then(Json::as_str).unwrap_or_default();
    let error: String = error.chars().filter(|char| !char.is_control()).take(100).collect();
    Err(format!("{path} replied {} {error}", reply.status().as_u16()).trim_end().to_owned())
}
