//! A database that remembers the statements it was given, so that tests can count them.

use std::cell::RefCell;
use std::rc::Rc;

use backspin_core::{Database, DatabaseError, Rows, Transaction, Value};

/// Passes everything on to `D` and keeps the text of each statement.
pub struct Recorder<D> {
    database: D,
    statements: Rc<RefCell<Vec<String>>>,
}

impl<D> Recorder<D> {
    pub fn new(database: D) -> Self {
        Recorder { database, statements: Rc::default() }
    }

    /// The statements since the last call, oldest first.
    pub fn take(&self) -> Vec<String> {
        self.statements.take()
    }
}

impl<D: Database> Database for Recorder<D> {
    type Transaction = Recorder<D::Transaction>;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.statements.borrow_mut().push(sql.to_owned());
        self.database.query(sql, parameters).await
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.statements.borrow_mut().push(sql.to_owned());
        self.database.execute(sql, parameters).await
    }

    async fn begin(&self) -> Result<Self::Transaction, DatabaseError> {
        self.statements.borrow_mut().push("BEGIN".to_owned());
        Ok(Recorder { database: self.database.begin().await?, statements: self.statements.clone() })
    }
}

impl<T: Transaction> Transaction for Recorder<T> {
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.statements.borrow_mut().push(sql.to_owned());
        self.database.execute(sql, parameters).await
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        self.statements.borrow_mut().push("COMMIT".to_owned());
        self.database.commit().await
    }

    async fn rollback(self) -> Result<(), DatabaseError> {
        self.statements.borrow_mut().push("ROLLBACK".to_owned());
        self.database.rollback().await
    }
}
