//! Numbers and words that are the same in every run.

const WORDS: [&str; 24] = [
    "amber", "bridge", "candle", "desert", "ember", "forest", "garden", "harbour", "island", "jungle",
    "kettle", "lantern", "meadow", "needle", "orchard", "pebble", "quarry", "river", "saddle", "timber",
    "umbrella", "valley", "willow", "zephyr",
];

/// A small seeded generator (xorshift): the data need only be the same each time, not hard to guess.
pub(crate) struct Numbers(u64);

impl Numbers {
    /// `seed` is not 0.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, not including, `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }

    pub(crate) fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }
}
