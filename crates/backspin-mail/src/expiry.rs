//! When what a mail brings, a token or a code, is over: nobody can use the mail after that.

use backspin_core::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::Value as Json;

use crate::Values;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    AtSeconds(i64),
    /// After the mail was written.
    InSeconds(i64),
}

impl Expiry {
    /// Of the token, which says so itself, or of the one-time password, as its collection has it.
    pub(crate) fn of(values: &Values<'_>) -> Option<Self> {
        if let Some(token) = values.token {
            return of_token(token).map(Expiry::AtSeconds);
        }
        let (collection, _) = values.otp.and(values.record)?;
        collection.auth().map(|options| Expiry::InSeconds(options.otp.duration))
    }

    pub(crate) fn time(self, now: Timestamp) -> Timestamp {
        let seconds = match self {
            Expiry::AtSeconds(seconds) => seconds,
            Expiry::InSeconds(seconds) => now.unix_seconds().saturating_add(seconds),
        };
        Timestamp::from_unix_ms(seconds.saturating_mul(1000))
    }
}

/// The claim `exp` of a JWT.
fn of_token(token: &str) -> Option<i64> {
    let claims = BASE64.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Json>(&claims).ok()?["exp"].as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_when_it_is_over() {
        let token = format!("e30.{}.c2ln", BASE64.encode(r#"{"email":"ü@x.co","exp":1767323045}"#));
        assert_eq!(of_token(&token), Some(1_767_323_045));
        for other in ["", "TEST_TOKEN", "a.b.c", "e30.e30.x"] {
            assert_eq!(of_token(other), None, "{other}");
        }
    }
}
