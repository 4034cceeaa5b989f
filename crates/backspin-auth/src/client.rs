//! Where a request comes from.

use std::net::Ipv6Addr;

use backspin_core::RequestParameters;
use backspin_settings::{ClientAddress, TrustedProxy};
use md5::{Digest, Md5};

/// What is kept and shown of how a client calls itself, as in PocketBase.
const USER_AGENT_CHARS_MAX: usize = 200;

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
        let address = ClientAddress::of(parameters, trusted).to_string();
        let user_agent = parameters.header("user_agent").unwrap_or_default().into_owned();
        Client { address, user_agent }
    }

    /// As much of how the client calls itself as is kept and shown: at most 200 characters, then three dots.
    pub(crate) fn short_user_agent(&self) -> String {
        match self.user_agent.char_indices().nth(USER_AGENT_CHARS_MAX) {
            Some((end, _)) => format!("{}...", &self.user_agent[..end]),
            None => self.user_agent.clone(),
        }
    }

    /// As PocketBase writes addresses: IPv6 in full.
    pub(crate) fn full_address(&self) -> String {
        match self.address.parse::<Ipv6Addr>() {
            Ok(address) => address.segments().map(|segment| format!("{segment:04x}")).join(":"),
            Err(_) => self.address.clone(),
        }
    }

    /// As PocketBase tells devices apart: the MD5 of address and program. Nothing depends on its strength.
    pub(crate) fn fingerprint(&self) -> String {
        let digest =
            Md5::new().chain_update(self.full_address()).chain_update(self.short_user_agent()).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The address for counters: of IPv6 the network (/64), of which one customer has all.
    pub(crate) fn network(&self) -> String {
        ClientAddress::parse(&self.address).network().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_pocketbase() {
        let long = "x".repeat(500);
        for (address, user_agent, expected) in [
            ("127.0.0.1", "one", "c6c7546606b52ee2678932c0c03b206a"),
            ("2001:db8::1", "one", "eeb8ed84a744a91d132152eb38a8cce8"),
            ("192.0.2.4", &long, "21562a844b7b614c8935377ae633b1d2"),
        ] {
            let client = Client { address: address.to_owned(), user_agent: user_agent.to_owned() };
            assert_eq!(client.fingerprint(), expected, "{address}");
        }
    }
}
