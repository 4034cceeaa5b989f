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
/// What the keys are for that seal.
const ENCRYPTION: &[u8] = b"backspin: sealed secrets, 1";
const NONCES: &[u8] = b"backspin: nonces of sealed secrets, 1";
/// How stored secrets begin: sealed, or readable as BASE64.
const SEALED: &str = "sealed:";
const PLAIN: &str = "plain:";

/// The variable `secret_key`, or that there is none.
#[derive(Clone, Default)]
pub struct SecretKey(Option<String>);

impl SecretKey {
    /// That of the application.
    ///
    /// Errors: 500 if the variable is too short to be a key.
    pub async fn of(env: &impl Env) -> Result<Self> {
        let variable = env.variable(VARIABLE).await?;
        if variable.as_ref().is_some_and(|variable| variable.len() < KEY_BYTES_MIN) {
            let message = format!(
                "the variable {VARIABLE} needs {KEY_BYTES_MIN} characters or more, all of them random"
            );
            return Err(Error::internal(message));
        }
        Ok(SecretKey(variable))
    }

    /// A key for `purpose`, so that one variable may serve for several; `None` without the variable.
    pub fn derive(&self, purpose: &[u8]) -> Result<Option<[u8; 32]>> {
        self.0.as_ref().map(|variable| hmac_of(variable.as_bytes(), &[purpose])).transpose()
    }

    /// The text to be stored for `secret`, which can be opened with the same `place` only. It is the same text each time.
    pub fn seal(&self, secret: &[u8], place: &[&str]) -> Result<String> {
        let (Some(encryption), Some(nonces)) = (self.derive(ENCRYPTION)?, self.derive(NONCES)?) else {
            return Ok(format!("{PLAIN}{}", BASE64.encode(secret)));
        };
        let place = named(place);
        // A nonce made of what is sealed is never used for anything else, and no change is seen where nothing has changed.
        let nonce = hmac_of(&nonces, &[&place, secret])?;
        let nonce = &nonce[..NONCE_BYTES];
        let payload = Payload { msg: secret, aad: &place };
        let sealed = XChaCha20Poly1305::new(&encryption.into()).encrypt(XNonce::from_slice(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a secret cannot be sealed"))?;
        Ok(format!("{SEALED}{}", BASE64.encode([nonce, &sealed].concat())))
    }

    /// The secret that [`SecretKey::seal`] made the text of.
    ///
    /// Errors: 500 if the variable is missing or another than then, or the text belongs elsewhere.
    pub fn unseal(&self, stored: &str, place: &[&str]) -> Result<Vec<u8>> {
        let unreadable = || Error::internal("a stored secret cannot be read");
        if let Some(plain) = stored.strip_prefix(PLAIN) {
            return BASE64.decode(plain).map_err(|_| unreadable());
        }
        let sealed = stored.strip_prefix(SEALED).and_then(|sealed| BASE64.decode(sealed).ok());
        let sealed = sealed.ok_or_else(unreadable)?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
        let missing = || {
            Error::internal(format!("the variable {VARIABLE}, which a secret was sealed with, is missing"))
        };
        let key = self.derive(ENCRYPTION)?.ok_or_else(missing)?;
        let payload = Payload { msg: sealed, aad: &named(place) };
        let opened = XChaCha20Poly1305::new(&key.into()).decrypt(XNonce::from_slice(nonce), payload);
        opened.map_err(|_| {
            Error::internal(format!("a secret was sealed with another {VARIABLE}, or elsewhere"))
        })
    }

    /// As [`SecretKey::seal`], for a text that stands where PocketBase has it as it is: so it does here without the variable.
    /// An empty text is no secret.
    pub fn seal_text(&self, secret: &str, place: &[&str]) -> Result<String> {
        match (&self.0, secret) {
            (_, "") => Ok(String::new()),
            (None, secret) if !Self::has_sealed(secret) => Ok(secret.to_owned()),
            _ => self.seal(secret.as_bytes(), place),
        }
    }

    /// The text to be stored in place of `stored` for what is `stored` still if nobody has entered another secret. What was stored
    /// before there was a key is sealed now.
    pub fn seal_changed(&self, secret: &str, stored: &str, place: &[&str]) -> Result<String> {
        match secret == stored && Self::has_sealed(stored) {
            true => Ok(stored.to_owned()),
            false => self.seal_text(secret, place),
        }
    }

    /// Whether `stored` looks like what [`SecretKey::seal`] makes.
    pub fn has_sealed(stored: &str) -> bool {
        stored.starts_with(SEALED) || stored.starts_with(PLAIN)
    }

    /// The text that [`SecretKey::seal_text`] was given.
    ///
    /// Errors: as those of [`SecretKey::unseal`].
    pub fn unseal_text(&self, stored: &str, place: &[&str]) -> Result<String> {
        if !Self::has_sealed(stored) {
            return Ok(stored.to_owned());
        }
        String::from_utf8(self.unseal(stored, place)?).map_err(|error| Error::Internal(error.into()))
    }
}

fn hmac_of(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32]> {
    let unusable = |_| Error::internal(format!("the variable {VARIABLE} cannot be used as a key"));
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).map_err(unusable)?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().into())
}

