//! How often clients may ask, by the rules of the settings.

use std::net::IpAddr;

use backspin_core::{Error, Platform, Result};
use backspin_records::RequestInfo;
use backspin_schema::{App, Attempt, Caller, Snapshot};
use backspin_settings::{RateLimitRule, RateLimits};
use ipnet::IpNet;

use crate::client::Client;
use crate::throttle::count_in_window;

/// What rules call a request: a path and actions, the most particular first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    /// The last segment of `/api/collections/:collection/…`.
    pub(crate) path: &'static str,
    pub(crate) actions: &'static [&'static str],
}

/// Counts a request by the one rule that applies to it. No statement where the settings have no limits, or for
/// superusers, who have none.
///
/// Errors: 429 if there were too many.
pub(crate) async fn check_rate(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    endpoint: Endpoint,
) -> Result<()> {
    if request.caller.is_superuser() {
        return Ok(());
    }
    app.with_schema(async |snapshot| {
        let settings = backspin_settings::of(snapshot)?;
        let limits = &settings.rate_limits;
        if !limits.enabled {
            return Ok(Attempt::Done(()));
        }
        let client = Client::of(request.parameters, &settings.trusted_proxy);
        let Some((label, rule)) = find_rule(limits, snapshot, request, collection, endpoint) else {
            return Ok(Attempt::Done(()));
        };
        if is_excluded(limits, &client) {
            return Ok(Attempt::Done(()));
        }
        let key = ["rate", &label, &rule.audience, &client.network()];
        let count = count_in_window(app, &key, rule.duration.saturating_mul(1000)).await?;
        match count <= rule.max_requests {
            true => Ok(Attempt::Done(())),
            false => Err(too_many_requests()),
        }
    })
    .await
}

/// In PocketBase's words.
pub(crate) fn too_many_requests() -> Error {
    Error::TooManyRequests("Too Many Requests.".to_owned())
}

/// The rule, with what it counts together: those of actions count each collection apart. One of an action goes before
/// those of paths, of which the first that fits is it; one of a path ends with `/` if it is for all below.
fn find_rule<'a>(
    limits: &'a RateLimits,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &str,
    endpoint: Endpoint,
) -> Option<(String, &'a RateLimitRule)> {
    let audience = match request.caller {
        Caller::Guest => "@guest",
        Caller::Record(_) => "@auth",
    };
    let mut rules = limits.rules.iter().filter(|rule| rule.audience.is_empty() || rule.audience == audience);
    let name = snapshot.find(collection).map(|found| found.name.as_str());
    for of in name.into_iter().chain(["*"]) {
        for action in endpoint.actions {
            let label = format!("{of}:{action}");
            if let Some(rule) = rules.clone().find(|rule| rule.label == label) {
                return Some((format!("{}:{action}", name.unwrap_or_default()), rule));
            }
        }
    }
    let path = format!("/api/collections/{collection}/{}", endpoint.path);
    rules.find(|rule| fits(&rule.label, request.method, &path)).map(|rule| (rule.label.clone(), rule))
}

fn fits(label: &str, method: &str, path: &str) -> bool {
    let label = match label.split_once(' ') {
        Some((of, rest)) if of == method => rest,
        Some(_) => return false,
        None => label,
    };
    label == path || (label.ends_with('/') && path.starts_with(label))
}

fn is_excluded(limits: &RateLimits, client: &Client) -> bool {
    let Ok(address) = client.address.parse::<IpAddr>() else { return false };
    limits.excluded_ips.iter().any(|excluded| match excluded.parse::<IpNet>() {
        Ok(network) => network.contains(&address),
        Err(_) => excluded.parse() == Ok(address),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_exactly_or_below_a_slash_and_by_its_method() {
        let path = "/api/collections/users/request-otp";
        for label in [path, "/api/", "POST /api/", "/api/collections/users/"] {
            assert!(fits(label, "POST", path), "{label}");
        }
        for label in ["/api", "GET /api/", "/api/collections/users", "request-otp", ""] {
            assert!(!fits(label, "POST", path), "{label}");
        }
    }

    #[test]
    fn excluded_are_addresses_and_networks() {
        let limits = RateLimits {
            excluded_ips: vec!["10.0.0.0/8".to_owned(), "192.0.2.1".to_owned(), "2001:db8::/32".to_owned()],
            ..RateLimits::default()
        };
        let client = |address: &str| Client { address: address.to_owned(), user_agent: String::new() };
        for address in ["10.1.2.3", "192.0.2.1", "2001:db8::1"] {
            assert!(is_excluded(&limits, &client(address)), "{address}");
        }
        for address in ["11.0.0.1", "192.0.2.2", ""] {
            assert!(!is_excluded(&limits, &client(address)), "{address}");
        }
    }
}
