//! Realtime: clients with an open stream each, what they subscribe to, and messages on their way to them.
//!
//! A message may be sent by another instance, or another machine, than the one that holds the stream, so clients and
//! messages are in the database. A stream looks there for its mail; the looks of one instance's streams are shared.

mod client;
mod event;
mod mailbox;
mod redirect;
mod stream;
mod subscribe;
mod tables;
mod topic;

pub use client::{Client, connect};
pub use mailbox::Board;
pub use redirect::{Arrival, Landing, land};
pub use stream::stream;
pub use subscribe::{Subscriptions, subscribe};
