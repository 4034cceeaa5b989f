//! An open transaction in the place of the database, so that functions which commit by themselves work
//! together: all that they write is kept, or nothing.

use std::cell::Cell;
use std::rc::Rc;

use backspin_core::{Database, DatabaseError, Env, Platform, Rows, Transaction, Value};

/// A platform whose database is an open transaction.
pub(crate) struct InTransaction<'a, T, E> {
    database: OpenTransaction<'a, T>,
    env: &'a E,
}

impl<'a, T: Transaction, E: Env> InTransaction<'a, T, E> {
    pub(crate) fn new(transaction: &'a T, env: &'a E) -> Self {
        InTransaction { database: OpenTransaction { transaction, undone: Rc::default() }, env }
    }

    /// Tells, even when this is gone, whether a part of the work was given up.
    pub(crate) fn undone(&self) -> Rc<Cell<bool>> {
        self.database.undone.clone()
    }
}

impl<'a, T: Transaction, E: Env> Platform for InTransaction<'a, T, E> {
    type Database = OpenTransaction<'a, T>;
    type Env = E;

    fn database(&self) -> &OpenTransaction<'a, T> {
        &self.database
    }

    fn env(&self) -> &E {
        self.env
    }
}

/// Reads what the transaction has written; commits nothing.
pub(crate) struct OpenTransaction<'a, T> {
    transaction: &'a T,
    undone: Rc<Cell<bool>>,
}

impl<'a, T: Transaction> Database for OpenTransaction<'a, T> {
    type Transaction = Part<'a, T>;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.transaction.execute(sql, parameters).await
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.transaction.execute(sql, parameters).await
    }

    async fn begin(&self) -> Result<Part<'a, T>, DatabaseError> {
        Ok(Part { transaction: self.transaction, undone: self.undone.clone(), is_over: false })
    }
}

/// A transaction within the transaction. It cannot be rolled back alone: when it is, or is dropped
/// without a commit, the whole counts as undone.
pub(crate) struct Part<'a, T> {
    transaction: &'a T,
    undone: Rc<Cell<bool>>,
    is_over: bool,
}

impl<T: Transaction> Transaction for Part<'_, T> {
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.transaction.execute(sql, parameters).await
    }

    async fn commit(mut self) -> Result<(), DatabaseError> {
        self.is_over = true;
        Ok(())
    }

    async fn rollback(self) -> Result<(), DatabaseError> {
        Ok(())
    }
}

impl<T> Drop for Part<'_, T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.undone.set(true);
        }
    }
}
