//! Whether a request is looked at at all: where superusers may come from, and how often clients may ask.

mod route;

use std::borrow::Cow;

use backspin_core::{Platform, RequestParameters, Result};
use backspin_records::{RequestInfo, batch_request_failed};
use backspin_schema::{App, Caller};
use backspin_settings::ClientAddress;
use serde_json::{Map, Value as Json};

use crate::api_keys::identify_with_key;
use crate::rate_limit::{Applied, Asked, count, find_rule, too_many_requests};
use route::Route;

/// A request that has just come.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    pub method: &'a str,
    /// As sent, without surplus slashes.
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub parameters: &'a dyn RequestParameters,
}

/// Lets a request in. With settings that restrict nothing it takes no statement; else one to see who asks, if a token
/// is sent, and one to count, if a limit applies. Endpoints that sign in or send mail count for themselves.
///
/// Errors: 403 for a superuser from an address that the settings do not allow; 429 for too many requests.
pub async fn admit(app: &App<impl Platform>, arrival: Arrival<'_>) -> Result<()> {
    let snapshot = app.snapshot().await?;
    let settings = backspin_settings::of(&snapshot)?;
    let is_open = settings.superuser_ips.is_empty() && !settings.rate_limits.enabled;
    if is_open || !arrival.path.starts_with("/api/") {
        return Ok(());
    }
    // What makes nobody known here is refused by the endpoint.
    let caller = identify_with_key(app, arrival.token).await.unwrap_or(Caller::Guest);
    // Maybe read anew by that.
    let snapshot = app.snapshot().await?;
    let settings = backspin_settings::of(&snapshot)?;
    let address = ClientAddress::of(arrival.parameters, &settings.trusted_proxy);
    if caller.is_superuser() {
        return settings.check_superuser_address(address);
    }
    let path = decoded(arrival.path);
    let of = match Route::of(arrival.method, arrival.path) {
        Route::CountsItself => return Ok(()),
        Route::Other => None,
        Route::Collection { name, actions } => match snapshot.find(&name) {
            Some(collection) => Some((collection, actions)),
            // The endpoint tells that there is none.
            None => return Ok(()),
        },
    };
    if !settings.rate_limits.enabled {
        return Ok(());
    }
    count(app, &settings, (&caller, address), Asked { method: arrival.method, path: &path, of }).await
}

/// Counts the requests of the batch `body` as if each came by itself: all of them before the first is carried out, with
/// one statement for each limit that applies.
///
/// Errors: that of the batch, with the first request that is too many.
pub async fn admit_batch(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    body: &Map<String, Json>,
) -> Result<()> {
    let snapshot = app.snapshot().await?;
    let settings = backspin_settings::of(&snapshot)?;
    if !settings.rate_limits.enabled || request.caller.is_superuser() {
        return Ok(());
    }
    let mut limits: Vec<(Applied<'_>, Vec<usize>)> = Vec::new();
    for (position, write) in body.get("requests").and_then(Json::as_array).into_iter().flatten().enumerate() {
        let text = |key: &str| write.get(key).and_then(Json::as_str).unwrap_or_default();
        let path = text("url").split('?').next().unwrap_or_default();
        let Route::Collection { name, actions } = Route::of(text("method"), path) else { continue };
        let Some(collection) = snapshot.find(&name) else { continue };
        let path = decoded(path);
        let asked = Asked { method: text("method"), path: &path, of: Some((collection, actions)) };
        let address = ClientAddress::of(request.parameters, &settings.trusted_proxy);
        let Some(applied) = find_rule(&settings.rate_limits, request.caller, address, asked) else {
            continue;
        };
        match limits.iter_mut().find(|(other, _)| other.is_counted_with(&applied)) {
            Some((_, positions)) => positions.push(position),
            None => limits.push((applied, vec![position])),
        }
    }
    let mut refused = None;
    for (applied, positions) in limits {
        let asked = i64::try_from(positions.len()).unwrap_or(i64::MAX);
        let before = applied.count(app, asked).await? - asked;
        let free = usize::try_from(applied.rule.max_requests - before).unwrap_or_default();
        refused = positions.get(free).copied().into_iter().chain(refused).min();
    }
    refused.map_or(Ok(()), |position| Err(batch_request_failed(position, too_many_requests())))
}

/// A path as the labels of rules have it, however it was sent.
fn decoded(path: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy()
}
