//! An open transaction in the place of the database, so that functions which commit by themselves work
//! together: all that they write is kept, or nothing.

use std::cell::Cell;
use std::rc::Rc;

use backspin_core::{Database, DatabaseError, Error, Platform, Result, Rows, Transaction, Value};
use backspin_schema::App;

/// Runs `work` on the application within a transaction: all that it writes is kept if it succeeds, and nothing if it fails.
///
/// Errors: those of `work`.
pub async fn in_transaction<P: Platform, T>(
    app: &App<P>,
    work: impl AsyncFnOnce(&App<InTransaction<'_, P>>) -> Result<T>,
) -> Result<T> {
    let snapshot = app.snapshot().await?;
    let transaction = app.database().begin().await?;
    let platform = InTransaction::new(&transaction, app.platform());
    let undone = platform.undone();
    let inner = App::with_snapshot(platform, snapshot);
    let result = work(&inner).await;
    drop(inner);
    match result {
        Ok(value) if !undone.get() => {
            transaction.commit().await?;
            Ok(value)
        }
        result => {
            // Should this fail, the end of the connection rolls back just as well.
            let _ = transaction.rollback().await;
            result.and(Err(Error::internal("a part of a transaction gave up its writes and did not say so")))
        }
    }
}

/// A platform whose database is an open transaction.
pub struct InTransaction<'a, P: Platform> {
    database: OpenTransaction<'a, TransactionOf<P>>,
    outer: &'a P,
}

type TransactionOf<P> = <<P as Platform>::Database as Database>::Transaction;

impl<'a, P: Platform> InTransaction<'a, P> {
    pub(crate) fn new(transaction: &'a TransactionOf<P>, outer: &'a P) -> Self {
        InTransaction { database: OpenTransaction { transaction, undone: Rc::default() }, outer }
    }

    /// Tells, even when this is gone, whether a part of the work was given up.
    pub(crate) fn undone(&self) -> Rc<Cell<bool>> {
        self.database.undone.clone()
    }
}

impl<'a, P: Platform> Platform for InTransaction<'a, P> {
    type Database = OpenTransaction<'a, TransactionOf<P>>;
    type Env = P::Env;
    type Hasher = P::Hasher;

    fn database(&self) -> &Self::Database {
        &self.database
    }

    fn env(&self) -> &P::Env {
        self.outer.env()
    }

    fn hasher(&self) -> &P::Hasher {
        self.outer.hasher()
    }

    fn is_transaction(&self) -> bool {
        true
    }
}

/// Reads what the transaction has written; commits nothing.
pub struct OpenTransaction<'a, T> {
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
pub struct Part<'a, T> {
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
