//! Where a request comes from.

use std::net::{IpAddr, Ipv6Addr};

use backspin_core::RequestParameters;
use backspin_settings::TrustedProxy;
use md5::{Digest, Md5};

/// The network address and the program of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Empty if the host does not tell.
    pub(crate) address: String,
    /// As the client says; empty if it does not.
    pub(crate) user_agent: String,
}

impl Client {
    /// The sender of a request. Headers tell the address only if the settings trust them.
    pub(crate) fn of(parameters: &dyn RequestParameters, trusted: &TrustedProxy) -> Self {
        let named = |header: &String| parameters.header(&header.to_ascii_lowercase().replace('-', "_"));
        let forwarded = trusted.headers.iter().filter_map(named).find_map(|value| {
            let mut addresses = value.split(',').filter_map(parse);
            if trusted.use_leftmost_ip { addresses.next() } else { addresses.next_back() }
        });
        let direct = || parameters.header("spin_client_addr").as_deref().and_then(parse);
        let address = forwarded.or_else(direct).map(|address| address.to_string());
        let user_agent = parameters.header("user_agent").unwrap_or_default().into_owned();
        Client { address: address.unwrap_or_default(), user_agent }
    }

    /// As PocketBase tells devices apart: the MD5 of address and program. Nothing depends on its strength.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Md5::new().chain_update(&self.address).chain_update(&self.user_agent).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The address for counters: of IPv6 the network (/64), of which one customer has all.
    pub(crate) fn network(&self) -> String {
        match self.address.parse() {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
            }
            _ => self.address.clone(),
        }
    }
}

/// An address, with or without a port and brackets. IPv4 within IPv6 is IPv4.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address: Option<IpAddr> = text.parse().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_core::ParameterPairs;

    fn client(headers: &[(&str, &str)], trusted: &TrustedProxy) -> Client {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Client::of(&ParameterPairs { query: &[], headers: &headers }, trusted)
    }

    #[test]
    fn headers_of_a_proxy_count_only_if_they_are_trusted() {
        let headers = [("x_forwarded_for", "1.1.1.1, 2.2.2.2"), ("spin_client_addr", "127.0.0.1:5000")];
        let mut trusted = TrustedProxy::default();
        assert_eq!(client(&headers, &trusted).address, "127.0.0.1");
        trusted.headers = vec!["X-Real-IP".to_owned(), "X-Forwarded-For".to_owned()];
        assert_eq!(client(&headers, &trusted).address, "2.2.2.2");
        trusted.use_leftmost_ip = true;
        assert_eq!(client(&headers, &trusted).address, "1.1.1.1");
        assert_eq!(client(&[("x_forwarded_for", "junk"), headers[1]], &trusted).address, "127.0.0.1");
        assert_eq!(client(&[], &trusted).address, "");
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
            assert_eq!(client(&[("spin_client_addr", text)], &TrustedProxy::default()).address, expected);
        }
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let network =
            |address: &str| Client { address: address.to_owned(), user_agent: String::new() }.network();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_eq!(network("10.1.2.3"), "10.1.2.3");
    }

    #[test]
    fn a_fingerprint_is_that_of_pocketbase() {
        let one = Client { address: "127.0.0.1".to_owned(), user_agent: "one".to_owned() };
        assert_eq!(one.fingerprint(), "c6c7546606b52ee2678932c0c03b206a");
    }
}
