//! The lines between us and the server, plain or through TLS.

use backspin_core::{Connection, NetworkError};

use crate::reply::{BYTES_MAX, Reply};
use crate::tls::Secure;

/// A connection and what was received of it beyond the last reply.
pub(crate) struct Channel<C> {
    stream: Stream<C>,
    received: Vec<u8>,
}

enum Stream<C> {
    Plain(C),
    Secure(Secure<C>),
}

impl<C: Connection> Channel<C> {
    pub(crate) fn plain(connection: C) -> Self {
        Channel { stream: Stream::Plain(connection), received: Vec::new() }
    }

    pub(crate) async fn secure(connection: C, name: &str, trusted_pem: &str) -> Result<Self, NetworkError> {
        let secure = Secure::open(connection, name, trusted_pem).await?;
        Ok(Channel { stream: Stream::Secure(secure), received: Vec::new() })
    }

    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.stream, Stream::Secure(_))
    }

    /// Goes on through TLS. What came in plain after the last reply could be from anybody, so there must be none.
    pub(crate) async fn upgrade(self, name: &str, trusted_pem: &str) -> Result<Self, NetworkError> {
        match self.stream {
            Stream::Plain(connection) if self.received.is_empty() => {
                Self::secure(connection, name, trusted_pem).await
            }
            Stream::Plain(_) => Err(NetworkError::Failed("unasked words before TLS began".to_owned())),
            Stream::Secure(_) => Ok(self),
        }
    }

    /// Waits for the next reply.
    pub(crate) async fn reply(&mut self) -> Result<Reply, NetworkError> {
        loop {
            let not_smtp = |line: String| {
                let line: String = line.chars().take(100).collect();
                NetworkError::Failed(format!("this is no SMTP: {line:?}"))
            };
            if let Some(reply) = Reply::take(&mut self.received).map_err(not_smtp)? {
                return Ok(reply);
            }
            let bytes = match &mut self.stream {
                Stream::Plain(connection) => connection.read().await?,
                Stream::Secure(connection) => connection.read().await?,
            };
            if bytes.is_empty() {
                return Err(NetworkError::Failed("the server closed the connection".to_owned()));
            }
            self.received.extend(bytes);
            if self.received.len() > BYTES_MAX {
                return Err(NetworkError::Failed("a reply of the server has no end".to_owned()));
            }
        }
    }

    pub(crate) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), NetworkError> {
        match &mut self.stream {
            Stream::Plain(connection) => connection.write(bytes).await,
            Stream::Secure(connection) => connection.write(bytes).await,
        }
    }
}
