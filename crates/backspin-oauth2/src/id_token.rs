//! The `id_token` of OpenID Connect: a signed statement of the provider who has signed in
//! (OpenID Connect Core 1.0, 3.1.3.7).

use backspin_core::{Error, Result, Timestamp, limits};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::Provider;

/// How far the provider's clock may be from ours.
const LEEWAY_SECONDS: i64 = 60;
const KEYS_MAX: usize = 50;

/// The claims of an `id_token` that the provider has signed, for this client, for this sign-in, and that is not over.
///
/// `keys` is the provider's JSON Web Key Set; `None` if there is none, which is right only for a token that has come from
/// the provider itself over a connection that nobody else can write to (3.1.3.7, point 6). `nonce` is what the sign-in began
/// with; `None` if nothing: then a token with one is of another sign-in. A sign-in that began elsewhere has no nonce, so a
/// token without one is good as well.
///
/// Errors: 400 for any other token. It does not say why.
pub fn verify(
    provider: &Provider,
    token: &str,
    keys: Option<&[u8]>,
    nonce: Option<&str>,
    now: Timestamp,
) -> Result<Json> {
    let claims = match keys {
        Some(keys) => signed_claims(token, keys),
        None => unsigned_claims(token),
    };
    claims
        .filter(|claims| is_for_us(provider, claims, nonce, now))
        .ok_or_else(|| Error::bad_request("The id_token of the identity provider is not valid."))
}

fn signed_claims(token: &str, keys: &[u8]) -> Option<Json> {
    if token.len() > limits::TOKEN_BYTES_MAX {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    // A key that the provider publishes must never be taken for a shared secret.
    if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
        return None;
    }
    let set: Json = serde_json::from_slice(keys).ok()?;
    // A key of a kind that is not known here is no reason to refuse the others.
    let keys =
        set.get("keys")?.as_array()?.iter().take(KEYS_MAX).filter_map(|key| Jwk::deserialize(key).ok());
    let mut fitting = keys.filter(|key| header.kid.is_none() || key.common.key_id == header.kid);
    fitting.find_map(|key| claims_signed_with(&key, header.alg, token))
}

fn unsigned_claims(token: &str) -> Option<Json> {
    if token.len() > limits::TOKEN_BYTES_MAX {
        return None;
    }
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
}

fn claims_signed_with(key: &Jwk, algorithm: Algorithm, token: &str) -> Option<Json> {
    // A key that names its algorithm or its use is for no other.
    let fits = key.common.key_algorithm.is_none_or(|of_key| of_key == as_key_algorithm(algorithm))
        && key.common.public_key_use.as_ref().is_none_or(|of_key| *of_key == PublicKeyUse::Signature);
    let decoding_key = DecodingKey::from_jwk(key).ok().filter(|_| fits)?;
    let mut validation = Validation::new(algorithm);
    // What the claims must be is checked below, against our own clock.
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    jsonwebtoken::decode::<Json>(token, &decoding_key, &validation).ok().map(|data| data.claims)
}

fn as_key_algorithm(algorithm: Algorithm) -> KeyAlgorithm {
    match algorithm {
        Algorithm::HS256 => KeyAlgorithm::HS256,
        Algorithm::HS384 => KeyAlgorithm::HS384,
        Algorithm::HS512 => KeyAlgorithm::HS512,
        Algorithm::ES256 => KeyAlgorithm::ES256,
        Algorithm::ES384 => KeyAlgorithm::ES384,
        Algorithm::RS256 => KeyAlgorithm::RS256,
        Algorithm::RS384 => KeyAlgorithm::RS384,
        Algorithm::RS512 => KeyAlgorithm::RS512,
        Algorithm::PS256 => KeyAlgorithm::PS256,
        Algorithm::PS384 => KeyAlgorithm::PS384,
        Algorithm::PS512 => KeyAlgorithm::PS512,
        Algorithm::EdDSA => KeyAlgorithm::EdDSA,
    }
}

fn is_for_us(provider: &Provider, claims: &Json, nonce: Option<&str>, now: Timestamp) -> bool {
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    let seconds = |name: &str| claims.get(name).and_then(Json::as_f64).map(|seconds| seconds as i64);
    let now = now.unix_seconds();
    let issuers = provider.id_token.as_ref().map(|rules| rules.issuers.as_slice()).unwrap_or_default();
    let is_issued = issuers.is_empty() || issuers.iter().any(|issuer| text("iss") == Some(issuer));
    let is_audience = match claims.get("aud") {
        Some(Json::String(audience)) => *audience == provider.client_id,
        // Among several, the one that it was issued to must be us.
        Some(Json::Array(audiences)) => {
            audiences.iter().any(|audience| audience.as_str() == Some(provider.client_id.as_str()))
                && (audiences.len() == 1 || text("azp") == Some(provider.client_id.as_str()))
        }
        _ => false,
    };
    let is_in_time = seconds("exp").is_some_and(|end| end > now - LEEWAY_SECONDS)
        && seconds("nbf").is_none_or(|begin| begin <= now + LEEWAY_SECONDS)
        && seconds("iat").is_none_or(|begin| begin <= now + LEEWAY_SECONDS);
    let found = claims.get("nonce").filter(|found| !found.is_null());
    let is_this_sign_in = found.is_none_or(|found| nonce.is_some() && found.as_str() == nonce);
    is_issued && is_audience && is_in_time && is_this_sign_in && !provider.client_id.is_empty()
}
