//! Real mail servers for tests, over sockets of this machine: SMTP with and without TLS, and an HTTP API.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test that uses it")]

mod api;
mod authority;
mod mailbox;
mod server;

pub use api::{Api, Call};
pub use authority::Authority;
pub use mailbox::Mail;
pub use server::{Server, Tls};