/// JSON ends where it ends, so whatever follows it cannot be taken for a part of it.
fn named(place: &[&str]) -> Vec<u8> {
    serde_json::to_vec(place).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_native::FixedEnv;
    use futures::executor::block_on;

    const PLACE: [&str; 2] = ["totp", "bob"];
    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn of(key: &str) -> Result<SecretKey> {
        block_on(SecretKey::of(&FixedEnv::new().with_variable(VARIABLE, key)))
    }

    fn with_key(key: &str) -> SecretKey {
        of(key).unwrap()
    }

    fn without_key() -> SecretKey {
        block_on(SecretKey::of(&FixedEnv::new())).unwrap()
    }

    fn is_opened(key: &SecretKey, stored: &str, place: &[&str]) -> bool {
        key.unseal(stored, place).is_ok_and(|secret| secret == b"secret")
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_place_alone() {
        let key = with_key(KEY);
        let stored = key.seal(b"secret", &PLACE).unwrap();
        assert!(is_opened(&key, &stored, &PLACE));
        assert!(!is_opened(&key, &stored, &["totp", "alice"]));
        assert!(!is_opened(&with_key("0123456789abcdef0123456789abcdeF"), &stored, &PLACE));
        assert!(!is_opened(&without_key(), &stored, &PLACE));
        for at in [SEALED.len(), stored.len() / 2, stored.len() - 2] {
            let mut tampered = stored.clone().into_bytes();
            tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
            assert!(!is_opened(&key, &String::from_utf8(tampered).unwrap(), &PLACE), "{at}");
        }
        for none in ["", SEALED, "sealed:AAAA", "secret", "sealed:!"] {
            assert!(!is_opened(&key, none, &PLACE), "{none}");
        }
    }

    #[test]
    fn equal_secrets_are_seen_to_be_equal_in_one_place_only() {
        let key = with_key(KEY);
        let nonce = |secret: &[u8], place: &[&str]| {
            let stored = key.seal(secret, place).unwrap();
            BASE64.decode(&stored[SEALED.len()..]).unwrap()[..NONCE_BYTES].to_vec()
        };
        assert_eq!(key.seal(b"secret", &PLACE).unwrap(), key.seal(b"secret", &PLACE).unwrap());
        assert_ne!(nonce(b"secret", &PLACE), nonce(b"secret", &["totp", "alice"]));
        assert_ne!(nonce(b"secret", &PLACE), nonce(b"other", &PLACE));
    }

    #[test]
    fn without_a_key_it_is_kept_as_it_is_and_opens_with_one_that_is_set_later() {
        let stored = without_key().seal(b"secret", &PLACE).unwrap();
        assert!(is_opened(&without_key(), &stored, &PLACE));
        assert!(is_opened(&with_key(KEY), &stored, &PLACE));
        assert!(of("0123456789abcdef").is_err());
    }

    #[test]
    fn texts_come_back_whatever_they_look_like() {
        for key in [with_key(KEY), without_key()] {
            for text in ["", "secret", "sealed:", "plain:", "sealed:AAAA", "plain:!", "čaj ☕"] {
                let stored = key.seal_text(text, &PLACE).unwrap();
                assert_eq!(key.unseal_text(&stored, &PLACE).unwrap(), text);
            }
        }
        assert_eq!(without_key().seal_text("secret", &PLACE).unwrap(), "secret");
        let stored = with_key(KEY).seal_text("secret", &PLACE).unwrap();
        assert!(stored.starts_with(SEALED) && !stored.contains("secret"));
        assert_eq!(with_key(KEY).unseal_text("secret", &PLACE).unwrap(), "secret");
        assert!(with_key(KEY).unseal_text(&stored, &["settings"]).is_err());
        assert!(without_key().unseal_text(&stored, &PLACE).is_err());
    }

    #[test]
    fn what_nobody_has_changed_stays_and_is_sealed_once_there_is_a_key() {
        let key = with_key(KEY);
        let sealed = key.seal_text("secret", &PLACE).unwrap();
        assert_eq!(key.seal_changed("secret", "secret", &PLACE).unwrap(), sealed);
        assert_eq!(key.seal_changed("secret", "", &PLACE).unwrap(), sealed);
        assert_eq!(key.seal_changed("secret", &sealed, &PLACE).unwrap(), sealed);
        assert_eq!(key.seal_changed("", &sealed, &PLACE).unwrap(), "");
        for other in [with_key("0123456789abcdef0123456789abcdeF"), without_key()] {
            assert_eq!(other.seal_changed(&sealed, &sealed, &PLACE).unwrap(), sealed);
        }
        let marked = without_key().seal_text("sealed:", &PLACE).unwrap();
        assert_eq!(key.seal_changed(&marked, &marked, &PLACE).unwrap(), marked);
    }
}
