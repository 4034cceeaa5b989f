//! TCP through `wasi:sockets`, limited by the component's `allowed_outbound_hosts`.

use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::pin;
use std::task::Poll;

use backspin_core::{Connection, Network, NetworkError, limits};
use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wasip3::sockets::ip_name_lookup::resolve_addresses;
use spin_sdk::wasip3::sockets::types::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, TcpSocket,
};
use spin_sdk::wasip3::wit_bindgen::{StreamReader, StreamResult, StreamWriter};
use spin_sdk::wasip3::wit_stream;

const CHUNK_BYTES: usize = 16 << 10;

/// The network of a component.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinNetwork;

/// A connection; its streams end with it.
pub struct SpinConnection {
    incoming: StreamReader<u8>,
    outgoing: StreamWriter<u8>,
    _socket: TcpSocket,
}

impl Network for SpinNetwork {
    type Connection = SpinConnection;

    async fn connect(&self, host: &str, port: u16) -> Result<SpinConnection, NetworkError> {
        in_time(connect(host, port)).await?
    }
}

impl Connection for SpinConnection {
    async fn read(&mut self) -> Result<Vec<u8>, NetworkError> {
        let (result, bytes) = in_time(self.incoming.read(Vec::with_capacity(CHUNK_BYTES))).await?;
        match result {
            StreamResult::Complete(_) | StreamResult::Dropped => Ok(bytes),
            StreamResult::Cancelled => Err(NetworkError::Timeout),
        }
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), NetworkError> {
        match in_time(self.outgoing.write_all(bytes)).await? {
            rest if rest.is_empty() => Ok(()),
            _ => Err(NetworkError::Failed("the other side closed the connection".to_owned())),
        }
    }
}

async fn connect(host: &str, port: u16) -> Result<SpinConnection, NetworkError> {
    let mut failed = NetworkError::NameUnknown(host.to_owned());
    for address in addresses(host).await? {
        match connect_to(address, port).await {
            Ok(connection) => return Ok(connection),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

async fn addresses(host: &str) -> Result<Vec<IpAddr>, NetworkError> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let found = resolve_addresses(host.to_owned()).await.unwrap_or_default();
    Ok(found.into_iter().map(from_wasi).collect())
}

async fn connect_to(address: IpAddr, port: u16) -> Result<SpinConnection, NetworkError> {
    let error = |error| match error {
        ErrorCode::AccessDenied => NetworkError::Denied(format!("tcp://{address}:{port}")),
        ErrorCode::Timeout => NetworkError::Timeout,
        ErrorCode::ConnectionRefused => NetworkError::Failed(format!("{address}:{port} refuses connections")),
        ErrorCode::RemoteUnreachable => NetworkError::Failed(format!("{address}:{port} cannot be reached")),
        other => NetworkError::Failed(format!("{address}:{port}: {other}")),
    };
    let family = if address.is_ipv4() { IpAddressFamily::Ipv4 } else { IpAddressFamily::Ipv6 };
    let socket = TcpSocket::create(family).map_err(error)?;
    socket.connect(to_wasi(address, port)).await.map_err(error)?;
    let (outgoing, sent) = wit_stream::new();
    // How sending and receiving ended shows in the streams themselves.
    let _ = socket.send(sent);
    let (incoming, _) = socket.receive();
    Ok(SpinConnection { incoming, outgoing, _socket: socket })
}

/// `work`, given up after [`limits::NETWORK_MS_MAX`].
pub(crate) async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, NetworkError> {
    let mut work = pin!(work);
    let mut end = pin!(monotonic_clock::wait_for(limits::NETWORK_MS_MAX * 1_000_000));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Ok(result)),
        Poll::Pending => end.as_mut().poll(context).map(|()| Err(NetworkError::Timeout)),
    })
    .await
}

fn from_wasi(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
    }
}

fn to_wasi(address: IpAddr, port: u16) -> IpSocketAddress {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) })
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.segments();
            let address = (a, b, c, d, e, f, g, h);
            IpSocketAddress::Ipv6(Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 })
        }
    }
}
