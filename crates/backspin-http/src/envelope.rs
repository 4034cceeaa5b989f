//! Errors as clients see them: `{"data":{},"message":"A sentence.","status":400}`.

use backspin_core::{Env, Error, FieldErrors, LogLevel, id};
use serde::Serialize;

use crate::{Reply, Request};

const WENT_WRONG: &str = "Something went wrong while processing your request.";
const REFERENCE_CHARS: usize = 12;

#[derive(Serialize)]
struct Envelope<'a> {
    data: &'a FieldErrors,
    message: &'a str,
    status: u16,
}

/// The reply to an error that is the client's, or that passes by itself. A fault of ours says nothing
/// of its cause.
pub fn error_reply(error: &Error) -> Reply {
    let none = FieldErrors::default();
    match error {
        Error::BadRequest { message, fields } => render(error, fields, message),
        Error::Unauthorized(message)
        | Error::Forbidden(message)
        | Error::NotFound(message)
        | Error::PayloadTooLarge(message)
        | Error::Unsupported(message)
        | Error::Unavailable(message) => render(error, &none, message),
        Error::Busy => render(error, &none, "The database is busy. Try again in a moment.")
            .with_header("retry-after", "1"),
        Error::StorageFull => render(error, &none, "The server has no storage left. Nothing was changed."),
        Error::Internal(_) => render(error, &none, WENT_WRONG),
    }
}

/// As [`error_reply`]; and faults that an operator should know of go to the log, once, with their
/// causes and a reference that the client is given too.
pub fn logged_error_reply(error: &Error, request: &Request, env: &impl Env) -> Reply {
    match error {
        Error::BadRequest { .. }
        | Error::Unauthorized(_)
        | Error::Forbidden(_)
        | Error::NotFound(_)
        | Error::PayloadTooLarge(_)
        | Error::Unsupported(_) => return error_reply(error),
        Error::Unavailable(_) | Error::Busy | Error::StorageFull | Error::Internal(_) => {}
    }
    let reference = id::random_string(env, REFERENCE_CHARS, b"abcdefghijkmnpqrstuvwxyz23456789");
    let line = format!("{} {}: {} (reference {reference})", request.method(), request.route(), error.chain());
    env.log(LogLevel::Error, &line);
    match error {
        Error::Internal(_) => {
            render(error, &FieldErrors::default(), &format!("{WENT_WRONG} Reference: {reference}."))
        }
        _ => error_reply(error),
    }
}

fn render(error: &Error, data: &FieldErrors, message: &str) -> Reply {
    let status = error.status();
    let body = serde_json::to_vec(&Envelope { data, message, status });
    // Strings and a number: there is nothing that could fail to serialise.
    Reply::json(status, body.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(error: &Error) -> String {
        String::from_utf8(error_reply(error).into_body()).unwrap()
    }

    #[test]
    fn a_refused_field_is_named_with_its_code() {
        let error =
            Error::field("Failed to create record.", "title", "validation_required", "Cannot be blank.");
        assert_eq!(
            body(&error),
            r#"{"data":{"title":{"code":"validation_required","message":"Cannot be blank."}},"message":"Failed to create record.","status":400}"#
        );
    }

    #[test]
    fn a_fault_of_ours_does_not_tell_the_client_its_cause() {
        let error = Error::internal("SELECT password FROM users");
        assert_eq!(body(&error), format!(r#"{{"data":{{}},"message":"{WENT_WRONG}","status":500}}"#));
    }
}
