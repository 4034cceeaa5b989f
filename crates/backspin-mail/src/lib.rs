//! Mail: what is written, the templates it is made of, and the outbox where it waits until it is delivered.
//!
//! Whoever has something to tell writes a [`Message`] into the outbox, by [`enqueue`] or, with what it belongs to, by
//! [`enqueue_in`]; nothing of that touches the network. A component of its own delivers.

mod expiry;
mod message;
pub mod outbox;
mod plain_text;
mod template;

pub use message::Message;
pub use outbox::{enqueue, enqueue_if, enqueue_in, wake};
pub use template::{Values, fill, render};
