//! What a client is told of an error: `{"data":{},"message":"A sentence.","status":400}`.

use crate::{Error, FieldErrors};

const WENT_WRONG: &str = "Something went wrong while processing your request.";

/// An error as clients see it, in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Envelope {
    pub data: FieldErrors,
    pub message: String,
    pub status: u16,
}

impl Error {
    /// What clients are told. A fault of ours says nothing of its cause.
    pub fn envelope(&self) -> Envelope {
        let (message, data) = match self {
            Error::BadRequest { message, fields } => (message.as_str(), fields.clone()),
            Error::Unauthorized(message)
            | Error::Forbidden(message)
            | Error::NotFound(message)
            | Error::Conflict(message)
            | Error::PayloadTooLarge(message)
            | Error::TooManyRequests(message)
            | Error::Crowded { message, .. }
            | Error::Unsupported(message)
            | Error::Unavailable(message) => (message.as_str(), FieldErrors::default()),
            Error::Busy => ("The database is busy. Try again in a moment.", FieldErrors::default()),
            Error::StorageFull => {
                ("The server has no storage left. Nothing was changed.", FieldErrors::default())
            }
            Error::Internal(_) => (WENT_WRONG, FieldErrors::default()),
        };
        Envelope { data, message: message.to_owned(), status: self.status() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &Error, expected: &str) {
        assert_eq!(serde_json::to_string(&error.envelope()).ok().as_deref(), Some(expected));
    }

    #[test]
    fn a_refused_field_is_named_with_its_code() {
        check(
            &Error::field("Failed to create record.", "title", "validation_required", "Cannot be blank."),
            r#"{"data":{"title":{"code":"validation_required","message":"Cannot be blank."}},"message":"Failed to create record.","status":400}"#,
        );
    }

    #[test]
    fn a_fault_of_ours_does_not_tell_the_client_its_cause() {
        check(
            &Error::internal("SELECT password FROM users"),
            &format!(r#"{{"data":{{}},"message":"{WENT_WRONG}","status":500}}"#),
        );
    }
}
