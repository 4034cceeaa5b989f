//! Time, randomness, variables and the log: all that makes a program's run differ from the last.

use crate::{Result, Timestamp};

/// How loud a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Info,
    Warning,
    Error,
}

/// The surroundings of a request.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait Env {
    /// The time now, in UTC.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` from a cryptographically secure source.
    fn fill_random(&self, bytes: &mut [u8]);

    /// The application variable `name`; `None` if it is not defined or empty.
    async fn variable(&self, name: &str) -> Result<Option<String>>;

    /// Waits, while other requests go on.
    async fn sleep_ms(&self, ms: u64);

    /// Writes one line to the log.
    fn log(&self, level: LogLevel, message: &str);

    /// Has another component of the application look for work, once the reply to this request is made. A hint: it may
    /// get lost, so what there is to do has to be written down before.
    fn wake(&self, _component: &str) {}
}

#[cfg(test)]
pub(crate) mod fixed {
    //! A clock that stands and a generator with a seed, for this crate's own tests.

    use super::*;
    use std::cell::Cell;

    pub(crate) struct FixedEnv(Cell<u64>);

    impl FixedEnv {
        pub(crate) fn new(seed: u64) -> Self {
            FixedEnv(Cell::new(seed))
        }
    }

    impl Env for FixedEnv {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_ms(0)
        }

        fn fill_random(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let state = self.0.get().wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                self.0.set(state);
                *byte = (state >> 56) as u8;
            }
        }

        async fn variable(&self, _name: &str) -> Result<Option<String>> {
            Ok(None)
        }

        async fn sleep_ms(&self, _ms: u64) {}

        fn log(&self, _level: LogLevel, _message: &str) {}
    }
}
