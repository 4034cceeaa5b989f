//! The HTTP server: takes connections, finds the component for each request, and sends its reply.

mod connection;
mod listener;
pub(crate) mod reply_body;
mod request;
mod respond;

pub(crate) use listener::Listener;
pub(crate) use respond::Application;
