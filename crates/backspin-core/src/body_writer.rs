//! The port to the body of a reply that is written bit by bit while the client reads.

/// An open reply. It ends when this is dropped.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait BodyWriter {
    /// Hands over all of `bytes`, within [`crate::limits::NETWORK_MS_MAX`].
    ///
    /// Errors: the client has gone, or has stopped reading.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ClientGone>;
}

/// There is nobody any more who reads the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client has gone")]
pub struct ClientGone;
