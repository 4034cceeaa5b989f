//! How often clients may ask, by the rules of the settings.

use backspin_core::{Error, Platform, Result};
use backspin_records::RequestInfo;
use backspin_schema::{App, Attempt, Caller, Collection};
use backspin_settings::{ClientAddress, RateLimitRule, RateLimits, Settings};

use crate::throttle::count_in_window;

/// What rules call a request: a path and actions, the most particular first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    /// The last segment of `/api/collections/:collection/…`.
    pub(crate) path: &'static str,
    pub(crate) actions: &'static [&'static str],
}

/// A request as rules see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// Decoded.
    pub(crate) path: &'a str,
    /// Requests of a collection are counted apart from those of others, by what they do.
    pub(crate) of: Option<(&'a Collection, &'a [&'a str])>,
}

/// The rule that a request falls under, and what it is counted with.
pub(crate) struct Applied<'a> {
    pub(crate) rule: &'a RateLimitRule,
    key: [String; 5],
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
        // The endpoint itself tells that there is no such collection.
        if let (true, Some(found)) = (settings.rate_limits.enabled, snapshot.find(collection)) {
            let path = format!("/api/collections/{collection}/{}", endpoint.path);
            let of = Some((found, endpoint.actions));
            let asked = Asked { method: request.method, path: &path, of };
            let address = ClientAddress::of(request.parameters, &settings.trusted_proxy);
            count(app, &settings, (request.caller, address), asked).await?;
        }
        Ok(Attempt::Done(()))
    })
    .await
}

/// Counts one request of a sender who is no superuser.
///
/// Errors: 429 if there were too many.
pub(crate) async fn count(
    app: &App<impl Platform>,
    settings: &Settings,
    (caller, address): (&Caller, ClientAddress),
    asked: Asked<'_>,
) -> Result<()> {
    let Some(applied) = find_rule(&settings.rate_limits, caller, address, asked) else { return Ok(()) };
    match applied.count(app, 1).await? <= applied.rule.max_requests {
        true => Ok(()),
        false => Err(too_many_requests()),
    }
}

/// In PocketBase's words.
pub(crate) fn too_many_requests() -> Error {
    Error::TooManyRequests("Too Many Requests.".to_owned())
}

impl Applied<'_> {
    /// Counts so many requests more. Returns how many the present window has now.
    pub(crate) async fn count(&self, app: &App<impl Platform>, requests: i64) -> Result<i64> {
        let key = self.key.each_ref().map(String::as_str);
        count_in_window(app, &key, self.rule.duration.saturating_mul(1000), requests).await
    }

    pub(crate) fn is_counted_with(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// The rule, unless the address is excluded. Actions go before paths; of each, the first rule with that label is it, or
/// else the first of those that end with `/` under which a path is.
pub(crate) fn find_rule<'a>(
    limits: &'a RateLimits,
    caller: &Caller,
    address: ClientAddress,
    asked: Asked<'_>,
) -> Option<Applied<'a>> {
    if address.is_among(&limits.excluded_ips) {
        return None;
    }
    let audience = if *caller == Caller::Guest { "@guest" } else { "@auth" };
    let rules = || limits.rules.iter().filter(|rule| rule.audience.is_empty() || rule.audience == audience);
    let rule = labels(asked).into_iter().find_map(|label| {
        let exact = rules().find(|rule| rule.label == label);
        let below = format!("{label}/");
        exact.or_else(|| rules().find(|rule| rule.label.ends_with('/') && below.starts_with(&rule.label)))
    })?;
    let counted = match asked.of {
        Some((collection, actions)) => format!("{}:{}", collection.id, actions.first().unwrap_or(&"")),
        None => rule.label.clone(),
    };
    // A rule that is changed counts anew.
    let limit = format!("{} {} {}", rule.label, rule.max_requests, rule.duration);
    let network = address.network().to_string();
    let key = ["rate".to_owned(), counted, limit, rule.audience.clone(), network];
    Some(Applied { rule, key })
}

/// What rules may call the request, the most particular first.
fn labels(asked: Asked<'_>) -> Vec<String> {
    let (name, actions) = asked.of.map_or(("", &[][..]), |(collection, actions)| (&collection.name, actions));
    let of_actions = |of: &str| actions.iter().map(|action| format!("{of}:{action}")).collect::<Vec<_>>();
    let paths = vec![format!("{} {}", asked.method, asked.path), asked.path.to_owned()];
    [of_actions(name), of_actions("*"), paths].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(labels: &[(&str, &str)]) -> RateLimits {
        let rule = |(number, (label, audience)): (usize, &(&str, &str))| RateLimitRule {
            label: (*label).to_owned(),
            audience: (*audience).to_owned(),
            duration: 1,
            max_requests: i64::try_from(number).unwrap_or_default(),
        };
        let rules = labels.iter().enumerate().map(rule).collect();
        RateLimits { rules, excluded_ips: vec!["10.0.0.0/8".to_owned()], enabled: true }
    }

    /// The position of the rule under which a guest's request without a collection falls.
    fn position(labels: &[(&str, &str)], method: &str, path: &str) -> Option<i64> {
        let asked = Asked { method, path, of: None };
        find_rule(&limits(labels), &Caller::Guest, ClientAddress::parse("192.0.2.1"), asked)
            .map(|applied| applied.rule.max_requests)
    }

    #[test]
    fn a_path_fits_exactly_or_below_a_slash_and_by_its_method() {
        let path = "/api/collections/users/request-otp";
        let below = "/api/collections/users/request-otp/";
        for label in [path, below, "/api/", "POST /api/", "/api/collections/users/"] {
            assert_eq!(position(&[(label, "")], "POST", path), Some(0), "{label}");
        }
        for label in ["/api", "GET /api/", "/api/collections/users", "request-otp", "", "*:requestOTP"] {
            assert_eq!(position(&[(label, "")], "POST", path), None, "{label}");
        }
    }

    #[test]
    fn a_label_with_its_method_goes_first_then_an_exact_one_then_the_first_that_fits() {
        let path = "/api/settings";
        assert_eq!(position(&[("/api/", ""), ("GET /api/", "")], "GET", path), Some(1));
        assert_eq!(position(&[("/api/", ""), (path, "")], "GET", path), Some(1));
        assert_eq!(position(&[("/", ""), ("/api/", "")], "GET", path), Some(0));
        assert_eq!(position(&[(path, "@auth"), ("/api/", "@guest")], "GET", path), Some(1));
    }

    #[test]
    fn excluded_addresses_fall_under_none() {
        let limits = limits(&[("/api/", "")]);
        let asked = Asked { method: "GET", path: "/api/health", of: None };
        for (address, is_counted) in [("10.1.2.3", false), ("11.0.0.1", true), ("", true)] {
            let found = find_rule(&limits, &Caller::Guest, ClientAddress::parse(address), asked);
            assert_eq!(found.is_some(), is_counted, "{address}");
        }
    }
}
