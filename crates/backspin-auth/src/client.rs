//! Where a request comes from.

use backspin_core::RequestParameters;
use backspin_settings::{ClientAddress, TrustedProxy};
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
        let address = ClientAddress::of(parameters, trusted).to_string();
        let user_agent = parameters.header("user_agent").unwrap_or_default().into_owned();
        Client { address, user_agent }
    }

    /// As PocketBase tells devices apart: the MD5 of address and program. Nothing depends on its strength.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Md5::new().chain_update(&self.address).chain_update(&self.user_agent).finalize();
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
        let one = Client { address: "127.0.0.1".to_owned(), user_agent: "one".to_owned() };
        assert_eq!(one.fingerprint(), "c6c7546606b52ee2678932c0c03b206a");
    }
}
