//! One entry of `allowed_outbound_hosts`: `scheme://host[:port]`, each of them open to `*`.

use std::net::IpAddr;
use std::ops::Range;

use ipnet::IpNet;

/// A parsed entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AllowedHost {
    scheme: Scheme,
    host: Host,
    port: Port,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Scheme {
    Any,
    Named(String),
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Host {
    Any,
    /// Holds `.example.com` for `*.example.com`.
    Subdomains(String),
    /// `self` and `self.alt`: the application itself.
    Application,
    Named(String),
    Network(IpNet),
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Port {
    Any,
    Exact(u16),
    /// `80..90`: without the last.
    Range(Range<u16>),
}

impl AllowedHost {
    /// Parses an entry without variables.
    ///
    /// # Errors
    /// What is wrong with it and how to write it.
    pub fn parse(entry: &str) -> Result<Self, String> {
        let refuse = |reason: &str| Err(format!("{entry:?} in `allowed_outbound_hosts`: {reason}"));
        let text = entry.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return refuse(match text {
                "*" | ":" | "" | "?" | "insecure:allow-all" => {
                    "write scheme://host[:port]; each can be `*`, and \"*://*:*\" opens the whole network"
                }
                _ => "the scheme is missing: write https://… or http://…",
            });
        };
        let (host, port) = rest.rsplit_once(':').unwrap_or((rest, ""));
        let (port, path) = port.split_once('/').unwrap_or((port, ""));
        if !path.is_empty() {
            return refuse("it must not have a path");
        }
        let parsed = Scheme::parse(scheme).and_then(|scheme_rule| {
            Ok(Self {
                scheme: scheme_rule,
                host: Host::parse(host.trim())?,
                port: Port::parse(port, scheme)?,
            })
        });
        parsed.or_else(|reason| refuse(&reason))
    }

    /// Whether a connection to `host` is allowed; without a `port` it is the scheme's own.
    pub(super) fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        self.scheme.allows(scheme)
            && self.host.allows(host)
            && self.port.allows(port.or_else(|| well_known_port(scheme)))
    }

    /// Whether connections of this scheme are allowed at all.
    pub(super) fn allows_scheme(&self, scheme: &str) -> bool {
        self.scheme.allows(scheme)
    }

    /// Whether a request to the application itself is allowed.
    pub(super) fn allows_self(&self, scheme: &str) -> bool {
        self.scheme.allows(scheme) && matches!(self.host, Host::Any | Host::Application)
    }
}

impl Scheme {
    fn parse(scheme: &str) -> Result<Self, String> {
        match scheme {
            "*" => Ok(Self::Any),
            _ if scheme.starts_with('{') => {
                Err("a list of schemes is not supported: write one entry each".to_owned())
            }
            _ if scheme.is_empty() => Err("the scheme is missing: write https://… or http://…".to_owned()),
            _ if scheme.chars().all(char::is_alphabetic) => Ok(Self::Named(scheme.to_owned())),
            _ => Err(format!("the scheme {scheme:?} may only have letters")),
        }
    }

    fn allows(&self, scheme: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Named(name) => name == scheme,
        }
    }
}

impl Host {
    fn parse(host: &str) -> Result<Self, String> {
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Application),
            "" => return Err("the host is missing".to_owned()),
            _ if host.starts_with('{') => {
                return Err("a list of hosts is not supported: write one entry each".to_owned());
            }
            _ => {}
        }
        if let Ok(network) = host.parse() {
            return Ok(Self::Network(network));
        }
        if host.split('/').nth(1).is_some_and(|path| !path.is_empty()) {
            return Err("it must not have a path".to_owned());
        }
        let host = host.trim_end_matches('/');
        match host.strip_prefix("*.") {
            Some(domain) if !domain.contains('*') => Ok(Self::Subdomains(format!(".{domain}"))),
            None if !host.contains('*') => Ok(Self::Named(host.to_owned())),
            _ => Err("`*` can only stand for the whole host, or as `*.` in front of a domain".to_owned()),
        }
    }

    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Subdomains(suffix) => host.ends_with(suffix.as_str()),
            Self::Application => false,
            Self::Named(name) => name == host,
            Self::Network(network) => host.parse::<IpAddr>().is_ok_and(|address| network.contains(&address)),
        }
    }
}

impl Port {
    fn parse(port: &str, scheme: &str) -> Result<Self, String> {
        let number = |digits: &str| {
            digits.parse().map_err(|_| format!("the port {digits:?} is not a number up to 65535"))
        };
        match (port, port.split_once("..")) {
            ("", _) => well_known_port(scheme).map(Self::Exact).ok_or_else(|| {
                format!("the port is missing, and the scheme {scheme:?} has none of its own: add :PORT or :*")
            }),
            ("*", _) => Ok(Self::Any),
            (_, Some((first, end))) => Ok(Self::Range(number(first)?..number(end)?)),
            (_, None) if port.starts_with('{') => {
                Err("a list of ports is not supported: write one entry each, or a range as 80..90".to_owned())
            }
            (_, None) => number(port).map(Self::Exact),
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::Exact(allowed), Some(port)) => *allowed == port,
            (Self::Range(range), Some(port)) => range.contains(&port),
            (Self::Exact(_) | Self::Range(_), None) => false,
        }
    }
}

/// The schemes whose port Spin knows.
fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "mqtt" => Some(1883),
        "mysql" => Some(3306),
        "postgres" => Some(5432),
        "redis" => Some(6379),
        _ => None,
    }
}
