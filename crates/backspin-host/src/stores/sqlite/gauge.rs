//! How long a running statement may go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::lock;

/// Steps of the virtual machine between two looks at the gauge.
pub(super) const STEPS_PER_TICK: u32 = 1_000;

/// Time after which a statement has been on the calling thread for too long, however few its steps.
const INLINE_TIME_MAX: Duration = Duration::from_millis(5);
/// Ticks of a statement that is done in a moment.
const QUICK_TICKS_MAX: u32 = 4;
/// Ticks before the time counts: a thread that was merely not scheduled is not a slow statement.
const INLINE_TICKS_MIN: u32 = 10;

/// Set by whoever waits for a statement, when it no longer does.
pub(super) type Cancelled = Arc<AtomicBool>;

/// Where a statement runs, and so how long it may take.
#[derive(Clone, Debug)]
pub(super) enum Pace {
    /// On the thread of an asynchronous runtime: so many ticks, and no waiting for locks.
    Inline { ticks_max: u32 },
    /// On a blocking thread: until it is done or nobody waits for it any more.
    Blocking { cancelled: Option<Cancelled> },
}

/// Tells SQLite, through its progress and busy handlers, when the statement must stop.
#[derive(Debug)]
pub(super) struct Gauge {
    busy_timeout: Duration,
    run: Mutex<Run>,
}

#[derive(Debug)]
struct Run {
    pace: Pace,
    /// The first tick: a statement without one is not worth a look at the clock.
    since: Option<Instant>,
    ticks: u32,
    busy_since: Option<Instant>,
    exhausted: bool,
}

impl Gauge {
    pub(super) fn new(busy_timeout: Duration) -> Self {
        let run = Run {
            pace: Pace::Blocking { cancelled: None },
            since: None,
            ticks: 0,
            busy_since: None,
            exhausted: false,
        };
        Self { busy_timeout, run: Mutex::new(run) }
    }

    /// Starts anew for the next statement (or the next group of them).
    pub(super) fn arm(&self, pace: Pace) {
        *lock(&self.run) = Run { pace, since: None, ticks: 0, busy_since: None, exhausted: false };
    }

    /// Whether the last statement was stopped because its thread had no more time for it.
    pub(super) fn is_exhausted(&self) -> bool {
        lock(&self.run).exhausted
    }

    /// Whether the last statement took few steps.
    pub(super) fn was_quick(&self) -> bool {
        lock(&self.run).ticks <= QUICK_TICKS_MAX
    }

    pub(super) fn is_inline(&self) -> bool {
        matches!(lock(&self.run).pace, Pace::Inline { .. })
    }

    /// The progress handler: whether to stop.
    pub(super) fn tick(&self) -> bool {
        let mut run = lock(&self.run);
        run.ticks += 1;
        match &run.pace {
            Pace::Blocking { cancelled } => is_set(cancelled),
            Pace::Inline { ticks_max } => {
                let is_last = run.ticks >= *ticks_max;
                let elapsed = run.since.get_or_insert_with(Instant::now).elapsed();
                run.exhausted = is_last || (run.ticks >= INLINE_TICKS_MIN && elapsed >= INLINE_TIME_MAX);
                run.exhausted
            }
        }
    }

    /// The busy handler: waits a little for another process's lock, and says whether to try again.
    pub(super) fn wait_for_lock(&self) -> bool {
        let pause = {
            let mut run = lock(&self.run);
            let Pace::Blocking { cancelled } = &run.pace else { return false };
            if is_set(cancelled) {
                return false;
            }
            let waited = run.busy_since.get_or_insert_with(Instant::now).elapsed();
            if waited >= self.busy_timeout {
                return false;
            }
            (waited / 4).clamp(Duration::from_millis(1), Duration::from_millis(50))
        };
        std::thread::sleep(pause);
        true
    }
}

fn is_set(cancelled: &Option<Cancelled>) -> bool {
    cancelled.as_ref().is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
}
