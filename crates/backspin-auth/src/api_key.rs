//! API keys: how one looks, and what of it is kept.

use backspin_core::{Env, Value, id};
use backspin_schema::AuthRecord;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

/// So that people, and programs that look for secrets in files, know one when they see it.
const PREFIX: &str = "bsk_";
/// 43 of 62 characters are 256 bits.
const SECRET_CHARS: usize = 43;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A key as its bearer sends it. It is kept nowhere.
pub(crate) struct ApiKey(String);

impl ApiKey {
    pub(crate) fn random(env: &impl Env) -> Self {
        ApiKey(format!("{PREFIX}{}", id::random_string(env, SECRET_CHARS, ALPHABET)))
    }

    /// Whether the token claims to be a key, whatever becomes of that.
    pub(crate) fn is_meant(token: &str) -> bool {
        token.starts_with(PREFIX)
    }

    /// `None` for what is no key of ours.
    pub(crate) fn parse(token: &str) -> Option<Self> {
        let secret = token.strip_prefix(PREFIX)?;
        let fits = secret.len() == SECRET_CHARS && secret.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then(|| ApiKey(token.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept in its place. The key is random, so nothing slower than SHA-256 is needed, and a row that is found by
    /// its hash tells nothing by the time it takes.
    pub(crate) fn hash(&self) -> String {
        BASE64.encode(Sha256::digest(&self.0))
    }
}

/// Stands for the token key of an account, to which its keys are bound: a change of the password or the email ends them.
/// `None` if it has none.
pub(crate) fn stamp(owner: &AuthRecord) -> Option<String> {
    match owner.get("tokenKey") {
        Some(Value::Text(key)) if !key.is_empty() => {
            let digest = Sha256::new().chain_update("api key of ").chain_update(key).finalize();
            Some(BASE64.encode(&digest[..16]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_key_is_looked_up() {
        let secret = "a".repeat(SECRET_CHARS);
        assert_eq!(ApiKey::parse(&format!("bsk_{secret}")).unwrap().as_str(), format!("bsk_{secret}"));
        for bad in [&secret, "bsk_", &format!("bsk_{secret}a"), &format!("bsk_{}-", &secret[1..]), "BSK_"] {
            assert!(ApiKey::parse(bad).is_none(), "{bad}");
        }
    }
}
