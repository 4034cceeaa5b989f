//! The `id_token`s that a provider could send, and those that an attacker could.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use backspin_core::Timestamp;
use backspin_oauth2::{Provider, id_token, nonce};
use backspin_schema::collection::OAuth2Provider;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value as Json, json};

const EC_KEY: &[u8] = include_bytes!("keys/ec.der");
const OTHER_KEY: &[u8] = include_bytes!("keys/other.der");
const RSA_KEY: &[u8] = include_bytes!("keys/rsa.der");
const KEYS: &[u8] = include_bytes!("keys/set.json");
const NOW: Timestamp = Timestamp::from_unix_ms(1_700_000_000_000);
const NOW_SECONDS: i64 = 1_700_000_000;

fn provider() -> Provider {
    let extra = json!({ "jwksURL": "https://id.example/keys", "issuers": ["https://id.example"] });
    Provider::of(&OAuth2Provider {
        name: "oidc".into(),
        client_id: "us".into(),
        extra: extra.as_object().unwrap().clone(),
        ..OAuth2Provider::default()
    })
    .unwrap()
}

/// The claims of a good token, with these in their place; null takes one away.
fn claims(other: Json) -> Json {
    let mut claims = json!({
        "iss": "https://id.example", "sub": "ann", "aud": "us", "nonce": nonce("verifier"),
        "iat": NOW_SECONDS, "exp": NOW_SECONDS + 600,
    });
    for (name, value) in other.as_object().unwrap() {
        match value {
            Json::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn sign(algorithm: Algorithm, key_id: Option<&str>, key: &EncodingKey, claims: &Json) -> String {
    let header = Header { kid: key_id.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn signed(other: Json) -> String {
    sign(Algorithm::ES256, Some("ec"), &EncodingKey::from_ec_der(EC_KEY), &claims(other))
}

/// Who has signed in, by a sign-in that began with the verifier `verifier`; `None` if the token is refused.
fn subject(token: &str) -> Option<String> {
    let claims = id_token::verify(&provider(), token, Some(KEYS), Some(&nonce("verifier")), NOW);
    Some(claims.ok()?["sub"].as_str()?.to_owned())
}

#[track_caller]
fn check(other: Json, is_good: bool) {
    assert_eq!(subject(&signed(other.clone())).is_some(), is_good, "{other}");
}

#[test]
fn a_token_of_the_provider_is_good() {
    assert_eq!(subject(&signed(json!({}))).as_deref(), Some("ann"));
    let rsa = EncodingKey::from_rsa_der(RSA_KEY);
    assert!(subject(&sign(Algorithm::RS256, Some("rsa"), &rsa, &claims(json!({})))).is_some());
    // Without the id of a key, each is tried.
    assert!(subject(&sign(Algorithm::RS256, None, &rsa, &claims(json!({})))).is_some());
}

#[test]
fn a_token_of_another_issuer_is_refused() {
    check(json!({ "iss": "https://evil.example" }), false);
    check(json!({ "iss": "https://id.example/" }), false);
    check(json!({ "iss": null }), false);
}

#[test]
fn a_token_for_another_client_is_refused() {
    check(json!({ "aud": "them" }), false);
    check(json!({ "aud": null }), false);
    check(json!({ "aud": [] }), false);
    check(json!({ "aud": ["us"] }), true);
    check(json!({ "aud": ["us", "them"], "azp": "us" }), true);
    check(json!({ "aud": ["us", "them"], "azp": "them" }), false);
    check(json!({ "aud": ["us", "them"] }), false);
}

#[test]
fn a_token_is_good_for_a_time() {
    check(json!({ "exp": NOW_SECONDS - 59 }), true);
    check(json!({ "exp": NOW_SECONDS - 60 }), false);
    check(json!({ "exp": null }), false);
    check(json!({ "exp": "tomorrow" }), false);
    check(json!({ "nbf": NOW_SECONDS + 60 }), true);
    check(json!({ "nbf": NOW_SECONDS + 61 }), false);
    check(json!({ "iat": NOW_SECONDS + 61 }), false);
}

#[test]
fn a_token_of_another_sign_in_is_refused() {
    check(json!({ "nonce": nonce("another verifier") }), false);
    check(json!({ "nonce": 1 }), false);
    check(json!({ "nonce": null }), true);
}

#[test]
fn a_token_with_a_nonce_is_no_good_where_the_sign_in_began_without_one() {
    let verify = |claims: &Json, keys: Option<&[u8]>| {
        let token = sign(Algorithm::ES256, Some("ec"), &EncodingKey::from_ec_der(EC_KEY), claims);
        id_token::verify(&provider(), &token, keys, None, NOW).is_ok()
    };
    for keys in [Some(KEYS), None] {
        assert!(!verify(&claims(json!({})), keys));
        assert!(!verify(&claims(json!({ "nonce": 1 })), keys));
        assert!(verify(&claims(json!({ "nonce": null })), keys));
        let mut told = claims(json!({}));
        told["nonce"] = Json::Null;
        assert!(verify(&told, keys), "one that is told to be none");
    }
}

#[test]
fn a_token_signed_by_somebody_else_is_refused() {
    let (other, good) = (EncodingKey::from_ec_der(OTHER_KEY), claims(json!({})));
    assert_eq!(subject(&sign(Algorithm::ES256, Some("ec"), &other, &good)), None);
    assert_eq!(subject(&sign(Algorithm::ES256, None, &other, &good)), None);
    assert_eq!(
        subject(&sign(Algorithm::ES256, Some("unknown"), &EncodingKey::from_ec_der(EC_KEY), &good)),
        None
    );
    // A key that is for another algorithm.
    let rsa = EncodingKey::from_rsa_der(RSA_KEY);
    assert_eq!(subject(&sign(Algorithm::RS512, Some("rsa"), &rsa, &good)), None);
}

#[test]
fn a_token_with_other_claims_than_were_signed_is_refused() {
    let (token, other) = (signed(json!({})), signed(json!({ "sub": "bob" })));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (token, other) = (parts(&token), parts(&other));
    assert_eq!(subject(&format!("{}.{}.{}", token[0], other[1], token[2])), None);
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let body = BASE64.encode(claims(json!({})).to_string());
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"None","kid":"ec"}"#, r#"{"alg":"ES256","kid":"ec"}"#, "{}"]
    {
        let header = BASE64.encode(header);
        assert_eq!(subject(&format!("{header}.{body}.")), None);
        assert_eq!(subject(&format!("{header}.{body}")), None);
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let set: Json = serde_json::from_slice(KEYS).unwrap();
    let secrets = set["keys"].as_array().unwrap().iter().flat_map(|key| {
        ["n", "x", "y"]
            .iter()
            .filter_map(|part| key[part].as_str())
            .flat_map(|part| [part.as_bytes().to_vec(), BASE64.decode(part).unwrap()])
    });
    let secrets: Vec<_> = secrets.chain([KEYS.to_vec()]).collect();
    assert!(secrets.len() > 6);
    for secret in secrets {
        let key = EncodingKey::from_secret(&secret);
        for (algorithm, id) in
            [(Algorithm::HS256, Some("rsa")), (Algorithm::HS256, None), (Algorithm::HS512, None)]
        {
            assert_eq!(subject(&sign(algorithm, id, &key, &claims(json!({})))), None);
        }
    }
    // Not even if the provider published one.
    let shared =
        json!({ "keys": [{ "kty": "oct", "k": BASE64.encode("secret"), "alg": "HS256" }] }).to_string();
    let token = sign(Algorithm::HS256, None, &EncodingKey::from_secret(b"secret"), &claims(json!({})));
    let nonce = nonce("verifier");
    assert!(id_token::verify(&provider(), &token, Some(shared.as_bytes()), Some(&nonce), NOW).is_err());
}

#[test]
fn a_key_for_encryption_signs_nothing() {
    let mut set: Json = serde_json::from_slice(KEYS).unwrap();
    set["keys"][0]["use"] = "enc".into();
    let set = set.to_string();
    let (token, nonce) = (signed(json!({})), nonce("verifier"));
    assert!(id_token::verify(&provider(), &token, Some(set.as_bytes()), Some(&nonce), NOW).is_err());
}

#[test]
fn what_is_no_token_or_no_key_set_is_refused() {
    for token in ["", ".", "..", "...", "a.b.c", "e30.e30.", &"x".repeat(100_000)] {
        assert_eq!(subject(token), None, "{token:.20}");
        assert!(id_token::verify(&provider(), token, None, None, NOW).is_err(), "{token:.20}");
    }
    for keys in ["", "{}", "[]", r#"{"keys":1}"#, r#"{"keys":[]}"#, r#"{"keys":[1,{}]}"#] {
        let (token, nonce) = (signed(json!({})), nonce("verifier"));
        let verified = id_token::verify(&provider(), &token, Some(keys.as_bytes()), Some(&nonce), NOW);
        assert!(verified.is_err(), "{keys}");
    }
}

#[test]
fn without_keys_the_claims_are_still_checked() {
    let subject = |other: Json| {
        id_token::verify(&provider(), &signed(other), None, Some(&nonce("verifier")), NOW).is_ok()
    };
    assert!(subject(json!({})));
    for wrong in [
        json!({ "aud": "them" }),
        json!({ "iss": "https://evil.example" }),
        json!({ "exp": 1 }),
        json!({ "nonce": "other" }),
    ] {
        assert!(!subject(wrong.clone()), "{wrong}");
    }
}
