//! The linear memory of one instance: how much it may have, and how much it came to have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::ResourceLimiter;

/// An instance that came to have more takes no further requests: linear memory never shrinks, so what one request needed,
/// such as the hash of a password, would stay taken until the instance ends.
const LEAN_BYTES_MAX: usize = 16 << 20;

/// What is known of an instance's memory, also while the instance runs.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryUse(Arc<AtomicUsize>);

impl MemoryUse {
    /// Whether a new instance would take far less.
    pub(super) fn is_large(&self) -> bool {
        self.0.load(Ordering::Relaxed) > LEAN_BYTES_MAX
    }
}

/// Bounds each linear memory of an instance.
pub(super) struct MemoryLimit {
    bytes_max: usize,
    taken: MemoryUse,
}

impl MemoryLimit {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, taken: MemoryUse::default() }
    }

    pub(super) fn taken(&self) -> MemoryUse {
        self.taken.clone()
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let is_allowed = desired <= self.bytes_max;
        if is_allowed {
            self.taken.0.fetch_max(desired, Ordering::Relaxed);
        }
        Ok(is_allowed)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_up_to_its_limit() {
        let mut limit = MemoryLimit::new(32 << 20);
        let taken = limit.taken();
        assert!(limit.memory_growing(0, 16 << 20, None).unwrap());
        assert!(!taken.is_large());
        assert!(!limit.memory_growing(16 << 20, 33 << 20, None).unwrap());
        assert!(!taken.is_large());
        assert!(limit.memory_growing(16 << 20, 17 << 20, None).unwrap());
        assert!(taken.is_large());
    }
}
