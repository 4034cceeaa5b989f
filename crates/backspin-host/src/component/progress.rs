//! When something last happened for a request, shared between the tasks that serve it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// The moment from which progress is counted.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The last sign of life, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Progress as of now.
    pub(crate) fn now() -> Self {
        let progress = Self(Arc::default());
        progress.touch();
        progress
    }

    /// Notes that something happens now.
    pub(crate) fn touch(&self) {
        let millis = u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_max(millis, Ordering::Relaxed);
    }

    /// When something last happened.
    pub(crate) fn last(&self) -> Instant {
        *START + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}
