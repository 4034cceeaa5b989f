//! Hashes of passwords by the component that does nothing else.

use std::cell::Cell;
use std::fmt::Display;

use backspin_core::{Env, Error, HashCost, LogLevel, NetworkError, PasswordHasher, Result, SALT_BYTES};
use backspin_password_hash::{COMPONENT, Hashed, LocalHasher, Question, Verified};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::SpinEnv;
use crate::outbound::exchange;

const ANSWER_BYTES_MAX: usize = 4 << 10;

/// Asks the component `password-hasher`, which needs `http://password-hasher.spin.internal` among the `allowed_outbound_hosts`.
/// Where it cannot be reached, the hash is computed here: a platform without calls between components lets people sign in too.
#[derive(Debug, Default)]
pub struct SpinHasher {
    has_warned: Cell<bool>,
}

impl SpinHasher {
    /// `None` if the component cannot be reached.
    async fn ask<T: DeserializeOwned>(&self, question: &Question<'_>) -> Result<Option<T>> {
        let body = serde_json::to_vec(question).map_err(fault)?;
        let request = http::Request::post(format!("http://{COMPONENT}.spin.internal/"))
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(fault)?;
        match exchange(request, ANSWER_BYTES_MAX).await {
            Ok(reply) if reply.status().is_success() => {
                serde_json::from_slice(reply.body()).map(Some).map_err(fault)
            }
            Ok(reply) => Err(fault(reply.status())),
            Err(NetworkError::Timeout) => Err(fault("no answer in time")),
            Err(reason) => {
                if !self.has_warned.replace(true) {
                    let message =
                        format!("{COMPONENT} cannot be reached, so hashes are computed here: {reason}");
                    SpinEnv.log(LogLevel::Warning, &message);
                }
                Ok(None)
            }
        }
    }
}

fn fault(reason: impl Display) -> Error {
    Error::internal(format!("{COMPONENT}: {reason}"))
}

impl PasswordHasher for SpinHasher {
    async fn hash(&self, password: &str, salt: [u8; SALT_BYTES], cost: HashCost) -> Result<String> {
        let question = Question::Hash { password: password.into(), salt, cost };
        match self.ask::<Hashed>(&question).await? {
            Some(Hashed { hash }) => Ok(hash),
            None => LocalHasher.hash(password, salt, cost).await,
        }
    }

    async fn verify(&self, password: &str, hash: &str) -> Result<bool> {
        let question = Question::Verify { password: password.into(), hash: hash.into() };
        match self.ask::<Verified>(&question).await? {
            Some(Verified { matches }) => Ok(matches),
            None => LocalHasher.verify(password, hash).await,
        }
    }
}
