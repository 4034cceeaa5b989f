//! The requests of a batch, read from its body and checked as far as that goes without the database.

use std::collections::BTreeMap;

use backspin_core::{Error, FieldError, FieldErrors, Result, limits};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// One request of a batch, as sent.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Sent")]
pub(super) struct BatchRequest {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Map<String, Json>,
}

/// `null` and nothing are the same.
#[derive(Deserialize)]
struct Sent {
    method: Option<String>,
    url: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    body: Option<Map<String, Json>>,
}

#[derive(Deserialize)]
struct Batch {
    requests: Option<Vec<BatchRequest>>,
}

impl From<Sent> for BatchRequest {
    fn from(sent: Sent) -> Self {
        BatchRequest {
            method: sent.method.unwrap_or_default(),
            url: sent.url.unwrap_or_default(),
            headers: sent.headers.unwrap_or_default(),
            body: sent.body.unwrap_or_default(),
        }
    }
}

/// The requests of `{"requests":[{"method","url","headers"?,"body"?},…]}` in their order.
///
/// Errors: 400 if it has another shape, has no requests or too many of them, or if a request lacks its
/// method or URL or exceeds a limit; with a code for each fault.
pub(super) fn read(body: Map<String, Json>, requests_max: usize) -> Result<Vec<BatchRequest>> {
    let batch: Batch = serde_json::from_value(Json::Object(body))
        .map_err(|_| Error::bad_request("Failed to read the submitted batch data."))?;
    let requests = batch.requests.unwrap_or_default();
    let refused = match requests.len() {
        0 => Some(required()),
        count if count > requests_max => Some(too_long(requests_max)),
        _ => refused(&requests),
    };
    let refused: FieldErrors = refused.into_iter().map(|error| ("requests", error)).collect();
    refused.into_result("Invalid batch request data.").map(|()| requests)
}

fn refused(requests: &[BatchRequest]) -> Option<FieldError> {
    let mut errors = FieldErrors::default();
    for (position, request) in requests.iter().enumerate() {
        let of_request = request.refused();
        if !of_request.is_empty() {
            errors.add(position.to_string(), FieldError::Nested(of_request));
        }
    }
    (!errors.is_empty()).then_some(FieldError::Nested(errors))
}

impl BatchRequest {
    fn refused(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        match self.method.as_str() {
            "" => errors.add("method", required()),
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" => {}
            _ => errors.add("method", FieldError::new("validation_in_invalid", "Must be a valid value.")),
        }
        match self.url.chars().count() {
            0 => errors.add("url", required()),
            1..=limits::BATCH_URL_CHARS_MAX => {}
            _ => errors.add("url", too_long(limits::BATCH_URL_CHARS_MAX)),
        }
        if self.headers.len() > limits::BATCH_HEADERS_MAX {
            errors.add("headers", too_long(limits::BATCH_HEADERS_MAX));
        }
        errors
    }
}

fn required() -> FieldError {
    FieldError::new("validation_required", "Cannot be blank.")
}

fn too_long(max: usize) -> FieldError {
    FieldError::with_params(
        "validation_length_too_long",
        format!("The length must be no more than {max}."),
        json!({ "max": max, "min": 0 }),
    )
}
