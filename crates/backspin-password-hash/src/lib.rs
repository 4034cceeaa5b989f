//! How hashes of passwords are computed and compared: Argon2id, and bcrypt, which PocketBase keeps. It is nothing but
//! computation; the component `password-hasher` does it for the others, who ask by [`Question`].

mod question;

use std::str::FromStr;

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use backspin_core::{Error, HashCost, PasswordHasher, Result, SALT_BYTES, limits};
use bcrypt::HashParts;

pub use question::{COMPONENT, Computed, Hashed, Question, Verified};

const LANES: u32 = 1;
/// A bcrypt hash of a higher cost, which doubles the time with each step, would keep others waiting for seconds.
const BCRYPT_COST_MAX: u32 = 15;

/// The Argon2id hash of `password`, in the PHC string format.
///
/// Takes about 30 ms and 19 MiB with what OWASP recommends. Errors: 500 if there is no memory for it.
pub fn hash(password: &str, salt: [u8; SALT_BYTES], cost: HashCost) -> Result<String> {
    let params = Params::new(cost.memory_kib, cost.iterations, LANES, None).map_err(fault)?;
    let salt = SaltString::encode_b64(&salt).map_err(fault)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon2.hash_password(password.as_bytes(), &salt).map_err(fault)?.to_string())
}

/// Whether `password` is the one of `hash`, of Argon2 or bcrypt. A hash of an unknown kind, or of bcrypt with a cost
/// over 15, matches nothing.
pub fn verify(password: &str, hash: &str) -> bool {
    if password.len() > limits::PASSWORD_BYTES_MAX {
        return false;
    }
    if let Ok(parts) = HashParts::from_str(hash) {
        return parts.get_cost() <= BCRYPT_COST_MAX && bcrypt::verify(password, hash).unwrap_or(false);
    }
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    // The parameters are those of the hash.
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// A hash that no password has, and to compare one with costs as much as any of this cost.
pub fn nobody(HashCost { memory_kib, iterations }: HashCost) -> String {
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={memory_kib},t={iterations},p={LANES}${salt}${hash}")
}

/// Whether [`fn@hash`] with this cost makes another kind of hash.
pub fn is_outdated(hash: &str, cost: HashCost) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return true };
    let params = Params::try_from(&hash).ok();
    let costs = |params: Params| (params.m_cost(), params.t_cost(), params.p_cost());
    hash.algorithm != Algorithm::Argon2id.ident()
        || params.map(costs) != Some((cost.memory_kib, cost.iterations, LANES))
}

/// Computes at once, where it is called.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalHasher;

impl PasswordHasher for LocalHasher {
    async fn hash(&self, password: &str, salt: [u8; SALT_BYTES], cost: HashCost) -> Result<String> {
        hash(password, salt, cost)
    }

    async fn verify(&self, password: &str, hash: &str) -> Result<bool> {
        Ok(verify(password, hash))
    }
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("Argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: HashCost = HashCost { memory_kib: 19_456, iterations: 2 };

    fn hash_of(password: &str, salt: u8) -> String {
        hash(password, [salt; SALT_BYTES], COST).unwrap()
    }

    #[test]
    fn a_hash_is_salted_and_matches_its_password_alone() {
        let first = hash_of("correct horse", 1);
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, hash_of("correct horse", 2));
        assert!(verify("correct horse", &first));
        assert!(!verify("correct hors", &first));
    }

    #[test]
    fn nobody_has_no_password_but_costs_as_much_as_anybody() {
        for cost in [COST, HashCost { memory_kib: 7_168, iterations: 5 }] {
            let (nobody, real) = (nobody(cost), hash("x", [7; SALT_BYTES], cost).unwrap());
            let (parsed, real) = (PasswordHash::new(&nobody).unwrap(), PasswordHash::new(&real).unwrap());
            assert_eq!(
                (parsed.algorithm, parsed.version, &parsed.params),
                (real.algorithm, real.version, &real.params)
            );
            let lengths = |hash: &PasswordHash<'_>| (hash.salt.unwrap().len(), hash.hash.unwrap().len());
            assert_eq!(lengths(&parsed), lengths(&real));
            assert!(!verify("", &nobody));
        }
    }

    #[test]
    fn a_bcrypt_hash_matches_its_password_and_is_outdated() {
        let hashes = ["$2a$", "$2b$", "$2y$"].map(|kind| {
            let parts = bcrypt::hash_with_salt("correct horse", 4, [7; 16]).unwrap();
            parts.to_string().replacen("$2b$", kind, 1)
        });
        for hash in &hashes {
            assert!(verify("correct horse", hash), "{hash}");
            assert!(!verify("correct hors", hash), "{hash}");
            assert!(is_outdated(hash, COST));
        }
        let costly = hashes[0].replacen("$04$", "$31$", 1);
        assert!(!verify("correct horse", &costly));
    }

    #[test]
    fn only_todays_hashes_are_not_outdated() {
        let nobody = nobody(COST);
        assert!(!is_outdated(&hash_of("correct horse", 1), COST));
        assert!(!is_outdated(&nobody, COST));
        for other in
            [nobody.replace("m=19456", "m=4096"), nobody.replace("argon2id", "argon2i"), String::new()]
        {
            assert!(is_outdated(&other, COST), "{other}");
        }
        assert!(is_outdated(&nobody, HashCost { iterations: 3, ..COST }));
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for hash in ["", "correct horse", "$2a$10$abc", "$argon2id$"] {
            assert!(!verify("correct horse", hash));
        }
    }
}
