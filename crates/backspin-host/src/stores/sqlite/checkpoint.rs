//! Moves committed pages from the write-ahead log into the database, beside the writers.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use super::writer::Writer;
use super::{Options, lock};

/// Told of every commit; wakes the checkpointer when the log has grown.
#[derive(Debug)]
pub(super) struct WalWatch {
    growth_max: u32,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Pages in the log when the last checkpoint ended; 0 once the log has started over.
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

    fn checkpointed(&self, pages: u32) {
        let mut state = lock(&self.state);
        state.checkpointed = pages;
        state.pages = state.pages.max(pages);
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
            // Most of it beside the writers, the rest in a moment without one: then the log is empty and
            // the next write starts it over.
            let mut reached = passive(&connection);
            if let Some((pages, done)) = reached
                && done < pages
                && let Some(writer) = writer.upgrade()
                && let Some(_turn) = writer.turn_blocking()
            {
                reached = passive(&connection);
            }
            // Where it failed (a full disk), the next try waits until the log has grown again.
            watch.checkpointed(reached.map_or_else(|| lock(&watch.state).pages, |(pages, _)| pages));
        }
    })
}

/// Pages in the log, and how many of them are in the database.
fn passive(connection: &rusqlite::Connection) -> Option<(u32, u32)> {
    let (pages, done) =
        connection.wal_checkpoint_v2(Some("main"), rusqlite::wal::CheckpointMode::PASSIVE).ok()?;
    Some((u32::try_from(pages).ok()?, u32::try_from(done).ok()?))
}
