//! The ports together, as a request's functions receive them.

use crate::{Database, Env, PasswordHasher};

/// Where the application runs: Spin, or a native process with rusqlite.
pub trait Platform {
    type Database: Database;
    type Env: Env;
    type Hasher: PasswordHasher;

    fn database(&self) -> &Self::Database;
    fn env(&self) -> &Self::Env;
    fn hasher(&self) -> &Self::Hasher;

    /// Whether the database is an open transaction: others cannot write meanwhile, so they are not to be waited for.
    fn is_transaction(&self) -> bool {
        false
    }
}
