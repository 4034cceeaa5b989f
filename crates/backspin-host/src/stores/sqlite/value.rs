//! What goes into a statement and what comes out.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A parameter or a column's value.
///
/// A `Real` that is not a number is stored as `NULL`, as SQLite does.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Value {
    /// Bytes of memory that it takes, for the limit of a result.
    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Value>()
            + match self {
                Value::Null | Value::Integer(_) | Value::Real(_) => 0,
                Value::Text(text) => text.len(),
                Value::Blob(bytes) => bytes.len(),
            }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Real(real) => ValueRef::Real(*real),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The rows of a statement; both lists are empty for one that yields none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResult {
    /// The columns' names.
    pub columns: Vec<String>,
    /// One value for each column.
    pub rows: Vec<Vec<Value>>,
}
