//! HTTP without a server: a request's parts in, a reply with its headers out, errors as PocketBase's
//! JSON envelope.

mod body;
mod cors;
mod envelope;
mod form;
mod headers;
mod json;
mod multipart;
mod reply;
mod request;
mod surplus_slashes;

pub use body::{Body, Upload};
pub use cors::preflight;
pub use envelope::{error_reply, logged_error_reply};
pub use headers::Headers;
pub use http::Method;
pub use json::Object;
pub use reply::Reply;
pub use request::Request;
