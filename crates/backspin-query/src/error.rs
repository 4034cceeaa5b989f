//! What is wrong with a filter, sort, expand or field list, and where.

use std::fmt;
use std::ops::Range;

/// A refused expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    pub kind: QueryErrorKind,
    /// A sentence for the client that names the faulty part.
    pub message: String,
    /// The faulty part, in bytes of the expression.
    pub span: Range<usize>,
}

/// The sort of fault: it decides the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryErrorKind {
    /// The expression cannot be read, names what does not exist, or is too long: 400.
    Invalid,
    /// Only superusers may use this: 403.
    SuperusersOnly,
}

pub type Result<T, E = QueryError> = std::result::Result<T, E>;

impl QueryError {
    pub(crate) fn invalid(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { kind: QueryErrorKind::Invalid, message: message.into(), span }
    }

    pub(crate) fn superusers_only(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { kind: QueryErrorKind::SuperusersOnly, message: message.into(), span }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            QueryErrorKind::Invalid => write!(f, "{} (at {})", self.message, self.span.start),
            QueryErrorKind::SuperusersOnly => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for QueryError {}

impl From<QueryError> for backspin_core::Error {
    fn from(error: QueryError) -> Self {
        match error.kind {
            QueryErrorKind::Invalid => Self::bad_request(error.to_string()),
            QueryErrorKind::SuperusersOnly => Self::Forbidden(error.to_string()),
        }
    }
}
