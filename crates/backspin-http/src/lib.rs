//! HTTP without a server: a request's parts in, a reply with its headers out, errors as PocketBase's
//! JSON envelope.

mod cors;
mod envelope;
mod json;
mod reply;
mod request;

pub use cors::preflight;
pub use envelope::{error_reply, logged_error_reply};
pub use http::Method;
pub use json::Object;
pub use reply::Reply;
pub use request::{Headers, Request};
