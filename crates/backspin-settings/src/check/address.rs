//! Names of hosts, addresses and networks.

use std::net::IpAddr;

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::value::required;

const NAME_CHARS_MAX: usize = 255;
const LABEL_CHARS_MAX: usize = 63;

/// Whether `host` is an address or has the form of a name in the DNS.
pub(super) fn is_host(host: &str) -> bool {
    if host.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = host.strip_suffix(['.', '_']).unwrap_or(host);
    name.len() <= NAME_CHARS_MAX && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    label.len() <= LABEL_CHARS_MAX
        && label.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The entries that are neither addresses nor networks such as `10.0.0.0/8`, by their positions.
pub(super) fn networks(entries: &[String]) -> FieldErrors {
    let refused = entries.iter().enumerate().filter_map(|(i, entry)| {
        let error = match entry.as_str() {
            "" => required(),
            entry if is_network(entry) => return None,
            _ => FieldError::new("validation_invlaid_ip_or_subnet", "Invalid IP or CIDR subnet."),
        };
        Some((i.to_string(), error))
    });
    refused.collect()
}

fn is_network(entry: &str) -> bool {
    let (address, prefix) = entry.split_once('/').unwrap_or((entry, "0"));
    let bits = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    prefix.bytes().all(|byte| byte.is_ascii_digit())
        && prefix.parse::<u32>().is_ok_and(|prefix| prefix <= bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_addresses_or_names() {
        for host in ["localhost", "127.0.0.1", "::1", "a_b.example.com", "example.com.", "_x", "smtp"] {
            assert!(is_host(host), "{host}");
        }
        let long = "a".repeat(64);
        for host in ["", "a b", "[::1]", "exämple.com", "a..b", "-a", "a\r\nb", "a/b", "a:25", &long] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn networks_are_addresses_with_or_without_the_bits_that_count() {
        for entry in ["1.2.3.4", "1.2.3.0/24", "::1", "fd00::/8"] {
            assert!(is_network(entry), "{entry}");
        }
        for entry in ["x", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/+8", "1.2.3", "::/129"] {
            assert!(!is_network(entry), "{entry}");
        }
    }
}
