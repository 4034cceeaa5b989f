//! TLS over a [`Connection`], by rustls with cryptography in Rust alone, which runs in Wasm too.

use std::io::{Read, Write};
use std::sync::Arc;

use backspin_core::{Connection, NetworkError};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

const CHUNK_BYTES: usize = 16 << 10;

/// A connection whose other side has proved to be the server it was asked for.
pub(crate) struct Secure<C> {
    connection: C,
    tls: Box<ClientConnection>,
}

impl<C: Connection> Secure<C> {
    /// Agrees on TLS with the server `name`, whose certificate has to be signed by a well-known authority or by one
    /// of `trusted_pem`.
    pub(crate) async fn open(connection: C, name: &str, trusted_pem: &str) -> Result<Self, NetworkError> {
        let tls = client(name, trusted_pem).map_err(NetworkError::Failed)?;
        let mut secure = Secure { connection, tls: Box::new(tls) };
        secure.flush().await?;
        while secure.tls.is_handshaking() {
            if !secure.receive().await? {
                return Err(NetworkError::Failed("the connection ended before TLS began".to_owned()));
            }
        }
        Ok(secure)
    }

    /// Passes on what TLS has to say.
    async fn flush(&mut self) -> Result<(), NetworkError> {
        while self.tls.wants_write() {
            let mut bytes = Vec::new();
            self.tls.write_tls(&mut bytes).map_err(|error| NetworkError::Failed(error.to_string()))?;
            self.connection.write(bytes).await?;
        }
        Ok(())
    }

    /// Takes in what comes next; `false` if the other side has closed.
    async fn receive(&mut self) -> Result<bool, NetworkError> {
        let bytes = self.connection.read().await?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            self.tls.read_tls(&mut rest).map_err(|error| NetworkError::Failed(error.to_string()))?;
            if let Err(error) = self.tls.process_new_packets() {
                // The other side is told why, if it still listens.
                let _ = self.flush().await;
                return Err(NetworkError::Failed(format!("TLS: {error}")));
            }
        }
        self.flush().await?;
        Ok(!bytes.is_empty())
    }
}

impl<C: Connection> Connection for Secure<C> {
    async fn read(&mut self) -> Result<Vec<u8>, NetworkError> {
        loop {
            let mut chunk = vec![0; CHUNK_BYTES];
            // An error means that there is nothing yet, or that the connection was cut.
            let count = self.tls.reader().read(&mut chunk).unwrap_or_default();
            if count > 0 {
                chunk.truncate(count);
                return Ok(chunk);
            }
            if !self.receive().await? {
                return Ok(Vec::new());
            }
        }
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), NetworkError> {
        for chunk in bytes.chunks(CHUNK_BYTES) {
            self.tls.writer().write_all(chunk).map_err(|error| NetworkError::Failed(error.to_string()))?;
            self.flush().await?;
        }
        Ok(())
    }
}

fn client(name: &str, trusted_pem: &str) -> Result<ClientConnection, String> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in CertificateDer::pem_slice_iter(trusted_pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("the variable smtp_ca: {error}"))?;
        roots.add(certificate).map_err(|error| format!("the variable smtp_ca: {error}"))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls_rustcrypto::provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name =
        ServerName::try_from(name.to_owned()).map_err(|_| format!("TLS needs a server name, not {name}"))?;
    ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())
}
