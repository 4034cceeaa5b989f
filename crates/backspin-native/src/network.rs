//! TCP by the operating system, one operation after the other.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use backspin_core::{Connection, Network, NetworkError, limits};

const TIMEOUT: Duration = Duration::from_millis(limits::NETWORK_MS_MAX);
const CHUNK_BYTES: usize = 16 << 10;

/// The network of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct TcpNetwork;

/// One of its connections.
pub struct TcpConnection(TcpStream);

impl Network for TcpNetwork {
    type Connection = TcpConnection;

    async fn connect(&self, host: &str, port: u16) -> Result<TcpConnection, NetworkError> {
        let unknown = || NetworkError::NameUnknown(host.to_owned());
        let address = (host, port).to_socket_addrs().ok().and_then(|mut found| found.next());
        let stream = TcpStream::connect_timeout(&address.ok_or_else(unknown)?, TIMEOUT).map_err(failed)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(failed)?;
        stream.set_write_timeout(Some(TIMEOUT)).map_err(failed)?;
        Ok(TcpConnection(stream))
    }
}

impl Connection for TcpConnection {
    async fn read(&mut self) -> Result<Vec<u8>, NetworkError> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let count = self.0.read(&mut chunk).map_err(failed)?;
        chunk.truncate(count);
        Ok(chunk)
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), NetworkError> {
        self.0.write_all(&bytes).map_err(failed)
    }
}

fn failed(error: std::io::Error) -> NetworkError {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => NetworkError::Timeout,
        _ => NetworkError::Failed(error.to_string()),
    }
}
