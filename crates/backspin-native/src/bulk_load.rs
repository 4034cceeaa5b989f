//! Filling a database file that nobody else has open and that is thrown away if anything goes wrong.

use std::path::Path;

use backspin_core::{DatabaseError, Rows, Transaction, Value};
use rusqlite::Connection;

use crate::database::{database_error, run};

/// One transaction that waits for no disk. What it wrote is on the disk only once the file is synchronised;
/// until then, a loss of power may damage the file.
pub struct BulkLoad(Connection);

impl BulkLoad {
    /// Begins the transaction on the file, or on an empty one that it makes.
    ///
    /// Errors: busy if another connection has the file open.
    pub fn begin(path: &Path) -> Result<Self, DatabaseError> {
        let connection = Connection::open(path).map_err(database_error)?;
        // The journal has only what was there before, which is nearly nothing.
        for (pragma, value) in
            [("locking_mode", "EXCLUSIVE"), ("journal_mode", "MEMORY"), ("synchronous", "OFF")]
        {
            connection.pragma_update(None, pragma, value).map_err(database_error)?;
        }
        run(&connection, "BEGIN EXCLUSIVE", Vec::new())?;
        Ok(BulkLoad(connection))
    }

    /// As [`Transaction::execute`], which here waits for nothing.
    pub fn run(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run(&self.0, sql, parameters)
    }
}

impl Transaction for BulkLoad {
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run(&self.0, sql, parameters)
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        run(&self.0, "COMMIT", Vec::new()).map(|_| ())
    }

    async fn rollback(self) -> Result<(), DatabaseError> {
        run(&self.0, "ROLLBACK", Vec::new()).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NativeDatabase;
    use backspin_core::Database;
    use futures::executor::block_on;

    #[test]
    fn what_was_loaded_is_there_and_a_refused_statement_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        block_on(async {
            let load = BulkLoad::begin(&path).unwrap();
            load.execute("CREATE TABLE t (x)", vec![]).await.unwrap();
            load.execute("INSERT INTO t VALUES (1), (1)", vec![]).await.unwrap();
            let refused = load.execute("CREATE UNIQUE INDEX i ON t (x)", vec![]).await.unwrap_err();
            assert_eq!(refused, DatabaseError::Unique { table: "t".into(), columns: vec!["x".into()] });
            load.execute("INSERT INTO t VALUES (?1)", vec![Value::Integer(2)]).await.unwrap();
            load.commit().await.unwrap();
            let database = NativeDatabase::open(&path).unwrap();
            let sum = database.query("SELECT sum(x) FROM t", vec![]).await.unwrap();
            assert_eq!(sum.into_first(), Some(Value::Integer(4)));
            let check = database.query("PRAGMA integrity_check", vec![]).await.unwrap();
            assert_eq!(check.into_first(), Some(Value::from("ok")));
        });
    }
}
