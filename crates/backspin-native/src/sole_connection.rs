//! Having a database file for oneself.

use std::path::Path;
use std::time::Duration;

use backspin_core::{DatabaseError, Rows, Value};
use rusqlite::{Connection, OpenFlags};

use crate::database::{database_error, run};

/// The only connection that a database file has: while it lives, no other can be made.
pub struct SoleConnection(Connection);

impl SoleConnection {
    /// Takes an existing file, and changes nothing in it.
    ///
    /// Errors: busy if a server or another tool has it open.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(database_error)?;
        connection.busy_timeout(Duration::ZERO).map_err(database_error)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(database_error)?;
        // In this mode, the lock outlives the transaction.
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT").map_err(database_error)?;
        Ok(SoleConnection(connection))
    }

    /// Folds the log into the file and keeps none any more, so that the file alone is the database.
    pub fn fold_log(&self) -> Result<(), DatabaseError> {
        self.0.pragma_update(None, "journal_mode", "MEMORY").map_err(database_error)
    }

    /// Runs one statement that only reads.
    pub fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run(&self.0, sql, parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NativeDatabase;
    use backspin_core::Database;
    use futures::executor::block_on;

    #[test]
    fn there_is_no_other_connection_before_or_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        block_on(async {
            let other = NativeDatabase::open(&path).unwrap();
            other.execute("PRAGMA journal_mode = WAL", vec![]).await.unwrap();
            other.execute("CREATE TABLE t (x)", vec![]).await.unwrap();
            assert_eq!(SoleConnection::open(&path).err(), Some(DatabaseError::Busy));
            drop(other);
            let sole = SoleConnection::open(&path).unwrap();
            assert_eq!(
                sole.query("SELECT count(*) FROM t", vec![]).unwrap().into_first(),
                Some(Value::Integer(0))
            );
            sole.fold_log().unwrap();
            let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            assert_eq!(names.collect::<Vec<_>>(), ["test.db"]);
            // The database says no at once: the patience of the other one is not what is tested.
            let other = rusqlite::Connection::open(&path).unwrap();
            other.busy_timeout(Duration::ZERO).unwrap();
            assert!(other.execute_batch("SELECT * FROM t").is_err());
        });
    }
}
