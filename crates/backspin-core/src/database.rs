//! The port to SQLite or libSQL.

use std::collections::HashMap;

use crate::{Error, Result, Value};

/// The values of one row, in the order of the columns.
pub type Row = Vec<Value>;

/// What a statement returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

impl Rows {
    /// The first value of the first row.
    pub fn into_first(self) -> Option<Value> {
        self.rows.into_iter().next()?.into_iter().next()
    }

    /// The rows as maps from column name to value, for statements off the hot path.
    pub fn into_maps(self) -> impl Iterator<Item = HashMap<String, Value>> {
        let columns = self.columns;
        self.rows.into_iter().map(move |row| columns.iter().cloned().zip(row).collect())
    }
}

/// A database: statements that each commit by themselves, and transactions.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait Database {
    type Transaction: Transaction;

    /// Runs one statement that only reads. Other requests of the same instance may wait meanwhile.
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError>;

    /// Runs one statement that writes, and commits it. Other requests go on meanwhile.
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError>;

    /// Begins a transaction with the write lock taken, on a connection of its own.
    async fn begin(&self) -> Result<Self::Transaction, DatabaseError>;

    /// Runs `work` in a transaction: committed if it succeeds, rolled back if it fails.
    async fn transact<T>(&self, work: impl AsyncFnOnce(&Self::Transaction) -> Result<T>) -> Result<T> {
        let transaction = self.begin().await?;
        match work(&transaction).await {
            Ok(value) => {
                transaction.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // Should this fail, the end of the connection rolls back just as well.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }
}

/// An open transaction. Dropped without [`Transaction::commit`], it is rolled back.
#[allow(async_fn_in_trait, reason = "callers are generic: no future needs to be named or sent")]
pub trait Transaction {
    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError>;

    async fn commit(self) -> Result<(), DatabaseError>;

    async fn rollback(self) -> Result<(), DatabaseError>;
}

/// Why a statement failed, read from SQLite's text, for that is all Spin passes on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DatabaseError {
    #[error("unique constraint on {table} ({})", columns.join(", "))]
    Unique { table: String, columns: Vec<String> },
    #[error("{table}.{column} must not be null")]
    NotNull { table: String, column: String },
    #[error("foreign key constraint")]
    ForeignKey,
    #[error("no such table: {0}")]
    NoSuchTable(String),
    #[error("no such column: {0}")]
    NoSuchColumn(String),
    #[error("the database is busy")]
    Busy,
    #[error("the database or its disk is full")]
    Full,
    #[error("{0}")]
    Other(String),
}

impl DatabaseError {
    /// Recognises SQLite's message, whatever the runtime has put before and after it.
    pub fn from_text(text: &str) -> Self {
        if let Some(columns) = after(text, "UNIQUE constraint failed: ") {
            let mut table = "";
            let columns = columns
                .split(',')
                .filter_map(|column| column.trim().rsplit_once('.'))
                .map(|(of, column)| {
                    table = of;
                    first_word(column).to_owned()
                })
                .collect();
            return DatabaseError::Unique { table: table.to_owned(), columns };
        }
        if let Some((table, column)) =
            after(text, "NOT NULL constraint failed: ").and_then(|column| column.rsplit_once('.'))
        {
            return DatabaseError::NotNull { table: table.to_owned(), column: first_word(column).to_owned() };
        }
        if let Some(table) = after(text, "no such table: ") {
            return DatabaseError::NoSuchTable(first_word(table).to_owned());
        }
        let no_such_column = after(text, "no such column: ").or_else(|| after(text, "has no column named "));
        if let Some(column) = no_such_column {
            return DatabaseError::NoSuchColumn(first_word(column).to_owned());
        }
        if text.contains("FOREIGN KEY constraint failed") {
            return DatabaseError::ForeignKey;
        }
        if text.contains("database is locked") || text.contains("database table is locked") {
            return DatabaseError::Busy;
        }
        if text.contains("database or disk is full") {
            return DatabaseError::Full;
        }
        DatabaseError::Other(text.to_owned())
    }
}

fn after<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    text.split_once(marker).map(|(_, rest)| rest)
}

/// Names that users give may not hold spaces or commas, so a name ends there, or at the end of the line.
fn first_word(text: &str) -> &str {
    text.split([' ', ',', '\n', ')', '"', ';']).next().unwrap_or(text)
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Busy => Error::Busy,
            DatabaseError::Full => Error::StorageFull,
            other => Error::Internal(Box::new(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: DatabaseError) {
        assert_eq!(DatabaseError::from_text(text), expected);
    }

    #[test]
    fn constraints_name_their_table_and_columns() {
        check(
            "UNIQUE constraint failed: users.email",
            DatabaseError::Unique { table: "users".into(), columns: vec!["email".into()] },
        );
        check(
            "Io(\"UNIQUE constraint failed: posts.author, posts.slug\")",
            DatabaseError::Unique { table: "posts".into(), columns: vec!["author".into(), "slug".into()] },
        );
        check(
            "NOT NULL constraint failed: posts.title in INSERT INTO",
            DatabaseError::NotNull { table: "posts".into(), column: "title".into() },
        );
        check("FOREIGN KEY constraint failed", DatabaseError::ForeignKey);
    }

    #[test]
    fn missing_tables_and_columns_are_named() {
        check(
            "no such table: _backspin in SELECT 1 FROM _backspin at offset 7",
            DatabaseError::NoSuchTable("_backspin".into()),
        );
        check("no such column: title", DatabaseError::NoSuchColumn("title".into()));
        check("table posts has no column named title", DatabaseError::NoSuchColumn("title".into()));
    }

    #[test]
    fn a_busy_and_a_full_database_are_told_apart_from_the_rest() {
        check("database is locked", DatabaseError::Busy);
        check("database or disk is full", DatabaseError::Full);
        check("near \"SELEC\": syntax error", DatabaseError::Other("near \"SELEC\": syntax error".into()));
    }
}
