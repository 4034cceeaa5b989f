//! Filling a database file that nobody else has open and that is thrown away if anything goes wrong.

use std::path::Path;

use backspin_core::DatabaseError;
use rusqlite::Connection;

use crate::NativeTransaction;
use crate::database::database_error;

/// Begins a transaction that waits for no disk, on the file or on an empty one that it makes. What it wrote is on the
/// disk only once the file is synchronised; until then, a loss of power may damage the file.
///
/// Errors: busy if another connection has the file open.
pub fn bulk_load(path: &Path) -> Result<NativeTransaction, DatabaseError> {
    let connection = Connection::open(path).map_err(database_error)?;
    // The journal has only what was there before, which is nearly nothing.
    for (pragma, value) in [("locking_mode", "EXCLUSIVE"), ("journal_mode", "MEMORY"), ("synchronous", "OFF")]
    {
        connection.pragma_update(None, pragma, value).map_err(database_error)?;
    }
    NativeTransaction::begin(connection, "BEGIN EXCLUSIVE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NativeDatabase;
    use backspin_core::{Database, Transaction, Value};
    use futures::executor::block_on;

    #[test]
    fn what_was_loaded_is_there_and_a_refused_statement_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        block_on(async {
            let load = bulk_load(&path).unwrap();
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
