//! One SQLite file, shared by every component that may use it.
//!
//! A guest's [`Connection`] behaves like a connection of its own to the file: its own transaction,
//! temporary tables, pragmas, `last_insert_rowid` and `changes`. Behind it, a few sessions serve all:
//!
//! - **Reads** run at once on the calling thread, on a session of the [`pool`]. A read that turns out
//!   slow is abandoned and repeated on a blocking thread ([`statements`] remembers which are slow).
//! - **Writes** wait in one fair queue, the [`writer`]; those that wait together are committed
//!   together, each with the reply it would have had alone ([`group`]).
//! - **Transactions**, and statements that change a connection ([`classify`]), get a session of their
//!   own ([`pinned`]), which takes the writer's turn when it first writes.
//! - **Checkpoints** run on a thread of their own ([`checkpoint`]), so no write pays for one.
//!
//! The file is in WAL mode; with [`Synchronous::Normal`] a crash of the process loses nothing that was
//! acknowledged, a loss of power may lose the last commits but never damages the file.

mod checkpoint;
mod classify;
mod connection;
mod database;
mod error;
mod gauge;
mod group;
mod open;
mod options;
mod pinned;
mod pool;
mod raw;
mod session;
mod statements;
#[cfg(test)]
mod tests;
mod value;
mod writer;

pub use connection::Connection;
pub use database::Database;
pub use error::Error;
pub use open::OpenError;
pub use options::{OnAbandonedTransaction, Options, Synchronous};
pub use value::{QueryResult, Value};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after another thread panicked: nothing here leaves the data half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
