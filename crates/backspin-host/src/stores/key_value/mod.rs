//! Spin's key-value stores, in the file and layout of Spin's own: either runtime can take over the
//! other's state folder.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::sqlite::{Connection, Database, OpenError, Options, QueryResult, Value};

/// Bytes of the longest key.
const KEY_BYTES_MAX: usize = 64 << 10;

/// The table as Spin makes it.
const CREATE_TABLE: &str = "\
CREATE TABLE IF NOT EXISTS spin_key_value (
    store TEXT NOT NULL,
    key   TEXT NOT NULL,
    value BLOB NOT NULL,

    PRIMARY KEY (store, key)
)";

/// Why a call of a store failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<super::sqlite::Error> for Error {
    fn from(error: super::sqlite::Error) -> Self {
        Self(error.to_string())
    }
}

/// All stores of an application: one file. Clones share it.
#[derive(Clone)]
pub struct KeyValue {
    database: Database,
    connection: Connection,
}

impl KeyValue {
    /// Opens the file (Spin's is `.spin/sqlite_key_value.db`), or makes it and its folder.
    ///
    /// # Errors
    /// As [`Database::open`]; and a file that holds another table of this name.
    pub async fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let database = Database::open(path, options).await?;
        let connection = database.connect();
        connection
            .execute(CREATE_TABLE, Vec::new())
            .await
            .map_err(|error| OpenError::Other { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { database, connection })
    }

    /// The store of this label; it exists as soon as something is in it.
    pub fn store(&self, label: &str) -> Store {
        Store { label: label.into(), connection: self.connection.clone() }
    }

    /// Writes what waits and moves the log into the file.
    pub async fn close(self) {
        drop(self.connection);
        self.database.close().await;
    }
}

/// One store: values by key. Each call is on record when it returns.
#[derive(Clone)]
pub struct Store {
    label: Arc<str>,
    connection: Connection,
}

impl Store {
    /// The value of a key, nothing where there is none.
    ///
    /// # Errors
    /// A value over the limit of a result, or what SQLite says.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
        let result = self.execute(sql, vec![self.label(), text(key)]).await?;
        match first_value(result) {
            None => Ok(None),
            Some(Value::Blob(bytes)) => Ok(Some(bytes)),
            Some(Value::Text(text)) => Ok(Some(text.into_bytes())),
            Some(other) => Err(Error(format!("the value of the key {key:?} is not a BLOB but {other:?}"))),
        }
    }

    /// Sets the value of a key, whether or not it has one.
    ///
    /// # Errors
    /// A key over 64 KiB, a full disk, or what else SQLite says.
    pub async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        if key.len() > KEY_BYTES_MAX {
            return Err(Error(format!("the key is longer than {KEY_BYTES_MAX} bytes")));
        }
        let sql = "\
            INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3) \
            ON CONFLICT (store, key) DO UPDATE SET value = excluded.value";
        self.execute(sql, vec![self.label(), text(key), Value::Blob(value)]).await?;
        Ok(())
    }

    /// Removes a key; that there is none is no error.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        let sql = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";
        self.execute(sql, vec![self.label(), text(key)]).await?;
        Ok(())
    }

    /// Whether a key has a value.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn exists(&self, key: &str) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2";
        Ok(first_value(self.execute(sql, vec![self.label(), text(key)]).await?).is_some())
    }

    /// All keys of the store, in their order.
    ///
    /// # Errors
    /// More keys than the limit of a result, or what SQLite says.
    pub async fn get_keys(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT key FROM spin_key_value WHERE store = ?1 ORDER BY key";
        let result = self.execute(sql, vec![self.label()]).await?;
        let keys = result.rows.into_iter().map(|row| match row.into_iter().next() {
            Some(Value::Text(key)) => Ok(key),
            other => Err(Error(format!("a key is not TEXT but {other:?}"))),
        });
        keys.collect()
    }

    fn label(&self) -> Value {
        text(&self.label)
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        Ok(self.connection.execute(sql, parameters).await?)
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn first_value(result: QueryResult) -> Option<Value> {
    result.rows.into_iter().next()?.into_iter().next()
}
