//! SQLite through rusqlite, set up as Spin does: foreign keys on, five seconds of patience.

use std::path::{Path, PathBuf};
use std::time::Duration;

use backspin_core::{Database, DatabaseError, Row, Rows, Transaction, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database file.
pub struct NativeDatabase {
    path: PathBuf,
    connection: Connection,
}

impl NativeDatabase {
    /// Opens the file, or makes an empty one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        let path = path.as_ref().to_owned();
        Ok(NativeDatabase { connection: connect(&path)?, path })
    }

    /// Runs a statement that reads and hands over its rows one by one, however many they are.
    ///
    /// Errors: the first that `on_row` returns, which ends the reading, or the database's.
    pub fn for_each_row<E: From<DatabaseError>>(
        &self,
        sql: &str,
        mut on_row: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.connection.prepare(sql).map_err(database_error)?;
        let width = statement.column_count();
        let mut rows = statement.query([]).map_err(database_error)?;
        while let Some(row) = rows.next().map_err(database_error)? {
            let values = (0..width).map(|i| row.get_ref(i).map(value)).collect::<Result<Row, _>>();
            on_row(values.map_err(database_error)?)?;
        }
        Ok(())
    }
}

impl Database for NativeDatabase {
    type Transaction = NativeTransaction;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run(&self.connection, sql, parameters)
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run(&self.connection, sql, parameters)
    }

    async fn begin(&self) -> Result<NativeTransaction, DatabaseError> {
        NativeTransaction::begin(connect(&self.path)?, "BEGIN IMMEDIATE")
    }
}

/// A connection of its own; closing it rolls back what is not committed.
pub struct NativeTransaction(Connection);

impl NativeTransaction {
    pub(crate) fn begin(connection: Connection, sql: &str) -> Result<Self, DatabaseError> {
        run(&connection, sql, Vec::new())?;
        Ok(NativeTransaction(connection))
    }

    /// As [`Transaction::execute`], which here waits for nothing but the database.
    pub fn run(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run(&self.0, sql, parameters)
    }
}

impl Transaction for NativeTransaction {
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.run(sql, parameters)
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        run(&self.0, "COMMIT", Vec::new()).map(|_| ())
    }

    async fn rollback(self) -> Result<(), DatabaseError> {
        run(&self.0, "ROLLBACK", Vec::new()).map(|_| ())
    }
}

fn connect(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = Connection::open(path).map_err(database_error)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(database_error)?;
    Ok(connection)
}

pub(crate) fn run(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
    let mut statement = connection.prepare_cached(sql).map_err(database_error)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let parameters = rusqlite::params_from_iter(parameters.into_iter().map(Parameter));
    let rows = statement
        .query_map(parameters, |row| (0..columns.len()).map(|i| Ok(value(row.get_ref(i)?))).collect())
        .and_then(Iterator::collect)
        .map_err(database_error)?;
    Ok(Rows { columns, rows })
}

struct Parameter(Value);

impl ToSql for Parameter {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Real(real) => ValueRef::Real(*real),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

pub(crate) fn database_error(error: rusqlite::Error) -> DatabaseError {
    DatabaseError::from_text(&error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    fn database() -> (tempfile::TempDir, NativeDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("test.db")).unwrap();
        (folder, database)
    }

    #[test]
    fn values_of_every_kind_come_back_as_they_went_in() {
        let (_folder, database) = database();
        let values = vec![
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Real(0.1),
            Value::Text("a\0ü".into()),
            Value::Blob(vec![0, 255]),
        ];
        let rows = block_on(database.query("SELECT ?1 AS a, ?2, ?3, ?4, ?5", values.clone())).unwrap();
        assert_eq!(rows.rows, [values]);
        assert_eq!(rows.columns[0], "a");
    }

    #[test]
    fn a_dropped_transaction_leaves_no_trace_and_a_committed_one_stays() {
        let (_folder, database) = database();
        block_on(async {
            database.execute("CREATE TABLE t (x UNIQUE)", vec![]).await.unwrap();
            let transaction = database.begin().await.unwrap();
            transaction.execute("INSERT INTO t VALUES (1)", vec![]).await.unwrap();
            drop(transaction);
            let transaction = database.begin().await.unwrap();
            transaction.execute("INSERT INTO t VALUES (2)", vec![]).await.unwrap();
            transaction.commit().await.unwrap();
            let rows = database.query("SELECT x FROM t", vec![]).await.unwrap();
            assert_eq!(rows.into_first(), Some(Value::Integer(2)));
        });
    }

    #[test]
    fn rows_are_handed_over_until_one_is_refused() {
        let (_folder, database) = database();
        let mut seen = Vec::new();
        let sql = "SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3 ORDER BY x";
        let ended = database.for_each_row(sql, |row| {
            seen.push(row);
            if seen.len() < 2 { Ok(()) } else { Err(DatabaseError::Full) }
        });
        assert_eq!(ended, Err(DatabaseError::Full));
        assert_eq!(seen, [[Value::Integer(1)], [Value::Integer(2)]]);
    }

    #[test]
    fn a_wrong_statement_and_a_broken_constraint_are_told() {
        let (_folder, database) = database();
        block_on(async {
            let error = database.query("SELECT * FROM nowhere", vec![]).await.unwrap_err();
            assert_eq!(error, DatabaseError::NoSuchTable("nowhere".into()));
            database.execute("CREATE TABLE t (x UNIQUE)", vec![]).await.unwrap();
            database.execute("INSERT INTO t VALUES (1)", vec![]).await.unwrap();
            let error = database.execute("INSERT INTO t VALUES (1)", vec![]).await.unwrap_err();
            assert_eq!(error, DatabaseError::Unique { table: "t".into(), columns: vec!["x".into()] });
        });
    }
}
