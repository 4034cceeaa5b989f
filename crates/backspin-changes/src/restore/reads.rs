//! Reading statements that run with and without a transaction: a plan must keep nobody from writing.

use backspin_core::{Database, DatabaseError, Rows, Transaction, Value};

pub(super) trait Reads {
    async fn rows(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError>;

    /// The integers of the first row.
    async fn integers(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<i64>, DatabaseError> {
        let row = self.rows(sql, parameters).await?.rows.into_iter().next().unwrap_or_default();
        let integer = |value| match value {
            Value::Integer(integer) => integer,
            Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => 0,
        };
        Ok(row.into_iter().map(integer).collect())
    }

    /// The first integer of the first row; 0 if there is none.
    async fn count(&self, sql: &str, parameters: Vec<Value>) -> Result<i64, DatabaseError> {
        Ok(self.integers(sql, parameters).await?.first().copied().unwrap_or_default())
    }
}

/// Each statement by itself, with no lock.
pub(super) struct Outside<'a, D>(pub(super) &'a D);

/// What the transaction sees.
pub(super) struct Within<'a, T>(pub(super) &'a T);

impl<D: Database> Reads for Outside<'_, D> {
    async fn rows(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.0.query(sql, parameters).await
    }
}

impl<T: Transaction> Reads for Within<'_, T> {
    async fn rows(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.0.execute(sql, parameters).await
    }
}
