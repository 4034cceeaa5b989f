//! Passwords are kept as Argon2id hashes, by default with the parameters that OWASP recommends. bcrypt hashes, which
//! PocketBase keeps, are understood too.

mod turn;

use std::str::FromStr;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use backspin_core::{Env, Error, Platform, Result, limits};
use bcrypt::HashParts;
use serde::{Deserialize, Serialize};

const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
/// A bcrypt hash of a higher cost, which doubles the time with each step, would keep others waiting for seconds.
const BCRYPT_COST_MAX: u32 = 15;

/// How passwords are hashed from now on. A password that was hashed in another way is hashed anew when its owner signs
/// in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hashing {
    /// Memory of one hash, in KiB.
    #[serde(rename = "memoryKiB")]
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Hashes that are computed at the same time in all instances together. More than the server has processors make
    /// no sign-in faster.
    pub hashes_at_once: u32,
}

impl Default for Hashing {
    fn default() -> Self {
        Hashing { memory_kib: 19_456, iterations: 2, hashes_at_once: 2 }
    }
}

impl Hashing {
    /// Hashes `password` with a new salt, in the PHC string format.
    ///
    /// Takes about 30 ms and 19 MiB by default. Errors: 500 if there is no memory for it.
    pub fn hash(self, password: &str, env: &impl Env) -> Result<String> {
        let mut salt = [0; SALT_BYTES];
        env.fill_random(&mut salt);
        let salt = SaltString::encode_b64(&salt).map_err(fault)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params()?);
        Ok(argon2.hash_password(password.as_bytes(), &salt).map_err(fault)?.to_string())
    }

    /// The hash of a password nobody has, to be compared when there is no other: the time that takes does not tell
    /// whether an account exists.
    pub fn nobody(self) -> String {
        let (m, t, salt, hash) = (self.memory_kib, self.iterations, "A".repeat(22), "A".repeat(43));
        format!("$argon2id$v=19$m={m},t={t},p={LANES}${salt}${hash}")
    }

    /// Whether [`Hashing::hash`] would make another kind of hash, or one of other parameters.
    pub fn is_outdated(self, hash: &str) -> bool {
        let Ok(hash) = PasswordHash::new(hash) else { return true };
        let params = Params::try_from(&hash).ok();
        let costs = |params: Params| (params.m_cost(), params.t_cost(), params.p_cost());
        hash.algorithm != Algorithm::Argon2id.ident()
            || params.map(costs) != Some((self.memory_kib, self.iterations, LANES))
    }

    /// Does `work`, which computes hashes, when it is its turn: no more than [`Hashing::hashes_at_once`] at the same
    /// time, in all instances together. At once within a transaction, which keeps those who would have to be waited for
    /// from going on.
    ///
    /// Errors: those of `work`; 429 if it does not get its turn within ten seconds.
    pub async fn in_turn<T>(
        self,
        platform: &impl Platform,
        work: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<T> {
        turn::in_turn(platform, self.hashes_at_once, work).await
    }

    /// As [`Hashing::hash`], in turn.
    pub async fn hash_in_turn(self, password: &str, platform: &impl Platform) -> Result<String> {
        self.in_turn(platform, async || self.hash(password, platform.env())).await
    }

    fn params(self) -> Result<Params> {
        Params::new(self.memory_kib, self.iterations, LANES, None)
            .map_err(|error| Error::internal(format!("Argon2: {error}")))
    }
}

/// As [`Hashing::hash`] with the default parameters.
pub fn hash(password: &str, env: &impl Env) -> Result<String> {
    Hashing::default().hash(password, env)
}

/// Whether `password` is the one of `hash`, of Argon2 or bcrypt. A hash of an unknown kind, or of bcrypt with a cost
/// over 15, matches nothing.
pub fn verify(password: &str, hash: &str) -> Result<bool> {
    if password.len() > limits::PASSWORD_BYTES_MAX {
        return Ok(false);
    }
    if let Ok(parts) = HashParts::from_str(hash) {
        let is_affordable = parts.get_cost() <= BCRYPT_COST_MAX;
        return Ok(is_affordable && bcrypt::verify(password, hash).unwrap_or(false));
    }
    let Ok(hash) = PasswordHash::new(hash) else { return Ok(false) };
    // The parameters are those of the hash.
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

fn fault(error: argon2::password_hash::Error) -> Error {
    Error::internal(format!("Argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backspin_native::FixedEnv;

    #[test]
    fn a_hash_is_salted_and_matches_its_password_alone() {
        let env = FixedEnv::new();
        let first = hash("correct horse", &env).unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, hash("correct horse", &env).unwrap());
        assert!(verify("correct horse", &first).unwrap());
        assert!(!verify("correct hors", &first).unwrap());
    }

    #[test]
    fn nobody_has_no_password_but_costs_as_much_as_anybody() {
        for hashing in [Hashing::default(), Hashing { memory_kib: 7_168, iterations: 5, hashes_at_once: 1 }] {
            let nobody = hashing.nobody();
            let (parsed, real) =
                (PasswordHash::new(&nobody).unwrap(), hashing.hash("x", &FixedEnv::new()).unwrap());
            let real = PasswordHash::new(&real).unwrap();
            assert_eq!(
                (parsed.algorithm, parsed.version, &parsed.params),
                (real.algorithm, real.version, &real.params)
            );
            let lengths = |hash: &PasswordHash<'_>| (hash.salt.unwrap().len(), hash.hash.unwrap().len());
            assert_eq!(lengths(&parsed), lengths(&real));
            assert!(!verify("", &nobody).unwrap());
        }
    }

    #[test]
    fn a_bcrypt_hash_matches_its_password_and_is_outdated() {
        let hashes = ["$2a$", "$2b$", "$2y$"].map(|kind| {
            let parts = bcrypt::hash_with_salt("correct horse", 4, [7; 16]).unwrap();
            parts.to_string().replacen("$2b$", kind, 1)
        });
        for hash in &hashes {
            assert!(verify("correct horse", hash).unwrap(), "{hash}");
            assert!(!verify("correct hors", hash).unwrap(), "{hash}");
            assert!(Hashing::default().is_outdated(hash));
        }
        let costly = hashes[0].replacen("$04$", "$31$", 1);
        assert!(!verify("correct horse", &costly).unwrap());
    }

    #[test]
    fn only_todays_hashes_are_not_outdated() {
        let (hashing, nobody) = (Hashing::default(), Hashing::default().nobody());
        assert!(!hashing.is_outdated(&hash("correct horse", &FixedEnv::new()).unwrap()));
        assert!(!hashing.is_outdated(&nobody));
        for other in
            [nobody.replace("m=19456", "m=4096"), nobody.replace("argon2id", "argon2i"), String::new()]
        {
            assert!(hashing.is_outdated(&other), "{other}");
        }
        let more = Hashing { iterations: 3, ..hashing };
        assert!(more.is_outdated(&nobody) && hashing.is_outdated(&more.nobody()));
        assert!(!Hashing { hashes_at_once: 4, ..hashing }.is_outdated(&nobody));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for hash in ["", "correct horse", "$2a$10$abc", "$argon2id$"] {
            assert!(!verify("correct horse", hash).unwrap());
        }
    }
}
