//! Tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256, with PocketBase's claims.

use backspin_core::{Timestamp, limits};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenType {
    Auth,
    File,
    Verification,
    PasswordReset,
    EmailChange,
}

/// What a token says. Keys are in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The collection of the record.
    pub collection_id: String,
    /// Of a token that was mailed: the record's email then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// The record.
    pub id: String,
    /// Of a token to change the email: the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
    /// Of a session: whether it may be exchanged for a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    /// Of a session: its id in `_sessions`. Tokens of an imported PocketBase have none.
    #[serde(default, rename = "sid", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    #[serde(rename = "type")]
    pub kind: TokenType,
}

impl Claims {
    /// The signed token. `key` is what [`crate::token_keys`] makes of the record's.
    pub fn sign(&self, key: &str) -> String {
        // A struct of strings and numbers always serialises.
        let claims = serde_json::to_vec(self).unwrap_or_default();
        let signed = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(claims));
        let signature = mac(key, &signed).finalize().into_bytes();
        format!("{signed}.{}", BASE64.encode(signature))
    }
}

/// A token that is well formed and not over, and whose signature is yet to be checked.
pub(crate) struct Unverified<'a> {
    pub(crate) claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// `None` for anything but a token of ours that lasts beyond `now`. In particular the algorithm
    /// must be the one that we sign with.
    pub(crate) fn parse(token: &'a str, now: Timestamp) -> Option<Self> {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
        }
        if token.len() > limits::TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&BASE64.decode(header).ok()?).ok()?;
        let claims: Claims = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
        let signature = BASE64.decode(signature).ok()?;
        let lasts = header.alg == "HS256" && claims.exp > now.unix_seconds();
        lasts.then_some(Unverified { claims, signed, signature })
    }

    /// Whether it was signed with `key`. Takes the same time wherever the signature differs.
    pub(crate) fn is_signed_with(&self, key: &str) -> bool {
        mac(key, self.signed).verify_slice(&self.signature).is_ok()
    }
}

fn mac(key: &str, signed: &str) -> Hmac<Sha256> {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(signed.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_700_000_000_000);

    fn claims() -> Claims {
        Claims {
            collection_id: "pbc_3142635823".into(),
            exp: 1_700_000_001,
            email: None,
            id: "9iqbeqr9v388mk8".into(),
            new_email: None,
            refreshable: Some(true),
            session_id: None,
            kind: TokenType::Auth,
        }
    }

    #[test]
    fn a_token_has_the_claims_of_pocketbase() {
        let token = claims().sign("key");
        let mut parts = token.split('.').map(|part| BASE64.decode(part).unwrap());
        assert_eq!(parts.next().unwrap(), HEADER.as_bytes());
        assert_eq!(
            String::from_utf8(parts.next().unwrap()).unwrap(),
            r#"{"collectionId":"pbc_3142635823","exp":1700000001,"id":"9iqbeqr9v388mk8","refreshable":true,"type":"auth"}"#
        );
    }

    #[test]
    fn a_token_of_a_session_names_it() {
        let claims = Claims { session_id: Some("4pyihbs67iq0o9p".into()), ..claims() };
        assert_eq!(
            serde_json::to_string(&claims).unwrap(),
            r#"{"collectionId":"pbc_3142635823","exp":1700000001,"id":"9iqbeqr9v388mk8","refreshable":true,"sid":"4pyihbs67iq0o9p","type":"auth"}"#
        );
    }

    #[test]
    fn a_token_that_is_mailed_has_the_claims_of_pocketbase() {
        let claims = Claims {
            email: Some("a@b.co".into()),
            new_email: Some("c@d.co".into()),
            refreshable: None,
            kind: TokenType::EmailChange,
            ..claims()
        };
        assert_eq!(
            serde_json::to_string(&claims).unwrap(),
            r#"{"collectionId":"pbc_3142635823","email":"a@b.co","exp":1700000001,"id":"9iqbeqr9v388mk8","newEmail":"c@d.co","type":"emailChange"}"#
        );
    }

    #[test]
    fn a_token_is_accepted_with_its_key_alone() {
        let token = claims().sign("key");
        let parsed = Unverified::parse(&token, NOW).unwrap();
        assert_eq!(parsed.claims, claims());
        assert!(parsed.is_signed_with("key"));
        assert!(!parsed.is_signed_with("kez"));
        assert!(!parsed.is_signed_with(""));
    }

    #[test]
    fn an_old_token_is_refused() {
        let token = claims().sign("key");
        assert!(Unverified::parse(&token, Timestamp::from_unix_ms(1_700_000_000_999)).is_some());
        assert!(Unverified::parse(&token, Timestamp::from_unix_ms(1_700_000_001_000)).is_none());
    }

    #[test]
    fn a_tampered_or_foreign_token_is_refused() {
        let token = claims().sign("key");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let other = BASE64.encode(serde_json::to_vec(&Claims { id: "other".into(), ..claims() }).unwrap());
        let swapped = format!("{header}.{other}.{signature}");
        assert!(!Unverified::parse(&swapped, NOW).unwrap().is_signed_with("key"));

        let none = BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let (_, claims) = signed.split_once('.').unwrap();
        for bad in ["", ".", "..", "a.b.c", signed, &format!("{none}.{claims}."), &"x".repeat(100_000)] {
            assert!(Unverified::parse(bad, NOW).is_none(), "{bad:.40}");
        }
        let cut = &token[..token.len() - 4];
        assert!(Unverified::parse(cut, NOW).is_none_or(|token| !token.is_signed_with("key")));
    }
}
