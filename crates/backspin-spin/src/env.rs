//! Time, randomness, variables and the log, from WASI and Spin.

use backspin_core::{Env, Error, LogLevel, Result, Timestamp};
use spin_sdk::variables;
use spin_sdk::wasip3::clocks::system_clock;
use spin_sdk::wasip3::random::random;

/// The surroundings of a component.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinEnv;

impl Env for SpinEnv {
    fn now(&self) -> Timestamp {
        let now = system_clock::now();
        Timestamp::from_unix_ms(now.seconds * 1000 + i64::from(now.nanoseconds / 1_000_000))
    }

    /// WASI may return fewer bytes than asked for, so it is asked until all are there.
    fn fill_random(&self, bytes: &mut [u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let some = random::get_random_bytes(rest.len() as u64);
            let count = some.len().min(rest.len());
            let (head, tail) = rest.split_at_mut(count);
            head.copy_from_slice(&some[..count]);
            rest = tail;
        }
    }

    async fn variable(&self, name: &str) -> Result<Option<String>> {
        match variables::get(name).await {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(variables::Error::Undefined(_)) => Ok(None),
            Err(error) => Err(Error::internal(format!("the variable {name}: {error}"))),
        }
    }

    async fn sleep_ms(&self, ms: u64) {
        crate::sleep_ms(ms).await;
    }

    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
        };
        eprintln!("{level}: {message}");
    }

    fn wake(&self, component: &str) {
        crate::wake::wake(component);
    }
}
