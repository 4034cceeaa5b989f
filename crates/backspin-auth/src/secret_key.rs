//! What the application's variable `secret_key` protects from thieves of the database: secrets that have to be read again are
//! sealed with it, and kept as they are without it; other keys are derived from it.

use backspin_core::{Env, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const VARIABLE: &str = "secret_key";
const KEY_BYTES_MIN: usize = 32;
const NONCE_BYTES: usize = 24;
/// What the key is for that seals.
const PURPOSE: &[u8] = b"backspin: sealed secrets, 1";
const SEALED: &str = "sealed:";
const PLAIN: &str = "plain:";

/// The text to be stored for `secret`, which can be opened with the same `place` only.
///
/// Errors: 500 if the variable is too short to be a key.
pub(crate) async fn seal(env: &impl Env, secret: &[u8], place: &[&str]) -> Result<String> {
    let Some(cipher) = cipher(env).await? else { return Ok(format!("{PLAIN}{}", BASE64.encode(secret))) };
    let mut nonce = [0; NONCE_BYTES];
    env.fill_random(&mut nonce);
    let payload = Payload { msg: secret, aad: &named(place) };
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload);
    let sealed = sealed.map_err(|_| Error::internal("a secret cannot be sealed"))?;
    Ok(format!("{SEALED}{}", BASE64.encode([nonce.as_slice(), &sealed].concat())))
}

/// The secret that [`seal`] made the text of.
///
/// Errors: 500 if the variable is missing or another than then, or the text belongs elsewhere.
pub(crate) async fn unseal(env: &impl Env, stored: &str, place: &[&str]) -> Result<Vec<u8>> {
    let unreadable = || Error::internal("a stored secret cannot be read");
    if let Some(plain) = stored.strip_prefix(PLAIN) {
        return BASE64.decode(plain).map_err(|_| unreadable());
    }
    let sealed = stored.strip_prefix(SEALED).and_then(|sealed| BASE64.decode(sealed).ok());
    let sealed = sealed.ok_or_else(unreadable)?;
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
    let missing =
        || Error::internal(format!("the variable {VARIABLE}, which a secret was sealed with, is missing"));
    let cipher = cipher(env).await?.ok_or_else(missing)?;
    let opened = cipher.decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: &named(place) });
    opened.map_err(|_| Error::internal(format!("a secret was sealed with another {VARIABLE}, or elsewhere")))
}

/// `None` without the variable.
async fn cipher(env: &impl Env) -> Result<Option<XChaCha20Poly1305>> {
    Ok(derive(env, PURPOSE).await?.map(|key| XChaCha20Poly1305::new(&key.into())))
}

/// A key for `purpose`, so that one variable may serve for several; `None` without the variable.
///
/// Errors: 500 if the variable is too short to be a key.
pub(crate) async fn derive(env: &impl Env, purpose: &[u8]) -> Result<Option<[u8; 32]>> {
    let Some(variable) = env.variable(VARIABLE).await? else { return Ok(None) };
    if variable.len() < KEY_BYTES_MIN {
        let message =
            format!("the variable {VARIABLE} needs {KEY_BYTES_MIN} characters or more, all of them random");
        return Err(Error::internal(message));
    }
    let unusable = |_| Error::internal(format!("the variable {VARIABLE} cannot be used as a key"));
    let key = <Hmac<Sha256> as Mac>::new_from_slice(variable.as_bytes()).map_err(unusable)?;
    Ok(Some(key.chain_update(purpose).finalize().into_bytes().into()))
}

fn named(place: &[&str]) -> Vec<u8> {
    serde_json::to_vec(place).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_native::FixedEnv;
    use futures::executor::block_on;

    const PLACE: [&str; 2] = ["totp", "bob"];

    fn with_key(key: &str) -> FixedEnv {
        FixedEnv::new().with_variable(VARIABLE, key)
    }

    fn is_opened(env: &FixedEnv, stored: &str, place: &[&str]) -> bool {
        block_on(unseal(env, stored, place)).is_ok_and(|secret| secret == b"secret")
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_place_alone() {
        let env = with_key("0123456789abcdef0123456789abcdef");
        let stored = block_on(seal(&env, b"secret", &PLACE)).unwrap();
        assert_ne!(stored, block_on(seal(&env, b"secret", &PLACE)).unwrap());
        assert!(is_opened(&env, &stored, &PLACE));
        assert!(!is_opened(&env, &stored, &["totp", "alice"]));
        assert!(!is_opened(&with_key("0123456789abcdef0123456789abcdeF"), &stored, &PLACE));
        assert!(!is_opened(&FixedEnv::new(), &stored, &PLACE));
        for at in [SEALED.len(), stored.len() / 2, stored.len() - 2] {
            let mut tampered = stored.clone().into_bytes();
            tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
            assert!(!is_opened(&env, &String::from_utf8(tampered).unwrap(), &PLACE), "{at}");
        }
        for none in ["", SEALED, "sealed:AAAA", "secret", "sealed:!"] {
            assert!(!is_opened(&env, none, &PLACE), "{none}");
        }
    }

    #[test]
    fn without_a_key_it_is_kept_as_it_is_and_opens_with_one_that_is_set_later() {
        let stored = block_on(seal(&FixedEnv::new(), b"secret", &PLACE)).unwrap();
        assert!(is_opened(&FixedEnv::new(), &stored, &PLACE));
        assert!(is_opened(&with_key("0123456789abcdef0123456789abcdef"), &stored, &PLACE));
        assert!(block_on(seal(&with_key("0123456789abcdef"), b"secret", &PLACE)).is_err());
    }
}
