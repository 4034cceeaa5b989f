//! From where a request comes, as far as the settings trust what it says.

use std::fmt::{Display, Formatter};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use backspin_core::RequestParameters;
use ipnet::IpNet;

use crate::TrustedProxy;

/// The network address of a client; it may be unknown, and is empty as a text then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// The address of a request's sender. A header tells it only if the settings trust it, the first that holds an
    /// address; of a header that comes several times, the last counts, for that is the proxy's own.
    pub fn of(parameters: &dyn RequestParameters, trusted: &TrustedProxy) -> Self {
        let named = |header: &String| parameters.last_header(&header.to_ascii_lowercase().replace('-', "_"));
        let forwarded = trusted.headers.iter().filter_map(named).find_map(|value| {
            let mut addresses = value.split(',').filter_map(parse);
            if trusted.use_leftmost_ip { addresses.next() } else { addresses.next_back() }
        });
        // Stock Spin leaves headers of the client's that are called so before its own.
        let direct = || parameters.last_header("spin_client_addr").as_deref().and_then(parse);
        ClientAddress(forwarded.or_else(direct))
    }

    /// An address, with or without a port and brackets; unknown if it is none. IPv4 within IPv6 is IPv4.
    pub fn parse(text: &str) -> Self {
        ClientAddress(parse(text))
    }

    /// The address for counters: of IPv6 the network (/64), of which one customer has all.
    pub fn network(self) -> Self {
        ClientAddress(self.0.map(|address| match address {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address => address,
        }))
    }

    /// Whether it is one of `entries`, which are addresses and networks such as `10.0.0.0/8`.
    pub fn is_among(self, entries: &[String]) -> bool {
        let Some(address) = self.0 else { return false };
        entries.iter().any(|entry| match entry.parse::<IpNet>() {
            Ok(network) => network.contains(&address),
            Err(_) => parse(entry) == Some(address),
        })
    }
}

impl Display for ClientAddress {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |address| address.fmt(formatter))
    }
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address: Option<IpAddr> = text.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_core::ParameterPairs;

    fn address(headers: &[(&str, &str)], trusted: &TrustedProxy) -> String {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        ClientAddress::of(&ParameterPairs { query: &[], headers: &headers }, trusted).to_string()
    }

    #[test]
    fn headers_of_a_proxy_count_only_if_they_are_trusted() {
        let headers = [("x_forwarded_for", "1.1.1.1, 2.2.2.2"), ("spin_client_addr", "127.0.0.1:5000")];
        let mut trusted = TrustedProxy::default();
        assert_eq!(address(&headers, &trusted), "127.0.0.1");
        trusted.headers = vec!["X-Real-IP".to_owned(), "X-Forwarded-For".to_owned()];
        assert_eq!(address(&headers, &trusted), "2.2.2.2");
        trusted.use_leftmost_ip = true;
        assert_eq!(address(&headers, &trusted), "1.1.1.1");
        assert_eq!(address(&[("x_forwarded_for", "junk"), headers[1]], &trusted), "127.0.0.1");
        assert_eq!(address(&[], &trusted), "");
        assert_eq!(address(&[("spin_client_addr", "10.0.0.1:1"), headers[1]], &trusted), "127.0.0.1");
    }

    #[test]
    fn the_last_of_several_headers_is_that_of_the_proxy() {
        let mut trusted =
            TrustedProxy { headers: vec!["x-forwarded-for".to_owned()], use_leftmost_ip: false };
        let forged = [("x_forwarded_for", "1.1.1.1, 2.2.2.2"), ("x_forwarded_for", "3.3.3.3")];
        assert_eq!(address(&forged, &trusted), "3.3.3.3");
        trusted.use_leftmost_ip = true;
        assert_eq!(address(&forged, &trusted), "3.3.3.3");
        let direct = ("spin_client_addr", "127.0.0.1:5000");
        assert_eq!(address(&[forged[0], ("x_forwarded_for", "junk"), direct], &trusted), "127.0.0.1");
        assert_eq!(address(&[("x_forwarded_for", "1.1.1.1, junk"), direct], &trusted), "1.1.1.1");
    }

    #[test]
    fn an_address_may_have_a_port() {
        for (text, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
        ] {
            assert_eq!(ClientAddress::parse(text).to_string(), expected);
        }
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let network = |address: &str| ClientAddress::parse(address).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_eq!(network("10.1.2.3"), "10.1.2.3");
    }

    #[test]
    fn entries_are_addresses_and_networks() {
        let entries = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::ffff:192.0.2.7"].map(str::to_owned);
        for address in ["10.1.2.3", "192.0.2.1", "2001:db8::1", "::ffff:10.0.0.1", "192.0.2.7"] {
            assert!(ClientAddress::parse(address).is_among(&entries), "{address}");
        }
        for address in ["11.0.0.1", "192.0.2.2", "2001:db9::1", ""] {
            assert!(!ClientAddress::parse(address).is_among(&entries), "{address}");
        }
    }
}
