//! What is remembered of each statement: its nature, and whether it is slow.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::classify::Nature;

/// Bytes of the longest statement that is remembered, or kept prepared.
pub(super) const REMEMBERED_SQL_BYTES_MAX: usize = 16 << 10;

/// Runs of a slow statement on a blocking thread before the calling thread tries it again.
const SLOW_RUNS: u32 = 64;

#[derive(Debug)]
pub(super) struct Known {
    pub(super) nature: Nature,
    slow_runs_left: AtomicU32,
    /// Whether its last run as a write in a transaction was a matter of a moment.
    was_quick_write: AtomicBool,
}

impl Known {
    pub(super) fn new(nature: Nature) -> Arc<Self> {
        Arc::new(Self { nature, slow_runs_left: AtomicU32::new(0), was_quick_write: AtomicBool::new(false) })
    }

    pub(super) fn mark_slow(&self) {
        self.slow_runs_left.store(SLOW_RUNS, Ordering::Relaxed);
    }

    pub(super) fn is_slow(&self) -> bool {
        self.slow_runs_left.load(Ordering::Relaxed) > 0
    }

    pub(super) fn mark_write(&self, was_quick: bool) {
        self.was_quick_write.store(was_quick, Ordering::Relaxed);
    }

    pub(super) fn was_quick_write(&self) -> bool {
        self.was_quick_write.load(Ordering::Relaxed)
    }

    /// Whether this run should go to a blocking thread at once.
    pub(super) fn take_slow_run(&self) -> bool {
        self.slow_runs_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }
}

/// The statements seen so far, by their text.
#[derive(Debug)]
pub(super) struct Statements {
    count_max: usize,
    known: RwLock<HashMap<Box<str>, Arc<Known>>>,
}

impl Statements {
    pub(super) fn new(count_max: usize) -> Self {
        Self { count_max, known: RwLock::default() }
    }

    pub(super) fn find(&self, sql: &str) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }

    /// Remembers a statement that was just prepared. When there is no more room all are forgotten: to
    /// learn one again costs one preparation.
    pub(super) fn remember(&self, sql: &str, nature: Nature) -> Arc<Known> {
        let fresh = Known::new(nature);
        if sql.len() <= REMEMBERED_SQL_BYTES_MAX {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= self.count_max {
                known.clear();
            }
            known.insert(sql.into(), fresh.clone());
        }
        fresh
    }
}
