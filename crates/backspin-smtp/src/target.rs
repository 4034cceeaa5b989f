//! Which server takes the mail, and how it is reached.

use std::net::IpAddr;

use backspin_core::{Env, Result};
use backspin_settings::Smtp;

/// The mail server of the settings, with what the application's variables say of it.
#[derive(Clone, Debug)]
pub struct Target {
    pub smtp: Smtp,
    /// The address to connect to; `None` to look up the server's name.
    pub address: Option<IpAddr>,
    /// Certificates as PEM that are trusted beside the well-known ones; empty for none.
    pub trusted_pem: String,
}

impl Target {
    /// The server of the settings, with its password as it was entered. The variable `smtp_address` may hold the address of
    /// the server, for runtimes that look up no names, and `smtp_ca` the certificate of an authority of your own.
    pub async fn of(smtp: Smtp, env: &impl Env) -> Result<Self> {
        let address = env.variable("smtp_address").await?.and_then(|address| address.parse().ok());
        let trusted_pem = env.variable("smtp_ca").await?.unwrap_or_default();
        Ok(Target { smtp, address, trusted_pem })
    }

    /// What to connect to: an address or a name.
    pub(crate) fn host(&self) -> String {
        self.address.map_or_else(|| self.smtp.host.clone(), |address| address.to_string())
    }

    /// Whether the server is on this machine, where nobody listens in.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}
