//! The port to whatever computes the hashes of passwords: that takes long and much memory, so it may be done elsewhere.

use serde::{Deserialize, Serialize};

use crate::Result;

/// Bytes of a hash's salt.
pub const SALT_BYTES: usize = 16;

/// What an Argon2id hash costs whoever computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashCost {
    /// In KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
}

/// Computes hashes of passwords.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait PasswordHasher {
    /// The Argon2id hash of `password`, in the PHC string format. Errors: 500 if there is no memory for it.
    async fn hash(&self, password: &str, salt: [u8; SALT_BYTES], cost: HashCost) -> Result<String>;

    /// Whether `password` is that of `hash`, of Argon2 or bcrypt. What is no hash matches nothing.
    async fn verify(&self, password: &str, hash: &str) -> Result<bool>;
}
