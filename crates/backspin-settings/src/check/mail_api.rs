//! The HTTP API that takes mail.

use backspin_core::{FieldError, FieldErrors, check_url};
use backspin_schema::value::required;
use http::uri::Uri;
use http::{HeaderName, HeaderValue};
use serde_json::{Value as Json, json};

use super::{add, not_a_choice, require};
use crate::{MailApi, MailApiHeader};

const URL_CHARS_MAX: usize = 2000;
const HEADERS_MAX: usize = 20;
const HEADER_BYTES_MAX: usize = 4096;
/// The recipient, without which no mail would arrive.
const RECIPIENT: &str = "{TO}";
/// What the connection itself is told by.
const OF_CONNECTION: [&str; 6] =
    ["connection", "content-length", "host", "te", "transfer-encoding", "upgrade"];

pub(super) fn check(api: &MailApi) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if api.enabled {
        require(&mut errors, "url", &api.url);
        if !holds(&api.body, RECIPIENT) {
            let reason = format!("A text of it must hold the placeholder {RECIPIENT}.");
            errors.add("body", FieldError::new("validation_missing_placeholder", reason));
        }
    }
    if !api.url.is_empty()
        && let Err(error) = check_target(&api.url)
    {
        errors.add("url", error);
    }
    if !matches!(api.method.as_str(), "POST" | "PUT" | "PATCH") {
        errors.add("method", not_a_choice());
    }
    if !api.body.is_object() {
        errors.add("body", FieldError::new("validation_invalid_json", "Must be a JSON object."));
    }
    add(&mut errors, "headers", headers(&api.headers));
    errors
}

fn check_target(url: &str) -> Result<(), FieldError> {
    let wrong = |reason: &str| FieldError::new("validation_is_url", reason);
    if url.chars().count() > URL_CHARS_MAX {
        return Err(wrong("Must be no longer than 2000 characters."));
    }
    let uri: Uri = url.parse().map_err(|_| wrong("Must be a valid URL."))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("Must not hold a user name or a password: put them into a header."));
    }
    check_url(&uri).map_err(|_| wrong("Must be a URL with https; http is only for this machine."))
}

fn headers(headers: &[MailApiHeader]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (i, header) in headers.iter().enumerate() {
        let mut of_header = FieldErrors::default();
        require(&mut of_header, "name", &header.name);
        let name = header.name.to_ascii_lowercase();
        let is_double = headers[..i].iter().any(|other| other.name.eq_ignore_ascii_case(&name));
        if i >= HEADERS_MAX || is_double {
            let reason = format!("Must be given once, among at most {HEADERS_MAX}.");
            of_header.add("name", FieldError::new("validation_duplicated", reason));
        }
        if HeaderName::from_bytes(name.as_bytes()).is_err() || OF_CONNECTION.contains(&name.as_str()) {
            of_header.add("name", FieldError::new("validation_invalid_header", "Must be a header to set."));
        }
        match header.value.len() {
            0 => of_header.add("value", required()),
            1..=HEADER_BYTES_MAX if HeaderValue::from_str(&header.value).is_ok() => {}
            1..=HEADER_BYTES_MAX => {
                let reason = "Must have no line breaks or other control characters.";
                of_header.add("value", FieldError::new("validation_invalid_header", reason));
            }
            _ => {
                let reason = format!("The length must be no more than {HEADER_BYTES_MAX}.");
                let params = json!({ "min": 0, "max": HEADER_BYTES_MAX });
                of_header.add("value", FieldError::with_params("validation_length_too_long", reason, params));
            }
        }
        add(&mut errors, &i.to_string(), of_header);
    }
    errors
}

/// Whether a text of the template holds the placeholder.
fn holds(template: &Json, placeholder: &str) -> bool {
    match template {
        Json::String(text) => text.contains(placeholder),
        Json::Array(items) => items.iter().any(|item| holds(item, placeholder)),
        Json::Object(object) => object.values().any(|item| holds(item, placeholder)),
        _ => false,
    }
}
