//! The migrations that were applied, in the table `_migrations`.

use backspin_core::{Database, DatabaseError, Error, Platform, Result, Rows, Transaction, Value};
use backspin_schema::{App, Collection};
use serde::{Deserialize, Serialize};

use crate::Step;
use crate::fingerprint::digest;

/// Made with the first migration.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_migrations" (
    "number" INTEGER PRIMARY KEY,
    "applied" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "schemaBefore" TEXT NOT NULL,
    "schemaAfter" TEXT NOT NULL,
    "checksum" TEXT NOT NULL,
    "steps" JSON NOT NULL,
    "before" JSON NOT NULL,
    "made" JSON NOT NULL,
    "reverted" TEXT DEFAULT '' NOT NULL,
    "forgotten" TEXT DEFAULT '' NOT NULL
)"#;

const SELECT_SQL: &str = r#"SELECT "number", "applied", "author", "schemaBefore", "schemaAfter", "checksum", "steps", "before", "made", "reverted", "forgotten"
FROM "_migrations""#;

/// As [`SELECT_SQL`], without what only a revert needs: whole collections as they were.
const SELECT_SHOWN_SQL: &str = r#"SELECT "number", "applied", "author", "schemaBefore", "schemaAfter", "checksum", "steps", '[]' AS "before", '[]' AS "made", "reverted", "forgotten"
FROM "_migrations""#;

/// An applied plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    /// Counts up from 1.
    pub number: i64,
    /// When; `YYYY-MM-DD HH:mm:ss.sssZ`.
    pub applied: String,
    /// Who, as the caller of [`crate::apply`] said.
    pub author: String,
    /// [`crate::fingerprint`] of the schema that it found.
    pub schema_before: String,
    /// [`crate::fingerprint`] of the schema that it left.
    pub schema_after: String,
    /// SHA-256 of the statements there and back, in hexadecimal digits.
    pub checksum: String,
    /// Measured, with the statements there and back.
    #[serde(serialize_with = "crate::step::to_public")]
    pub steps: Vec<Step>,
    /// The changed and removed collections as they were. They hold secrets.
    #[serde(skip)]
    pub(crate) before: Vec<Before>,
    /// The ids of the collections that it made.
    #[serde(skip)]
    pub(crate) made: Vec<String>,
    /// When it was taken back; empty if it was not.
    pub reverted: String,
    /// When the values that it took away were deleted for good; empty if they were not.
    pub forgotten: String,
}

/// A collection as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Before {
    /// Its place among the others.
    pub(crate) rowid: i64,
    pub(crate) collection: Collection,
}

