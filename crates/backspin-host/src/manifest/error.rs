//! Where in the manifest something stands, and what is wrong there.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place in the manifest: both numbers count from 1, the column in characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A value of the manifest and where it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Located<T> {
    pub value: T,
    pub at: Position,
}

/// Why a manifest cannot be used: prints as `spin.toml:12: what is wrong and what to do`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ManifestError {
    file: PathBuf,
    at: Option<Position>,
    message: String,
}

impl ManifestError {
    /// A fault at one place of `file`.
    pub fn new(file: &Path, at: Position, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: Some(at), message: message.into() }
    }

    /// A fault of the file as a whole: it is missing, unreadable or too large.
    pub fn of_file(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: None, message: message.into() }
    }

    /// The manifest, as it was named by the caller of [`Manifest::load`](super::Manifest::load).
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from 1; `None` when the file could not be read.
    pub fn line(&self) -> Option<usize> {
        self.at.map(|at| at.line)
    }

    /// The column in characters, counted from 1; `None` when the file could not be read.
    pub fn column(&self) -> Option<usize> {
        self.at.map(|at| at.column)
    }

    /// What is wrong and what to do, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.file.display())?;
        if let Some(at) = self.at {
            write!(formatter, "{}:", at.line)?;
        }
        write!(formatter, " {}", self.message)
    }
}

impl std::error::Error for ManifestError {}
