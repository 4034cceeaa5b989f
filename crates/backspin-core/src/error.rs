//! The one error type, its HTTP status, and the reasons attached to fields.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Envelope;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a field was refused: a stable code and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum FieldError {
    Leaf {
        code: String,
        message: String,
        /// What the message was made with, as `{"min":15}`.
        #[serde(skip_serializing_if = "Option::is_none")]
        params: Option<Value>,
    },
    /// A request within the request, with the error that it would have had by itself.
    Request { code: String, message: String, response: Box<Envelope> },
    /// The fields of an object, or the positions of a list.
    Nested(FieldErrors),
}

impl FieldError {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        FieldError::Leaf { code: code.into(), message: message.into(), params: None }
    }

    /// As [`FieldError::new`], with the values of the message for programs to read.
    pub fn with_params(code: &str, message: impl Into<String>, params: Value) -> Self {
        FieldError::Leaf { code: code.to_owned(), message: message.into(), params: Some(params) }
    }
}

/// The refused fields by name, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct FieldErrors(BTreeMap<String, FieldError>);

impl FieldErrors {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an error; the first of a field stays.
    pub fn add(&mut self, field: impl Into<String>, error: FieldError) {
        self.0.entry(field.into()).or_insert(error);
    }

    pub fn get(&self, field: &str) -> Option<&FieldError> {
        self.0.get(field)
    }

    /// `Ok` if nothing was refused, else a 400 with `message` and these fields.
    pub fn into_result(self, message: impl Into<String>) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::BadRequest { message: message.into(), fields: self })
        }
    }
}

impl<N: Into<String>> FromIterator<(N, FieldError)> for FieldErrors {
    fn from_iter<I: IntoIterator<Item = (N, FieldError)>>(errors: I) -> Self {
        let mut fields = FieldErrors::default();
        errors.into_iter().for_each(|(field, error)| fields.add(field, error));
        fields
    }
}

/// Everything that can go wrong in a request. Messages of the first group reach the client; of the
/// second, only the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{message}")]
    BadRequest { message: String, fields: FieldErrors },
    #[error("{0}")]
    Unauthorized(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(String),
    /// Made for a state that is no longer the current one: to be looked at again, then repeated.
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    PayloadTooLarge(String),
    /// Asked too often: to be asked again later.
    #[error("{0}")]
    TooManyRequests(String),
    /// Too much of it is going on: to be asked again after so many seconds.
    #[error("{message}")]
    Crowded { message: String, retry_after_seconds: u32 },
    #[error("{0}")]
    Unsupported(String),
    #[error("{0}")]
    Unavailable(String),

    #[error("the database is busy")]
    Busy,
    #[error("the database or its disk is full")]
    StorageFull,
    #[error(transparent)]
    Internal(Box<dyn std::error::Error>),
}

impl Error {
    /// A 400 without field errors.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Error::BadRequest { message: message.into(), fields: FieldErrors::default() }
    }

    /// A 400 with one field error.
    pub fn field(message: impl Into<String>, field: &str, code: &str, reason: impl Into<String>) -> Self {
        let fields = FieldErrors::from_iter([(field, FieldError::new(code, reason))]);
        Error::BadRequest { message: message.into(), fields }
    }

    /// The 403 where API keys have no access, whatever their scopes.
    pub fn key_refused() -> Self {
        Error::Forbidden("API keys have no access here. Sign in instead.".into())
    }

    /// The 404 that says nothing more than that.
    pub fn not_found() -> Self {
        Error::NotFound("The requested resource wasn't found.".into())
    }

    /// A fault of ours: the log gets `message`, the client a 500.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::Internal(message.into().into())
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Error::BadRequest { .. } => 400,
            Error::Unauthorized(_) => 401,
            Error::Forbidden(_) => 403,
            Error::NotFound(_) => 404,
            Error::Conflict(_) => 409,
            Error::PayloadTooLarge(_) => 413,
            Error::TooManyRequests(_) | Error::Crowded { .. } => 429,
            Error::Unsupported(_) => 501,
            Error::Unavailable(_) | Error::Busy => 503,
            Error::StorageFull => 507,
            Error::Internal(_) => 500,
        }
    }

    /// This error and its causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
