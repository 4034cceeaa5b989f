//! Passwords are kept as Argon2id hashes with the parameters that OWASP recommends. bcrypt hashes, which PocketBase
//! keeps, are understood too.

use std::str::FromStr;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use backspin_core::{Env, Error, Result, limits};
use bcrypt::HashParts;

const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
/// A bcrypt hash of a higher cost, which doubles the time with each step, would keep others waiting for seconds.
const BCRYPT_COST_MAX: u32 = 15;

/// The hash of a password nobody has, to be compared when there is no other: the time that takes does
/// not tell whether an account exists.
pub const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes `password` with a new salt, in the PHC string format.
///
/// Takes about 30 ms and 19 MiB. Errors: 500 if there is no memory for it.
pub fn hash(password: &str, env: &impl Env) -> Result<String> {
    let mut salt = [0; SALT_BYTES];
    env.fill_random(&mut salt);
    let salt = SaltString::encode_b64(&salt).map_err(fault)?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt).map_err(fault)?.to_string())
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
    Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether [`hash`] would make another kind of hash today, or one of other parameters.
pub fn is_outdated(hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return true };
    let current = Params::new(MEMORY_KIB, ITERATIONS, LANES, None).ok();
    let params = Params::try_from(&hash).ok();
    let costs = |params: Params| (params.m_cost(), params.t_cost(), params.p_cost());
    hash.algorithm != Algorithm::Argon2id.ident() || params.map(costs) != current.map(costs)
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, None)
        .map_err(|error| Error::internal(format!("Argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
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
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, ITERATIONS, LANES));
        assert!(!verify("", NOBODY).unwrap());
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
            assert!(is_outdated(hash));
        }
        let costly = hashes[0].replacen("$04$", "$31$", 1);
        assert!(!verify("correct horse", &costly).unwrap());
    }

    #[test]
    fn only_todays_hashes_are_not_outdated() {
        assert!(!is_outdated(&hash("correct horse", &FixedEnv::new()).unwrap()));
        assert!(!is_outdated(NOBODY));
        for other in
            [NOBODY.replace("m=19456", "m=4096"), NOBODY.replace("argon2id", "argon2i"), String::new()]
        {
            assert!(is_outdated(&other), "{other}");
        }
    }

    #[test]
    fn what_is_no_hash_matches_nothing() {
        for hash in ["", "correct horse", "$2a$10$abc", "$argon2id$"] {
            assert!(!verify("correct horse", hash).unwrap());
        }
    }
}
