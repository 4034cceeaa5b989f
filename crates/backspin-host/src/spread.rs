//! A setting that can differ from instance to instance.

use std::time::Duration;

/// One value, or a range (without its end) from which each new instance takes one at random: so that instances
/// that were started together do not end together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spread<T> {
    Exact(T),
    Range(T, T),
}

impl Spread<usize> {
    /// One value; of an empty range its start.
    pub fn pick(self) -> usize {
        match self {
            Self::Exact(value) => value,
            Self::Range(first, end) => first + (random() % end.saturating_sub(first).max(1) as u64) as usize,
        }
    }
}

impl Spread<Duration> {
    /// One value; of an empty range its start.
    pub fn pick(self) -> Duration {
        match self {
            Self::Exact(value) => value,
            Self::Range(first, end) => {
                let width = u64::try_from(end.saturating_sub(first).as_nanos()).unwrap_or(u64::MAX);
                first + Duration::from_nanos(random() % width.max(1))
            }
        }
    }
}

/// Differs from call to call; nothing secret depends on it.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_from_the_range() {
        assert_eq!(Spread::Exact(8).pick(), 8);
        let picked: std::collections::HashSet<usize> =
            (0..1000).map(|_| Spread::Range(1, 4).pick()).collect();
        assert_eq!(picked, [1, 2, 3].into());
        let (first, end) = (Duration::from_secs(1), Duration::from_secs(2));
        for _ in 0..100 {
            let picked = Spread::Range(first, end).pick();
            assert!(first <= picked && picked < end, "{picked:?}");
        }
    }
}
