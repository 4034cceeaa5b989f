//! The request headers by which Spin tells a component how it was reached.

use std::net::SocketAddr;

use http::header::InvalidHeaderValue;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::RouteMatch;
use super::pattern::header_form;

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");
const PATH_MATCH_PREFIX: &str = "spin-path-match-";

/// The headers that are the same for every request of one route.
#[derive(Debug)]
pub(super) struct RouteHeaders {
    matched: HeaderValue,
    raw: HeaderValue,
    /// Without `/...`.
    prefix: HeaderValue,
    /// `spin-path-match-NAME` for each parameter, in order.
    parameters: Vec<HeaderName>,
}

impl RouteHeaders {
    pub(super) fn new(absolute: &str, written: &str, parameters: &[String]) -> Result<Self, String> {
        let value = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
        let parameters = parameters.iter().map(|name| {
            HeaderName::try_from(format!("{PATH_MATCH_PREFIX}{}", header_form(name)))
                .map_err(|error| error.to_string())
        });
        Ok(Self {
            matched: value(absolute)?,
            raw: value(written)?,
            prefix: value(written.strip_suffix("/...").unwrap_or(written))?,
            parameters: parameters.collect::<Result<_, _>>()?,
        })
    }
}

/// `spin-full-url`: `authority` is the request's `Host`, or `localhost`.
///
/// # Errors
/// A control character in one of the parts.
pub fn full_url(
    scheme: &str,
    authority: &str,
    path_and_query: &str,
) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut url = String::with_capacity(scheme.len() + authority.len() + path_and_query.len() + 3);
    url.extend([scheme, "://", authority, path_and_query]);
    HeaderValue::try_from(url)
}

/// `spin-client-addr`: the same for every request of a connection.
pub fn client_address(client: SocketAddr) -> HeaderValue {
    // Digits, dots, colons and brackets are always a valid value.
    HeaderValue::try_from(client.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl RouteMatch<'_, '_> {
    /// Sets Spin's headers and removes whatever copies of them the client sent.
    ///
    /// # Errors
    /// A path that cannot stand in a header.
    pub fn set_headers(
        &self,
        headers: &mut HeaderMap,
        full_url: HeaderValue,
        client_address: HeaderValue,
    ) -> Result<(), InvalidHeaderValue> {
        remove_path_matches(headers);
        let route = &self.route.headers;
        headers.insert(PATH_INFO, HeaderValue::from_bytes(self.trailing.unwrap_or_default().as_bytes())?);
        headers.insert(FULL_URL, full_url);
        headers.insert(MATCHED_ROUTE, route.matched.clone());
        headers.insert(BASE_PATH, HeaderValue::from_static("/"));
        headers.insert(RAW_COMPONENT_ROUTE, route.raw.clone());
        headers.insert(COMPONENT_ROUTE, route.prefix.clone());
        headers.insert(CLIENT_ADDR, client_address);
        for (name, value) in route.parameters.iter().zip(&self.values) {
            headers.insert(name.clone(), HeaderValue::from_bytes(value.as_bytes())?);
        }
        Ok(())
    }
}

/// Parameters of other routes would pass for this one's.
fn remove_path_matches(headers: &mut HeaderMap) {
    let is_path_match = |name: &HeaderName| name.as_str().starts_with(PATH_MATCH_PREFIX);
    while let Some(name) = headers.keys().find(|name| is_path_match(name)).cloned() {
        headers.remove(name);
    }
}
