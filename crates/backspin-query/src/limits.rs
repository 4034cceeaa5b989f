//! How long and deep an expression may be.

/// The bounds of one filter or rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterLimits {
    pub bytes_max: usize,
    /// Comparisons, in all groups together.
    pub comparisons_max: usize,
    /// `&&` within `||` within `&&` …; parentheses that change nothing do not count.
    pub depth_max: usize,
}

impl FilterLimits {
    /// For what clients send.
    pub const CLIENT: Self = Self { bytes_max: 3_500, comparisons_max: 200, depth_max: 200 };
    /// For the rules of collections, which only superusers write.
    pub const RULE: Self = Self { bytes_max: 100_000, comparisons_max: 1_000, depth_max: 200 };
}

/// Segments of one path, such as `author.team.name`.
pub const PATH_SEGMENTS_MAX: usize = 20;
/// Relations that one path follows. The same as PocketBase's.
pub const PATH_RELATIONS_MAX: usize = 6;
/// Tables that the paths of one query may reach.
pub const JOINS_MAX: usize = 100;
/// Arguments of `strftime`.
pub const STRFTIME_ARGUMENTS_MAX: usize = 10;
/// Levels of one path of `expand`.
pub const EXPAND_LEVELS_MAX: usize = 6;
/// Paths of one `expand`.
pub const EXPAND_PATHS_MAX: usize = 100;
/// Bytes of an `expand`.
pub const EXPAND_BYTES_MAX: usize = 8_192;
/// Bytes of a `fields`.
pub const FIELDS_BYTES_MAX: usize = 16_384;
/// Names in one path of `fields`.
pub const FIELDS_LEVELS_MAX: usize = 32;
