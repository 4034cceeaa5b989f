//! Accepts connections until told to stop, then lets the running ones finish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::connection;
use super::respond::Application;

/// Connections that may be open at once; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 10_000;

/// How long running requests may go on after the server was told to stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// How long to wait before accepting again when the system has no resources left for a connection.
const ACCEPT_RETRY_PAUSE: Duration = Duration::from_millis(50);

/// A bound address, ready to serve.
pub(crate) struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address is taken or not ours, with what to do about it.
    pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = match TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                bail!("{address} is in use by another program; stop it, or choose an address with --listen")
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{address} cannot be listened on; see --listen"));
            }
        };
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address, with the port that was taken.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `application` until `stopping` becomes true, and then until the running requests have
    /// finished, at most [`STOP_GRACE`].
    pub(crate) async fn serve(self, application: Arc<Application>, mut stopping: watch::Receiver<bool>) {
        let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        let stop = stopping.clone();
        let stopped = stopping.wait_for(|stopping| *stopping);
        tokio::pin!(stopped);
        loop {
            let accepted = tokio::select! {
                // An error means that whoever could stop the server is gone: stop.
                _ = &mut stopped => break,
                accepted = accept(&self.listener, &slots) => accepted,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            };
            match accepted {
                Ok((stream, client, slot)) => {
                    let connection = connection::serve(stream, client, application.clone(), stop.clone());
                    connections.spawn(async move {
                        connection.await;
                        drop(slot);
                    });
                }
                Err(_) => tokio::time::sleep(ACCEPT_RETRY_PAUSE).await,
            }
        }
        drop(self.listener);
        let finished = async { while connections.join_next().await.is_some() {} };
        // What is still running then is cut off.
        let _ = tokio::time::timeout(STOP_GRACE, finished).await;
        connections.abort_all();
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> std::io::Result<(tokio::net::TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, client) = listener.accept().await?;
    Ok((stream, client, slot))
}
