//! The data folder of a PocketBase, of which only copies are opened.

mod collection;
mod copy;
mod files;

pub(crate) use collection::{SourceCollection, read as read_collections};
pub(crate) use files::stored;

use std::path::Path;

use backspin_core::{Database, DatabaseError, Value};
use backspin_native::NativeDatabase;

use crate::{ImportError, Progress};

const DATABASE_NAME: &str = "data.db";

/// A copy of the folder's database.
pub(crate) struct Source {
    database: NativeDatabase,
}

impl Source {
    /// Copies the database of `folder` into `copy`, a folder of our own, and looks whether it can be read.
    pub(crate) async fn open(
        folder: &Path,
        copy: &Path,
        progress: &mut impl Progress,
    ) -> Result<Self, ImportError> {
        let original = folder.join(DATABASE_NAME);
        if !original.is_file() {
            let elsewhere = folder.join("pb_data").join(DATABASE_NAME).is_file();
            let reason = match elsewhere {
                true => "it has no data.db, but its folder pb_data has: name that one".to_owned(),
                false => format!("it has no {DATABASE_NAME}"),
            };
            return Err(ImportError::NotPocketBase(folder.to_owned(), reason));
        }
        let copied = copy.join(DATABASE_NAME);
        copy::copy(&original, &copied, progress)?;
        let read = async {
            let database = NativeDatabase::open(&copied)?;
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

    /// The tables and views that are no collection's and not PocketBase's or SQLite's own.
    pub(crate) async fn other_tables(
        &self,
        collections: &[SourceCollection],
    ) -> Result<Vec<String>, ImportError> {
        const OWN: [&str; 4] = ["_collections", "_migrations", "_params", "_logs"];
        let sql = r#"SELECT "name" FROM "sqlite_master"
WHERE "type" IN ('table', 'view') AND "name" NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY "name""#;
        let mut names = texts(&self.database, sql).await?;
        names.retain(|name| {
            !OWN.contains(&name.as_str()) && !collections.iter().any(|collection| collection.name == *name)
        });
        Ok(names)
    }
}

/// The first column of each row that is text.
async fn texts(database: &NativeDatabase, sql: &str) -> Result<Vec<String>, DatabaseError> {
    let rows = database.query(sql, Vec::new()).await?.rows;
    let texts = rows.into_iter().flatten().filter_map(|value| match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
    });
    Ok(texts.collect())
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
