//! The database: a connection for each reading thread, and one for all writers.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, Result};

/// The two collections of the benchmark: one that is read, one that grows.
pub(crate) const COLLECTIONS: [&str; 2] = ["bench_posts", "bench_entries"];

const MAPPED_BYTES_MAX: i64 = 256 << 20;
const STATEMENTS_CACHED: usize = 64;

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// A handle on the database; clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    path: Arc<PathBuf>,
    writer: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file at `path`, with the tables made where they are missing.
    ///
    /// # Errors
    /// Those of SQLite.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let writer = tuned(Connection::open(&path)?)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        for collection in COLLECTIONS {
            writer.execute_batch(&format!(
                "CREATE TABLE IF NOT EXISTS {collection} (
                    id TEXT PRIMARY KEY NOT NULL,
                    title TEXT NOT NULL,
                    body TEXT NOT NULL,
                    rank NUMERIC NOT NULL,
                    published BOOLEAN NOT NULL,
                    tags JSON NOT NULL,
                    created TEXT NOT NULL,
                    updated TEXT NOT NULL
                );
                CREATE INDEX IF NOT EXISTS idx_{collection}_rank ON {collection} (rank);"
            ))?;
        }
        Ok(Self { path: Arc::new(path), writer: Arc::new(Mutex::new(writer)) })
    }

    /// Runs `query` on this thread's connection.
    ///
    /// # Errors
    /// Those of `query`, and of opening the connection the first time.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        READER.with_borrow_mut(|reader| {
            let connection = match reader {
                Some(connection) => connection,
                None => {
                    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                    reader.insert(tuned(Connection::open_with_flags(&*self.path, flags)?)?)
                }
            };
            query(connection)
        })
    }

    /// Runs `query` on the writers' connection, one at a time.
    ///
    /// # Errors
    /// Those of `query`.
    pub(crate) fn write<T>(&self, query: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        query(&self.writer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn tuned(connection: Connection) -> Result<Connection> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES_MAX)?;
    Ok(connection)
}
