//! Where links in mail lead, said at the start if that is not where the application is served.

use std::net::{IpAddr, SocketAddr};

use backspin_core::Platform;
use backspin_schema::App;
use ureq::http::Uri;

use crate::application::explain;
use crate::output::println;

/// Says in one line that links in mail lead elsewhere, as they do behind a proxy, or by mistake.
pub(super) async fn tell(app: &App<impl Platform>, address: SocketAddr) -> anyhow::Result<()> {
    let snapshot = app.snapshot().await.map_err(explain)?;
    let settings = backspin_settings::of(&snapshot).map_err(explain)?;
    let url = &settings.meta.app_url;
    if !leads_to(url, address) {
        println!("Links in mail lead to {url} (meta.appURL of the settings)");
    }
    Ok(())
}

/// Whether who opens the URL on this machine arrives at the address.
fn leads_to(url: &str, address: SocketAddr) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let ip: Option<IpAddr> = host.parse().ok();
    let is_loopback = host.eq_ignore_ascii_case("localhost") || ip.is_some_and(|ip| ip.is_loopback());
    let has_address = ip == Some(address.ip())
        || address.ip().is_unspecified()
        || (is_loopback && address.ip().is_loopback());
    uri.scheme_str() == Some("http") && uri.port_u16().unwrap_or(80) == address.port() && has_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_to_an_address_of_this_machine() {
        for (url, address, leads) in [
            ("http://localhost:3000", "127.0.0.1:3000", true),
            ("http://localhost:3000/", "[::1]:3000", true),
            ("http://127.0.0.1:3000", "0.0.0.0:3000", true),
            ("http://192.0.2.1", "192.0.2.1:80", true),
            ("http://localhost:3000", "127.0.0.1:4000", false),
            ("http://localhost:3000", "192.0.2.1:3000", false),
            ("https://app.example.com", "127.0.0.1:3000", false),
            ("https://localhost:3000", "127.0.0.1:3000", false),
            ("", "127.0.0.1:3000", false),
        ] {
            assert_eq!(leads_to(url, address.parse().unwrap()), leads, "{url} {address}");
        }
    }
}
