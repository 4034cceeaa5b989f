//! SQLite or libSQL through `spin:sqlite`.
//!
//! One static connection reads and one writes, so that a write that waits for the lock holds up no
//! read. Reads use the synchronous function, one crossing for all rows; writes use the asynchronous
//! one, during which the instance serves other requests. Within a transaction, which has the lock
//! already, everything is synchronous: it ends sooner.

use std::cell::RefCell;
use std::rc::Rc;

use backspin_core::{Database, DatabaseError, Rows, Transaction, Value};
use spin_sdk::sqlite::wit::sqlite::{Connection, Error, RowResult, Value as SpinValue};

const DATABASE: &str = "default";

/// The application's database. Its connections are opened at the first statement and kept.
#[derive(Default)]
pub struct SpinDatabase {
    reader: RefCell<Option<Rc<Connection>>>,
    writer: RefCell<Option<Rc<Connection>>>,
}

impl Database for SpinDatabase {
    type Transaction = SpinTransaction;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        let connection = kept(&self.reader)?;
        run_at_once(&connection, sql, parameters).map_err(|error| failed(&self.reader, error))
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        let connection = kept(&self.writer)?;
        run(&connection, sql, parameters).await.map_err(|error| failed(&self.writer, error))
    }

    async fn begin(&self) -> Result<SpinTransaction, DatabaseError> {
        let connection = Connection::open_async(DATABASE.to_owned()).await.map_err(database_error)?;
        run(&connection, "BEGIN IMMEDIATE", Vec::new()).await.map_err(database_error)?;
        Ok(SpinTransaction(connection))
    }
}

/// A connection of its own; the host rolls back what is not committed when it closes.
pub struct SpinTransaction(Connection);

impl Transaction for SpinTransaction {
    /// By the synchronous function: nothing is waited for, as the lock is held, and whoever waits for it
    /// gets it sooner.
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        run_at_once(&self.0, sql, parameters).map_err(database_error)
    }

    async fn commit(self) -> Result<(), DatabaseError> {
        run(&self.0, "COMMIT", Vec::new()).await.map(|_| ()).map_err(database_error)
    }

    async fn rollback(self) -> Result<(), DatabaseError> {
        run(&self.0, "ROLLBACK", Vec::new()).await.map(|_| ()).map_err(database_error)
    }
}

fn kept(slot: &RefCell<Option<Rc<Connection>>>) -> Result<Rc<Connection>, DatabaseError> {
    if let Some(connection) = slot.borrow().as_ref() {
        return Ok(connection.clone());
    }
    let connection = Rc::new(Connection::open(DATABASE).map_err(database_error)?);
    slot.replace(Some(connection.clone()));
    Ok(connection)
}

/// A connection that the host no longer knows is opened anew by the next statement.
fn failed(slot: &RefCell<Option<Rc<Connection>>>, error: Error) -> DatabaseError {
    if matches!(error, Error::InvalidConnection) {
        slot.replace(None);
    }
    database_error(error)
}

fn run_at_once(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Rows, Error> {
    let parameters: Vec<SpinValue> = parameters.into_iter().map(to_spin).collect();
    connection.execute(sql, &parameters).map(|result| rows(result.columns, result.rows))
}

/// The host may report an error of the statement only after the last row: all rows are read, then
/// the result.
async fn run(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Rows, Error> {
    let parameters = parameters.into_iter().map(to_spin).collect();
    let (columns, stream, result) = connection.execute_async(sql.to_owned(), parameters).await?;
    let all = stream.collect().await;
    result.await?;
    Ok(rows(columns, all))
}

fn rows(columns: Vec<String>, rows: Vec<RowResult>) -> Rows {
    Rows {
        columns,
        rows: rows.into_iter().map(|row| row.values.into_iter().map(from_spin).collect()).collect(),
    }
}

fn to_spin(value: Value) -> SpinValue {
    match value {
        Value::Null => SpinValue::Null,
        Value::Integer(integer) => SpinValue::Integer(integer),
        Value::Real(real) => SpinValue::Real(real),
        Value::Text(text) => SpinValue::Text(text),
        Value::Blob(bytes) => SpinValue::Blob(bytes),
    }
}

fn from_spin(value: SpinValue) -> Value {
    match value {
        SpinValue::Null => Value::Null,
        SpinValue::Integer(integer) => Value::Integer(integer),
        SpinValue::Real(real) => Value::Real(real),
        SpinValue::Text(text) => Value::Text(text),
        SpinValue::Blob(bytes) => Value::Blob(bytes),
    }
}

fn database_error(error: Error) -> DatabaseError {
    match error {
        Error::Io(text) => DatabaseError::from_text(&text),
        Error::DatabaseFull => DatabaseError::Full,
        Error::NoSuchDatabase => DatabaseError::Other(format!(
            "the runtime has no database {DATABASE:?}: name it in the runtime configuration"
        )),
        Error::AccessDenied => DatabaseError::Other(format!(
            "the component may not use the database {DATABASE:?}: \
             add it to its sqlite_databases in spin.toml"
        )),
        Error::InvalidConnection => DatabaseError::Other("the connection is closed".to_owned()),
    }
}
