//! What can be wrong with schema files; each message names the file and says what to do.

use std::io;
use std::path::PathBuf;

/// Why files were not read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{}:{line}:{column}: {reason}", file.display())]
    Syntax { file: PathBuf, line: usize, column: usize, reason: String },
    /// JSON, but no collection; the reason names the part.
    #[error("{}: {reason}", file.display())]
    Collection { file: PathBuf, reason: String },
    #[error(
        "{} and {} are both the collection with the {what} {value:?}: give one of them another {what}, or remove it",
        first.display(), second.display()
    )]
    Twice { first: PathBuf, second: PathBuf, what: &'static str, value: String },
    #[error("{} is a {what}, which is not followed: put a regular file in its place", file.display())]
    NotRegular { file: PathBuf, what: &'static str },
    #[error("{} has {bytes} bytes, and a schema file has at most {bytes_max}", file.display())]
    TooLong { file: PathBuf, bytes: u64, bytes_max: u64 },
    #[error("{} has more than {files_max} schema files", folder.display())]
    TooMany { folder: PathBuf, files_max: usize },
    #[error(
        "there is no folder {}: make it from a database with `backspin schema pull`, or name another with --dir",
        folder.display()
    )]
    NoFolder { folder: PathBuf },
    #[error(
        "the collection {name:?} cannot be a file: a name has letters, digits and _, at most {chars_max} of them"
    )]
    Name { name: String, chars_max: usize },
    #[error("{} cannot be {done}", path.display())]
    Io { path: PathBuf, done: &'static str, source: io::Error },
}
