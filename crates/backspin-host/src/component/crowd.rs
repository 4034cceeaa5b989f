//! Turns for the requests of one component: as many run at once as the processors can use, because each
//! further one would take an instance of its own and run no sooner.

use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::Progress;

/// Requests that run at once, for each processor.
const TURNS_PER_PROCESSOR: usize = 4;

/// If no turn has ended for so long, those who have one are waiting for something else than the
/// processor, and a further request holds nobody up.
const STILLNESS: Duration = Duration::from_millis(10);

/// How long a request waits for its turn at the most.
const PATIENCE: Duration = Duration::from_millis(100);

/// The turns of one component.
pub(super) struct Crowd {
    turns: Semaphore,
    last_end: Progress,
}

/// A request's turn; over when dropped.
pub(super) struct Turn<'a> {
    _permit: Option<SemaphorePermit<'a>>,
    last_end: &'a Progress,
}

impl Crowd {
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Semaphore::new(processors * TURNS_PER_PROCESSOR), last_end: Progress::now() }
    }

    /// Waits for a turn, first come, first served; in the end a request goes without one.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let permit = match self.turns.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) => self.wait().await,
        };
        Turn { _permit: permit, last_end: &self.last_end }
    }

    async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        let since = Instant::now();
        let mut acquire = std::pin::pin!(self.turns.acquire());
        loop {
            if let Ok(permit) = tokio::time::timeout(STILLNESS, acquire.as_mut()).await {
                // The semaphore is never closed.
                return permit.ok();
            }
            if self.last_end.last().elapsed() > STILLNESS || since.elapsed() > PATIENCE {
                return None;
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.last_end.touch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_that_ends_is_the_next_one_s() {
        let crowd = Crowd { turns: Semaphore::new(1), last_end: Progress::now() };
        let first = crowd.turn().await;
        let (second, ()) = tokio::join!(crowd.turn(), async { drop(first) });
        assert!(second._permit.is_some());
    }

    #[tokio::test]
    async fn a_request_does_not_wait_for_those_that_stand_still() {
        let crowd = Crowd { turns: Semaphore::new(1), last_end: Progress::now() };
        let first = crowd.turn().await;
        let second = crowd.turn().await;
        assert!(second._permit.is_none());
        drop(first);
    }
}
