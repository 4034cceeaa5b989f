//! Time-based one-time passwords (RFC 6238): six digits each half minute, as every authenticator app makes them.

use backspin_core::{Env, Error, Result, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, TOTP};

const SECRET_BYTES: usize = 20;
const DIGITS: usize = 6;
const STEP_SECONDS: i64 = 30;
/// Clocks may differ by so many steps.
const SKEW_STEPS: i64 = 1;

/// What an authenticator app and the server share.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TotpSecret(Vec<u8>);

impl TotpSecret {
    pub(crate) fn new(env: &impl Env) -> Self {
        let mut bytes = vec![0; SECRET_BYTES];
        env.fill_random(&mut bytes);
        TotpSecret(bytes)
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        TotpSecret(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people type it into an app.
    pub(crate) fn to_base32(&self) -> Result<String> {
        Ok(self.totp()?.get_secret_base32())
    }

    /// As apps read it from a QR code: an `otpauth` URI.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> Result<String> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, account, secret) = (encode(issuer), encode(account), self.to_base32()?);
        Ok(format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        ))
    }

    /// The step after `after` that `code` is of, if there is one about `now`. All that are possible are looked at
    /// whatever the first ones say.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp, after: i64) -> Result<Option<i64>> {
        let totp = self.totp()?;
        let present = now.unix_seconds().div_euclid(STEP_SECONDS);
        let mut found = None;
        for step in (present - SKEW_STEPS).max(0)..=present + SKEW_STEPS {
            let expected = totp.generate((step * STEP_SECONDS).unsigned_abs());
            if is_same(expected.as_bytes(), code.as_bytes()) && step > after {
                found = found.or(Some(step));
            }
        }
        Ok(found)
    }

    fn totp(&self) -> Result<TOTP> {
        // The skew is looked at above, because the step has to be known.
        TOTP::new(Algorithm::SHA1, DIGITS, 0, STEP_SECONDS.unsigned_abs(), self.0.clone())
            .map_err(|error| Error::internal(format!("TOTP: {error}")))
    }
}

/// Takes the same time wherever they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890".to_vec())
    }

    fn at(unix_seconds: i64) -> Timestamp {
        Timestamp::from_unix_ms(unix_seconds * 1000)
    }

    /// The vectors of RFC 6238, appendix B, for SHA-1; of their eight digits the last six are what six digits are.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = seconds / STEP_SECONDS;
            assert_eq!(secret().step_of(&code[2..], at(seconds), -1).unwrap(), Some(step), "{seconds}");
            assert_eq!(secret().step_of(code, at(seconds), -1).unwrap(), None);
        }
    }

    #[test]
    fn a_code_lasts_for_one_step_before_and_after_its_own_and_is_used_once() {
        let (code, step) = ("050471", 37_037_037);
        let begins = step * STEP_SECONDS;
        for (seconds, found) in [
            (begins - 31, None),
            (begins - 30, Some(step)),
            (begins, Some(step)),
            (begins + 59, Some(step)),
            (begins + 60, None),
        ] {
            assert_eq!(secret().step_of(code, at(seconds), 0).unwrap(), found, "{seconds}");
            assert_eq!(secret().step_of(code, at(seconds), step).unwrap(), None, "{seconds}");
        }
    }

    #[test]
    fn what_is_no_code_matches_nothing() {
        for code in ["", "05047", "0050471", "050471 ", "\u{661}\u{662}\u{663}", "000000"] {
            assert_eq!(secret().step_of(code, at(1_111_111_111), 0).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn an_app_reads_the_secret_from_a_uri() {
        assert_eq!(
            secret().uri("Acme & Co", "bob@example.com").unwrap(),
            "otpauth://totp/Acme%20%26%20Co:bob%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Acme%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }
}