/// `limit` migrations, newest first, after the first `offset`; those that were taken back are among them.
pub async fn history(app: &App<impl Platform>, limit: u32, offset: i64) -> Result<Vec<Migration>> {
    let sql = format!("{SELECT_SHOWN_SQL}\nORDER BY \"number\" DESC LIMIT ?1 OFFSET ?2");
    match app.database().query(&sql, vec![i64::from(limit).into(), offset.into()]).await {
        Ok(rows) => read(rows),
        Err(DatabaseError::NoSuchTable(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// How many migrations there are.
pub async fn count(app: &App<impl Platform>) -> Result<i64> {
    match app.database().query(r#"SELECT COUNT(*) FROM "_migrations""#, Vec::new()).await {
        Ok(rows) => match rows.into_first() {
            Some(Value::Integer(count)) => Ok(count),
            _ => Err(Error::internal("the migrations cannot be counted")),
        },
        Err(DatabaseError::NoSuchTable(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

impl Migration {
    pub(crate) fn kept_tables(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| step.kept.as_deref())
    }

    pub(crate) fn keeps(&self) -> bool {
        self.kept_tables().next().is_some()
    }
}

/// What [`Migration::checksum`] must be.
pub(crate) fn checksum(steps: &[Step]) -> String {
    let statements = steps.iter().flat_map(|step| step.up.iter().chain(&step.down));
    // No statement holds the character that ends it here.
    digest(&statements.map(|sql| format!("{sql}\0")).collect::<String>())
}

/// The number of the next migration. Makes the table if there is none.
pub(crate) async fn next_number(transaction: &impl Transaction) -> Result<i64> {
    transaction.execute(TABLE_SQL, Vec::new()).await?;
    let sql = r#"SELECT COALESCE(MAX("number"), 0) + 1 FROM "_migrations""#;
    crate::measure::count(transaction, Some(sql)).await
}

/// The migration `number`, or else the last one; only among those that are in force.
pub(crate) async fn find_last(
    transaction: &impl Transaction,
    number: Option<i64>,
) -> Result<Option<Migration>> {
    let sql = format!(
        "{SELECT_SQL}\nWHERE \"reverted\" = '' AND (?1 IS NULL OR \"number\" = ?1)\nORDER BY \"number\" DESC LIMIT 1"
    );
    match transaction.execute(&sql, vec![number.into()]).await {
        Ok(rows) => Ok(read(rows)?.pop()),
        Err(DatabaseError::NoSuchTable(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Those that were not taken back, oldest first.
pub(crate) async fn find_in_force(transaction: &impl Transaction) -> Result<Vec<Migration>> {
    let sql = format!("{SELECT_SHOWN_SQL}\nWHERE \"reverted\" = '' ORDER BY \"number\"");
    match transaction.execute(&sql, Vec::new()).await {
        Ok(rows) => read(rows),
        Err(DatabaseError::NoSuchTable(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn mark_forgotten(transaction: &impl Transaction, number: i64, now: &str) -> Result<()> {
    let sql = r#"UPDATE "_migrations" SET "forgotten" = ?2 WHERE "number" = ?1"#;
    transaction.execute(sql, vec![number.into(), now.into()]).await?;
    Ok(())
}

pub(crate) async fn insert(transaction: &impl Transaction, migration: &Migration) -> Result<()> {
    let sql = r#"INSERT INTO "_migrations" ("number", "applied", "author", "schemaBefore", "schemaAfter", "checksum", "steps", "before", "made")
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"#;
    let to_text = |result: serde_json::Result<String>| result.map_err(|error| Error::Internal(error.into()));
    let parameters = vec![
        Value::from(migration.number),
        migration.applied.as_str().into(),
        migration.author.as_str().into(),
        migration.schema_before.as_str().into(),
        migration.schema_after.as_str().into(),
        migration.checksum.as_str().into(),
        to_text(serde_json::to_string(&migration.steps))?.into(),
        to_text(serde_json::to_string(&migration.before))?.into(),
        to_text(serde_json::to_string(&migration.made))?.into(),
    ];
    transaction.execute(sql, parameters).await?;
    Ok(())
}

pub(crate) async fn mark_reverted(transaction: &impl Transaction, number: i64, now: &str) -> Result<()> {
    let sql = r#"UPDATE "_migrations" SET "reverted" = ?2 WHERE "number" = ?1"#;
    transaction.execute(sql, vec![number.into(), now.into()]).await?;
    Ok(())
}

fn read(rows: Rows) -> Result<Vec<Migration>> {
    rows.rows.into_iter().map(|row| migration(row).map_err(unreadable)).collect()
}

fn migration(row: Vec<Value>) -> serde_json::Result<Migration> {
    let mut values = row.into_iter();
    let number = match values.next() {
        Some(Value::Integer(number)) => number,
        _ => 0,
    };
    let mut text = || match values.next() {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    };
    Ok(Migration {
        number,
        applied: text(),
        author: text(),
        schema_before: text(),
        schema_after: text(),
        checksum: text(),
        steps: serde_json::from_str(&text())?,
        before: serde_json::from_str(&text())?,
        made: serde_json::from_str(&text())?,
        reverted: text(),
        forgotten: text(),
    })
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::internal(format!("a row of _migrations cannot be read: {error}"))
}
