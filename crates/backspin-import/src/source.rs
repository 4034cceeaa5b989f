//! The data folder of a PocketBase, of which only copies are opened.

mod collection;
mod copy;
mod files;
mod strays;

pub(crate) use collection::{SourceCollection, read as read_collections};
pub(crate) use files::stored;

use std::path::Path;

use backspin_core::{Database, DatabaseError, Value};
use backspin_native::NativeDatabase;

use crate::{ImportError, Note, Progress};

const DATABASE_NAME: &str = "data.db";

/// A copy of the folder's database.
pub(crate) struct Source {
    database: NativeDatabase,
}

/// Whether `folder` has a database, which nothing has looked into yet.
///
/// Errors: `NotPocketBase`.
pub(crate) fn look(folder: &Path) -> Result<(), ImportError> {
    if folder.join(DATABASE_NAME).is_file() {
        return Ok(());
    }
    let elsewhere = folder.join("pb_data").join(DATABASE_NAME).is_file();
    let reason = match elsewhere {
        true => "it has no data.db, but its folder pb_data has: name that one".to_owned(),
        false => format!("it has no {DATABASE_NAME}"),
    };
    Err(ImportError::NotPocketBase(folder.to_owned(), reason))
}

impl Source {
    /// Copies the database of `folder` to the file `copy`, and looks whether it can be read.
    pub(crate) async fn open(
        folder: &Path,
        copy: &Path,
        progress: &mut impl Progress,
    ) -> Result<Self, ImportError> {
        let original = folder.join(DATABASE_NAME);
        copy::copy(&original, copy, progress)?;
        let read = async {
            let database = NativeDatabase::open(copy)?;
            let columns = texts(&database, r#"SELECT "name" FROM pragma_table_info('_collections')"#).await?;
            let damage = texts(&database, "PRAGMA quick_check(1)").await?;
            Ok((database, columns, damage))
        };
        let (database, columns, damage) = read.await.map_err(|error| unreadable(folder, &error))?;
        match damage.as_slice() {
            [ok] if ok == "ok" => {}
            found => return Err(ImportError::Damaged(original, found.join("; "))),
        }
        if columns.is_empty() {
            let reason = format!("its {DATABASE_NAME} has no collections");
            return Err(ImportError::NotPocketBase(folder.to_owned(), reason));
        }
        if !columns.iter().any(|column| column == "fields") {
            return Err(ImportError::TooOld(folder.to_owned()));
        }
        Ok(Source { database })
    }

    pub(crate) fn database(&self) -> &NativeDatabase {
        &self.database
    }

    /// What is in the database and of no collection.
    pub(crate) async fn strays(&self, collections: &[SourceCollection]) -> Result<Vec<Note>, ImportError> {
        Ok(strays::find(&self.database, collections).await?)
    }
}

/// The texts of all rows.
async fn texts(database: &NativeDatabase, sql: &str) -> Result<Vec<String>, DatabaseError> {
    Ok(rows_of_texts(database, sql).await?.into_iter().flatten().collect())
}

/// The texts of each row.
async fn rows_of_texts(database: &NativeDatabase, sql: &str) -> Result<Vec<Vec<String>>, DatabaseError> {
    let rows = database.query(sql, Vec::new()).await?.rows;
    let text = |value: Value| match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
    };
    Ok(rows.into_iter().map(|row| row.into_iter().filter_map(text).collect()).collect())
}

fn unreadable(folder: &Path, error: &DatabaseError) -> ImportError {
    let reason = error.to_string();
    match reason.contains("not a database") {
        true => ImportError::NotPocketBase(
            folder.to_owned(),
            format!("its {DATABASE_NAME} is no SQLite database"),
        ),
        false => ImportError::Damaged(folder.join(DATABASE_NAME), reason),
    }
}
