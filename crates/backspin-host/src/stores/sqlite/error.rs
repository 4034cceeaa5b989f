//! Why a statement failed.

use std::fmt;

use rusqlite::ErrorCode;

/// Why a statement failed, in SQLite's words: a constraint's name exists only in this text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(super) fn closed() -> Self {
        Self::new("the database is closed")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

/// Why a statement did not finish on a session.
#[derive(Debug)]
pub(super) enum Failure {
    /// It is not done and had no effect: it took more steps than its thread may give it, or another
    /// process holds a lock. It can run again on a blocking thread.
    Unfinished,
    Sqlite(rusqlite::Error),
    /// The result is larger than the limit, in bytes.
    ResultTooLarge(usize),
    /// The text in this column is not UTF-8.
    NotUtf8(usize),
}

impl Failure {
    pub(super) fn code(&self) -> Option<ErrorCode> {
        match self {
            Failure::Sqlite(rusqlite::Error::SqlInputError { error, .. }) => Some(error.code),
            Failure::Sqlite(error) => error.sqlite_error_code(),
            Failure::Unfinished | Failure::ResultTooLarge(_) | Failure::NotUtf8(_) => None,
        }
    }

    /// Whether it undid its own statement and nothing else, should a transaction still be open.
    pub(super) fn is_contained(&self) -> bool {
        match self {
            Failure::Unfinished => false,
            Failure::ResultTooLarge(_) | Failure::NotUtf8(_) => true,
            Failure::Sqlite(_) => matches!(
                self.code(),
                None | Some(
                    ErrorCode::ConstraintViolation
                        | ErrorCode::Unknown
                        | ErrorCode::TypeMismatch
                        | ErrorCode::TooBig
                        | ErrorCode::ParameterOutOfRange
                        | ErrorCode::AuthorizationForStatementDenied
                )
            ),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Sqlite(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unfinished => Self::new("interrupted"),
            Failure::Sqlite(error) => error.into(),
            Failure::ResultTooLarge(limit) => Self(format!("query result exceeds limit of {limit} bytes")),
            Failure::NotUtf8(column) => {
                Self(format!("the text in column {column} is not UTF-8: cast it to a BLOB"))
            }
        }
    }
}
