//! One connection: HTTP/1.1 with keep-alive.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::respond::Application;
use crate::routes::client_address;

/// How long a client may take to send the head of a request, the wait for a next request included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// Bytes that the head of a request may have.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Serves the requests that come over `stream`, one after the other, until the client closes it or
/// the server stops.
pub(super) async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    application: Arc<Application>,
    mut stopping: watch::Receiver<bool>,
) {
    // Without this, a reply in two writes waits for the client's acknowledgement: 40 ms. A socket
    // that refuses it still works.
    let _ = stream.set_nodelay(true);
    let client_address = client_address(client);
    let service = service_fn(move |request| {
        let (application, client_address) = (application.clone(), client_address.clone());
        async move { Ok::<_, Infallible>(application.respond(request, client_address).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // An error here is the client's: it sent nonsense or went away.
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
