//! The port to TCP, for the few components that may open connections.

/// Opens connections. Every operation ends after a while, whatever the other side does.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait Network {
    type Connection: Connection;

    /// Connects to `host` (a name or an address) within [`crate::limits::NETWORK_MS_MAX`].
    async fn connect(&self, host: &str, port: u16) -> Result<Self::Connection, NetworkError>;
}

/// An open connection, closed when it is dropped.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait Connection {
    /// Waits up to [`crate::limits::NETWORK_MS_MAX`] for bytes; none mean that the other side has closed.
    async fn read(&mut self) -> Result<Vec<u8>, NetworkError>;

    /// Sends all of `bytes` within [`crate::limits::NETWORK_MS_MAX`].
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), NetworkError>;
}

/// Why the network was of no help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("the name {0} cannot be resolved")]
    NameUnknown(String),
    #[error("the manifest does not allow a connection to {0}")]
    Denied(String),
    #[error("no answer in time")]
    Timeout,
    #[error("{0}")]
    Failed(String),
}
