//! A real mail server for tests: SMTP over sockets of this machine, with and without TLS.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test that uses it")]

mod authority;
mod mailbox;
mod server;

pub use authority::Authority;
pub use mailbox::Mail;
pub use server::{Server, Tls};
