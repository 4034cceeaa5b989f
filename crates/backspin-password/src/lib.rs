//! Passwords are kept as Argon2id hashes, by default with the parameters that OWASP recommends. bcrypt hashes, which
//! PocketBase keeps, are understood too.

mod turn;

use backspin_core::{Env, HashCost, PasswordHasher, Platform, Result, SALT_BYTES};
use serde::{Deserialize, Serialize};

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
    /// Errors: 500 if there is no memory for it.
    pub async fn hash(self, password: &str, platform: &impl Platform) -> Result<String> {
        let mut salt = [0; SALT_BYTES];
        platform.env().fill_random(&mut salt);
        platform.hasher().hash(password, salt, self.cost()).await
    }

    /// The hash of a password nobody has, to be compared when there is no other: the time that takes does not tell
    /// whether an account exists.
    pub fn nobody(self) -> String {
        backspin_password_hash::nobody(self.cost())
    }

    /// Whether [`Hashing::hash`] would make another kind of hash, or one of other parameters.
    pub fn is_outdated(self, hash: &str) -> bool {
        backspin_password_hash::is_outdated(hash, self.cost())
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
        self.in_turn(platform, async || self.hash(password, platform).await).await
    }

    fn cost(self) -> HashCost {
        HashCost { memory_kib: self.memory_kib, iterations: self.iterations }
    }
}
