//! The ports on rusqlite and the operating system: for offline commands and for tests.
//!
//! The embedded host and Spin keep the same database in the file `sqlite_db.db` of their state folder
//! (`.spin` by default), so what is written here is seen there.

mod bulk_load;
mod database;
mod env;
mod network;
mod outbound;
mod recorder;
mod sole_connection;

pub use bulk_load::bulk_load;
pub use database::{NativeDatabase, NativeTransaction};
pub use env::{FixedEnv, SystemEnv};
pub use network::{TcpConnection, TcpNetwork};
pub use outbound::HttpOutbound;
pub use recorder::Recorder;
pub use sole_connection::SoleConnection;

use backspin_core::{Database, Env, Platform};
use backspin_password_hash::LocalHasher;

/// A database and surroundings of your choice, as the platform that the libraries ask for.
pub struct Native<D = NativeDatabase, E = SystemEnv> {
    pub database: D,
    pub env: E,
}

impl<D: Database, E: Env> Platform for Native<D, E> {
    type Database = D;
    type Env = E;
    type Hasher = LocalHasher;

    fn database(&self) -> &D {
        &self.database
    }

    fn env(&self) -> &E {
        &self.env
    }

    fn hasher(&self) -> &LocalHasher {
        &LocalHasher
    }
}
