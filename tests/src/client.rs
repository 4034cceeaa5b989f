//! An HTTP client that is somebody, or nobody.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request};

use crate::reply::Reply;

const PATIENCE: Duration = Duration::from_secs(120);

/// Sends requests to one application; clones share connections.
#[derive(Clone)]
pub struct Client {
    url: String,
    token: Option<String>,
    agent: Agent,
}

impl Client {
    /// A client without a token for the server at `url`, which has no slash at its end.
    pub fn new(url: impl Into<String>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .allow_non_standard_methods(true);
        Self { url: url.into(), token: None, agent: config.build().into() }
    }

    /// The same client with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The token, if there is one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Vec::new())
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, &[("content-type", "application/json")], body.to_string())
    }

    pub fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, &[("content-type", "application/json")], body.to_string())
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], Vec::new())
    }

    /// Sends anything. The token, if there is one, goes with it.
    ///
    /// # Panics
    /// When no reply comes; see [`Client::try_send`].
    pub fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        self.try_send(method.clone(), path, headers, body)
            .unwrap_or_else(|fault| panic!("{method} {path}: {fault}"))
    }

    /// Sends anything.
    ///
    /// # Errors
    /// When no whole reply comes.
    pub fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        let has_no_body = body.is_empty()
            && matches!(method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS);
        let reply = if has_no_body {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        Reply::read(&method, path, reply)
    }
}
