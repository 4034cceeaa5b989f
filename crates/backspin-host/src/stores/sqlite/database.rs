//! One file, and what its connections share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::checkpoint::{self, WalWatch};
use super::pool::Pool;
use super::statements::Statements;
use super::writer::Writer;
use super::{Connection, OpenError, Options, lock, open};

/// An open SQLite file. Clones share it.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) runtime: Handle,
    pub(super) pool: Arc<Pool>,
    pub(super) writer: Arc<Writer>,
    pub(super) statements: Statements,
    /// Slow reads that may run at the same time.
    pub(super) slow_reads: Arc<Semaphore>,
    /// Connections that may have a session of their own.
    pub(super) pins: Arc<Semaphore>,
    wal: Arc<WalWatch>,
    writing: Mutex<Option<JoinHandle<()>>>,
    checkpointing: Mutex<Option<JoinHandle<()>>>,
}

impl Database {
    /// Opens the file, or makes it and its folder. Must be called in a tokio runtime with timers.
    ///
    /// # Errors
    /// Says what the user can do: see [`OpenError`].
    pub async fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let runtime = Handle::current();
        let other = |reason: String| OpenError::Other { path: path.clone(), reason };
        let opening = {
            let path = path.clone();
            tokio::task::spawn_blocking(move || Shared::open(path, options, runtime))
        };
        let shared = opening.await.map_err(|error| other(error.to_string()))??;
        Ok(Self { shared: Arc::new(shared) })
    }

    /// How many sessions are open and wait, but for the writer's.
    #[cfg(test)]
    pub(super) fn idle_sessions(&self) -> usize {
        self.shared.pool.idle_count()
    }

    /// A connection for one guest. It costs nothing until it is used.
    pub fn connect(&self) -> Connection {
        Connection::new(&self.shared)
    }

    /// Writes what waits, moves the log into the file, and ends the threads. Connections that are left
    /// get errors from then on.
    pub async fn close(self) {
        let closing = tokio::task::spawn_blocking(move || self.shared.close());
        // It fails only where the runtime ends first; the next start replays the log then.
        let _ = closing.await;
    }
}

impl Shared {
    fn open(path: PathBuf, options: Options, runtime: Handle) -> Result<Self, OpenError> {
        let checkpointing = open::prepare_file(&path, &options)?;
        let other = |reason: String| OpenError::Other { path: path.clone(), reason };
        let wal = WalWatch::new(&options);
        let pool = Pool::new(path.clone(), options.clone(), Arc::clone(&wal));
        let session = pool.open().map_err(|error| other(error.to_string()))?;
        let writer = Writer::new(session, &options, &wal);
        let writing = writer.start().map_err(|error| other(error.to_string()))?;
        let checkpointing = checkpoint::start(checkpointing, Arc::clone(&wal), Arc::downgrade(&writer))
            .map_err(|error| other(error.to_string()))?;
        Ok(Self {
            runtime,
            pool,
            writer,
            statements: Statements::new(options.known_statements_max),
            slow_reads: Arc::new(Semaphore::new(options.slow_reads_max)),
            pins: Arc::new(Semaphore::new(options.pinned_max)),
            wal,
            writing: Mutex::new(Some(writing)),
            checkpointing: Mutex::new(Some(checkpointing)),
            path,
            options,
        })
    }

    /// Closes the connections one after the other: SQLite moves the log into the file when the last one goes, and
    /// of two that go at the same moment each takes the other for one that stays.
    fn close(&self) {
        self.writer.close();
        join(&self.writing);
        self.pool.close();
        self.wal.close();
        join(&self.checkpointing);
    }
}

impl Drop for Shared {
    /// Lets the threads end by themselves.
    fn drop(&mut self) {
        self.writer.close();
        self.wal.close();
        self.pool.close();
    }
}

fn join(thread: &Mutex<Option<JoinHandle<()>>>) {
    if let Some(thread) = lock(thread).take() {
        // A thread that panicked has nothing left to end.
        let _ = thread.join();
    }
}
