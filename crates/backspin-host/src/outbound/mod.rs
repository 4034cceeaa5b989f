//! Which hosts a component may reach: Spin's `allowed_outbound_hosts`.

mod allowed_host;

#[cfg(test)]
mod tests;

pub use allowed_host::AllowedHost;

use std::net::SocketAddr;

use wasmtime_wasi::sockets::SocketAddrUse;

use crate::manifest::{Component, Manifest, ManifestError};
use crate::variables::Resolver;

/// All that one component may reach; nothing, unless an entry allows it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AllowedHosts {
    entries: Vec<AllowedHost>,
}

impl AllowedHosts {
    /// The entries of `component`, with their variables filled in.
    ///
    /// # Errors
    /// An entry that is not valid with these values, with its line.
    pub fn new(
        manifest: &Manifest,
        component: &Component,
        resolver: &Resolver,
    ) -> Result<Self, ManifestError> {
        let entries = component.allowed_outbound_hosts.iter().map(|entry| {
            let rendered = resolver.render(&entry.value).unwrap_or_default();
            AllowedHost::parse(&rendered).map_err(|message| match entry.value.literal() {
                Some(_) => manifest.error(entry.at, message),
                // The message would show the values of variables, which may be secret.
                None => manifest.error(
                    entry.at,
                    format!(
                        "{:?} in `allowed_outbound_hosts` is not scheme://host[:port] with these values",
                        entry.value.to_string()
                    ),
                ),
            })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// Whether a connection is allowed: `host` as it stands in a URL (an IPv6 address in brackets), in any case;
    /// without a `port` it is the scheme's own.
    pub fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.allows(scheme, &host.to_ascii_lowercase(), port);
        }
        self.entries.iter().any(|entry| entry.allows(scheme, host, port))
    }

    /// Whether any entry is for sockets, by the scheme `tcp`, `udp` or `*`.
    pub fn opens_sockets(&self) -> bool {
        self.entries.iter().any(|entry| entry.allows_scheme("tcp") || entry.allows_scheme("udp"))
    }

    /// Whether a socket may be used for this: as in Spin the entry has to hold the address (`tcp://192.0.2.1:587`), a
    /// network or `*`, for the names that led to an address are not known here. Nothing may be listened on, and bound
    /// only to what the system chooses, as every connection is.
    pub fn allows_socket(&self, address: SocketAddr, purpose: SocketAddrUse) -> bool {
        let scheme = match purpose {
            SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
                return address.port() == 0 && address.ip().is_unspecified();
            }
            SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => return false,
            SocketAddrUse::TcpConnect => "tcp",
            SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => "udp",
        };
        let (host, port) = (address.ip().to_string(), Some(address.port()));
        self.allows(scheme, &host, port)
            || (address.is_ipv6() && self.allows(scheme, &format!("[{host}]"), port))
    }

    /// Whether the component may call the application it belongs to: `http://self` in the manifest, and a
    /// relative URL or `http://self.alt` in the request.
    pub fn allows_self(&self, scheme: &str) -> bool {
        self.entries.iter().any(|entry| entry.allows_self(scheme))
    }
}

/// The component that `http://ID.spin.internal` stands for: `authority` is a host with or without a port, or an
/// entry of `allowed_outbound_hosts`. `None` for every other host, and for `*.spin.internal`.
pub fn internal_component(authority: &str) -> Option<&str> {
    let host = authority.split_once("://").map_or(authority, |(_, rest)| rest);
    let host = host.trim_end_matches('/');
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let (id, domain) = host.split_once('.')?;
    (domain == "spin.internal" && id != "*").then_some(id)
}
