//! A database as its guests see it.

mod faults;
mod pins;
mod reads;
mod transactions;
mod writes;

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::{Connection, Database, Options, Value};

/// A database in a folder of its own.
struct TestDatabase {
    database: Database,
    folder: tempfile::TempDir,
    /// What was reported of abandoned transactions.
    reports: Arc<Mutex<Vec<String>>>,
}

impl Deref for TestDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl TestDatabase {
    async fn open() -> Self {
        Self::open_with(Options::default()).await
    }

    async fn open_with(mut options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let reports = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&reports);
        options.on_abandoned_transaction = Arc::new(move |line| sink.lock().unwrap().push(line.to_owned()));
        let database = Database::open(folder.path().join("test.db"), options).await.unwrap();
        Self { database, folder, reports }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    /// A connection as Spin makes one: straight on the file, for comparison.
    fn spin(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }
}

async fn run(connection: &Connection, sql: &str) {
    connection.execute(sql, Vec::new()).await.unwrap();
}

async fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    connection.execute(sql, Vec::new()).await.unwrap().rows
}

async fn integer(connection: &Connection, sql: &str) -> i64 {
    match rows(connection, sql).await.as_slice() {
        [row] => match row.as_slice() {
            [Value::Integer(integer)] => *integer,
            other => panic!("not one integer: {other:?}"),
        },
        other => panic!("not one row: {other:?}"),
    }
}

async fn error(connection: &Connection, sql: &str) -> String {
    connection.execute(sql, Vec::new()).await.unwrap_err().to_string()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Slow enough to leave the calling thread, quick enough for a test.
const SLOW_READ: &str = "\
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) \
    SELECT count(*) FROM n";

/// Never ends by itself.
const ENDLESS_READ: &str = "\
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
