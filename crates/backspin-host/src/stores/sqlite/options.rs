//! How a database is kept, and its limits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// When a commit reaches the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// At the next checkpoint: a loss of power may take the last commits, a crash of the process none.
    #[default]
    Normal,
    /// Before it is acknowledged.
    Full,
}

impl Synchronous {
    /// SQLite's number for it.
    pub(super) fn level(self) -> u8 {
        match self {
            Synchronous::Normal => 1,
            Synchronous::Full => 2,
        }
    }

    /// The level that `PRAGMA synchronous` sets with this value, as SQLite reads it.
    pub(super) fn level_named(value: &str) -> u8 {
        match value.to_ascii_lowercase().as_str() {
            "0" | "off" | "no" | "false" => 0,
            "2" | "full" => 2,
            "3" | "extra" => 3,
            _ => 1,
        }
    }
}

/// Receives one line about a transaction that was rolled back because its owner left it open.
pub type OnAbandonedTransaction = Arc<dyn Fn(&str) + Send + Sync>;

/// How a database is kept. The defaults suit a server.
#[derive(Clone)]
pub struct Options {
    pub synchronous: Synchronous,
    /// How long a lock held by another process is waited for.
    pub busy_timeout: Duration,
    /// A transaction that is left alone for so long is rolled back; its next statement fails.
    pub idle_transaction_max: Duration,
    /// Bytes of a statement's result; a larger one is an error.
    pub result_bytes_max: usize,
    /// Steps of SQLite's virtual machine (about 10 ns each) that a statement may take on the calling
    /// thread before it moves to a blocking one.
    pub inline_steps_max: u32,
    /// Slow reads that run at the same time; further ones wait.
    pub slow_reads_max: usize,
    /// Writes and transactions that wait for their turn; a further one is an error.
    pub writes_waiting_max: usize,
    /// Writes that share one commit.
    pub group_writes_max: usize,
    /// Connections that hold a session of their own, for a transaction or for good; a further one
    /// waits for `busy_timeout`, then it is an error.
    pub pinned_max: usize,
    /// Sessions kept open while nobody uses them.
    pub idle_sessions_max: usize,
    /// Prepared statements kept by each session.
    pub prepared_statements_max: usize,
    /// Statements whose nature (reads, writes, slow) is remembered.
    pub known_statements_max: usize,
    /// Bytes of the file that are read through the memory map.
    pub mmap_bytes: u64,
    /// Pages in the write-ahead log that start a checkpoint.
    pub wal_pages_max: u32,
    pub on_abandoned_transaction: OnAbandonedTransaction,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::Normal,
            busy_timeout: Duration::from_secs(5),
            idle_transaction_max: Duration::from_secs(30),
            result_bytes_max: 128 << 20,
            inline_steps_max: 100_000,
            slow_reads_max: 8,
            writes_waiting_max: 16_384,
            group_writes_max: 64,
            pinned_max: 256,
            idle_sessions_max: 16,
            prepared_statements_max: 128,
            known_statements_max: 4_096,
            mmap_bytes: 256 << 20,
            wal_pages_max: 4_000,
            on_abandoned_transaction: Arc::new(|line| eprintln!("{line}")),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Options").field("synchronous", &self.synchronous).finish_non_exhaustive()
    }
}
