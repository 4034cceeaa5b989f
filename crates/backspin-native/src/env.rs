//! Surroundings: those of this process, and ones that a test can predict.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backspin_core::{Env, LogLevel, Result, Timestamp};

/// The system's clock and randomness; the log is standard error.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEnv;

impl Env for SystemEnv {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_ms(since_epoch.as_millis() as i64)
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }

    async fn variable(&self, name: &str) -> Result<Option<String>> {
        let name = format!("SPIN_VARIABLE_{}", name.to_uppercase());
        Ok(std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Holds up the thread: each has requests of its own here.
    async fn sleep_ms(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }

    fn log(&self, level: LogLevel, message: &str) {
        eprintln!("{level:?}: {message}");
    }
}

/// A clock that moves only when told or waited for, randomness from a seed, and a log that can be read.
pub struct FixedEnv {
    now_ms: Cell<i64>,
    random_state: Cell<u64>,
    variables: HashMap<String, String>,
    log: RefCell<Vec<String>>,
    woken: RefCell<Vec<String>>,
}

impl FixedEnv {
    /// Begins at 2026-01-02 03:04:05.678Z.
    pub fn new() -> Self {
        FixedEnv {
            now_ms: Cell::new(1_767_323_045_678),
            random_state: Cell::new(1),
            variables: HashMap::new(),
            log: RefCell::default(),
            woken: RefCell::default(),
        }
    }

    /// Other randomness than that of [`FixedEnv::new`], for a second instance beside the first.
    pub fn with_seed(self, seed: u64) -> Self {
        self.random_state.set(seed);
        self
    }

    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn advance_ms(&self, ms: i64) {
        self.now_ms.set(self.now_ms.get() + ms);
    }

    /// The lines logged so far.
    pub fn log_lines(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// The components woken so far.
    pub fn woken(&self) -> Vec<String> {
        self.woken.borrow().clone()
    }
}

impl Default for FixedEnv {
    fn default() -> Self {
        FixedEnv::new()
    }
}

impl Env for FixedEnv {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now_ms.get())
    }

    /// The upper bytes of a linear congruential generator: even enough, and the same on every run.
    fn fill_random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let state = self.random_state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.random_state.set(state);
            *byte = (state >> 56) as u8;
        }
    }

    async fn variable(&self, name: &str) -> Result<Option<String>> {
        Ok(self.variables.get(name).filter(|value| !value.is_empty()).cloned())
    }

    /// Others that wait for the same thread go on once meanwhile.
    async fn sleep_ms(&self, ms: u64) {
        self.advance_ms(ms as i64);
        let mut has_waited = false;
        poll_fn(|context| {
            if has_waited {
                return Poll::Ready(());
            }
            has_waited = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.log.borrow_mut().push(format!("{level:?}: {message}"));
    }

    fn wake(&self, component: &str) {
        self.woken.borrow_mut().push(component.to_owned());
    }
}
