//! What came of an import.

use std::path::PathBuf;

/// What was brought, what was not, and what is different.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// In the order of the source.
    pub collections: Vec<Brought>,
    /// Whether the settings were brought.
    pub settings: bool,
    /// What is in the source and not in the target.
    pub not_brought: Vec<Note>,
    /// What was brought and is not quite as it was, or does not work yet.
    pub remarks: Vec<Note>,
    /// Where the database that was replaced is now, if there was one worth keeping.
    pub previous: Option<PathBuf>,
}

impl Report {
    /// The records of all collections.
    pub fn records(&self) -> u64 {
        self.collections.iter().filter_map(|brought| brought.records).sum()
    }

    pub(crate) fn not_brought(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.not_brought.push(Note { what: what.into(), why: why.into() });
    }

    pub(crate) fn remark(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.remarks.push(Note { what: what.into(), why: why.into() });
    }
}

/// A collection that was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    pub name: String,
    /// `base`, `auth` or `view`.
    pub kind: &'static str,
    /// `None` for a view, which has none of its own.
    pub records: Option<u64>,
}

/// Something to tell, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub what: String,
    pub why: String,
}

/// As in `1 user` and `2 users`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
