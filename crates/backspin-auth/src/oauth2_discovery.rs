//! `POST /api/collections/meta/oauth2-discovery`: an issuer in, the settings of its OpenID provider out.

use backspin_core::{Error, FieldError, NetworkError, Outbound, OutboundRequest, Result};
use backspin_oauth2::{URL_BYTES_MAX, discovery_request, read_discovery};
use backspin_query::Fields;
use backspin_schema::Caller;
use backspin_schema::value::required;
use serde::Deserialize;

use crate::form::{null_is_empty, refused};

/// Documents that are in use have a few KiB.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;
const FAILED: &str = "The OpenID provider could not be discovered.";

/// Whose settings are asked for. Absent and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Issuer {
    #[serde(deserialize_with = "null_is_empty")]
    pub issuer: String,
}

/// What to save as a provider of a collection, beside its name and the client's id and secret, as JSON:
/// `{"authURL","tokenURL","userInfoURL","pkce","extra":{"jwksURL","issuers"}}`. `fields` picks of it.
///
/// Errors: 401, 403 for others than superusers; 400 with `data.issuer` for what is no issuer, one that cannot be reached,
/// or whose document does not describe a provider that can be used.
pub async fn oauth2_discovery(
    caller: &Caller,
    outbound: &impl Outbound,
    issuer: Result<Issuer>,
    fields: &str,
) -> Result<Vec<u8>> {
    caller.require_superuser()?;
    let issuer = issuer?.issuer;
    let fields = Fields::parse(fields)?;
    if issuer.is_empty() {
        return Err(refused("issuer", required()));
    }
    let request = discovery_request(&issuer).ok_or_else(|| {
        let message = format!(
            "Must be the URL of an issuer, such as https://id.example.com, without query and fragment, \
             of at most {URL_BYTES_MAX} bytes. Plain http is for this machine alone."
        );
        refused("issuer", FieldError::new("validation_is_url", message))
    })?;
    let document = get(outbound, request).await?;
    let settings = read_discovery(&issuer, &document)
        .map_err(|error| failed("validation_invalid_discovery", error.to_string()))?;
    Ok(fields.pick(settings).to_string().into_bytes())
}

async fn get(outbound: &impl Outbound, request: OutboundRequest) -> Result<Vec<u8>> {
    let url = request.uri().clone();
    let reply = outbound.send(request, DOCUMENT_BYTES_MAX).await.map_err(|error| match error {
        NetworkError::Denied(origin) => {
            let message = format!(
                "This server may not connect to {origin}. Start it with --variable oauth2_origin={origin}, \
                 or with oauth2_origin_2 or oauth2_origin_3 if others are taken."
            );
            failed("validation_host_not_allowed", message)
        }
        error => failed("validation_unreachable", format!("{url} does not answer: {error}.")),
    })?;
    match reply.status() {
        status if status.is_success() => Ok(reply.into_body()),
        status if status.is_redirection() => {
            let message = format!("{url} redirects. Ask for the issuer that it leads to, if you trust it.");
            Err(failed("validation_unreachable", message))
        }
        status => Err(failed("validation_unreachable", format!("{url} replies {}.", status.as_u16()))),
    }
}

fn failed(code: &str, reason: String) -> Error {
    Error::field(FAILED, "issuer", code, reason)
}
