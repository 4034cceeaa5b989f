//! Moves committed pages from the write-ahead log into the database, beside the writers.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use rusqlite::wal::CheckpointMode;

use super::writer::Writer;
use super::{Options, lock};

/// A log of so many times `wal_pages_max` is long: writers then wait a moment, so that it starts over.
const LONG_LOG: u32 = 4;

/// Told of every commit; wakes the checkpointer when the log has grown.
#[derive(Debug)]
pub(super) struct WalWatch {
    growth_max: u32,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Pages of the log that are in the database; 0 once the log has started over.
    checkpointed: u32,
    /// Pages in the log now.
    pages: u32,
    closing: bool,
}

impl WalWatch {
    pub(super) fn new(options: &Options) -> Arc<Self> {
        Arc::new(Self { growth_max: options.wal_pages_max, state: Mutex::default(), wake: Condvar::new() })
    }

    /// SQLite's log hook: so many pages are in the log after a commit.
    pub(super) fn committed(&self, pages: i32) {
        let mut state = lock(&self.state);
        state.pages = pages.unsigned_abs();
        if state.pages < state.checkpointed {
            state.checkpointed = 0;
        }
        if self.is_due(&state) {
            self.wake.notify_one();
        }
    }

    /// Whether the next write starts the log over, and so waits for the disk.
    pub(super) fn starts_over(&self) -> bool {
        let state = lock(&self.state);
        state.checkpointed == state.pages
    }

    pub(super) fn close(&self) {
        lock(&self.state).closing = true;
        self.wake.notify_one();
    }

    fn is_due(&self, state: &State) -> bool {
        state.pages - state.checkpointed >= self.growth_max
    }

    /// Waits until a checkpoint is due: false when the database closes.
    fn wait(&self) -> bool {
        let mut state = lock(&self.state);
        while !state.closing && !self.is_due(&state) {
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.closing
    }

    /// Whether the log is long and has grown beyond these pages.
    fn is_long_beyond(&self, done: Option<u32>) -> bool {
        let state = lock(&self.state);
        state.pages >= self.growth_max.saturating_mul(LONG_LOG) && done.is_some_and(|done| done < state.pages)
    }

    /// After a failure the next try waits, as after a success, until the log has grown.
    fn checkpointed(&self, done: Option<u32>) {
        let mut state = lock(&self.state);
        state.checkpointed = done.unwrap_or(state.pages).min(state.pages);
    }
}

/// Starts the thread that checkpoints; it ends when `watch` closes.
pub(super) fn start(
    connection: rusqlite::Connection,
    watch: Arc<WalWatch>,
    writer: Weak<Writer>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("sqlite-checkpoint".to_owned()).spawn(move || {
        while watch.wait() {
            let mut done = passive(&connection);
            // Writers go on meanwhile, and SQLite starts the log over only when all of it is done: once it
            // is long, the rest is done in a moment without writers.
            if watch.is_long_beyond(done)
                && let Some(writer) = writer.upgrade()
                && let Some(_turn) = writer.turn_blocking()
            {
                done = passive(&connection);
            }
            watch.checkpointed(done);
        }
    })
}

/// The pages of the log that are in the database now; nothing where that failed (a full disk).
fn passive(connection: &rusqlite::Connection) -> Option<u32> {
    let (_, done) = connection.wal_checkpoint_v2(Some("main"), CheckpointMode::PASSIVE).ok()?;
    u32::try_from(done).ok()
}
