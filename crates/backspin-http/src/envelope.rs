//! Errors as replies.

use backspin_core::{Env, Envelope, Error, LogLevel, id};

use crate::{Reply, Request};

const REFERENCE_CHARS: usize = 12;

/// The reply to an error that is the client's, or that passes by itself. A fault of ours says nothing
/// of its cause.
pub fn error_reply(error: &Error) -> Reply {
    let reply = render(&error.envelope());
    match error {
        Error::Busy => reply.with_header("retry-after", "1"),
        Error::Crowded { retry_after_seconds, .. } => {
            reply.with_header("retry-after", retry_after_seconds.to_string())
        }
        _ => reply,
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
        | Error::Conflict(_)
        | Error::PayloadTooLarge(_)
        | Error::TooManyRequests(_)
        | Error::Crowded { .. }
        | Error::Unsupported(_) => return error_reply(error),
        Error::Unavailable(_) | Error::Busy | Error::StorageFull | Error::Internal(_) => {}
    }
    let reference = id::random_string(env, REFERENCE_CHARS, b"abcdefghijkmnpqrstuvwxyz23456789");
    let line = format!("{} {}: {} (reference {reference})", request.method(), request.route(), error.chain());
    env.log(LogLevel::Error, &line);
    match error {
        Error::Internal(_) => {
            let mut envelope = error.envelope();
            envelope.message.push_str(&format!(" Reference: {reference}."));
            render(&envelope)
        }
        _ => error_reply(error),
    }
}

fn render(envelope: &Envelope) -> Reply {
    // Strings and a number: there is nothing that could fail to serialise.
    Reply::json(envelope.status, serde_json::to_vec(envelope).unwrap_or_default())
}
