//! What raw SQL has put into the database beside the collections.

use backspin_core::DatabaseError;
use backspin_native::NativeDatabase;
use backspin_schema::{Collection, Index};

use super::{SourceCollection, rows_of_texts};
use crate::Note;

/// Tables that PocketBase itself has.
const OWN_TABLES: [&str; 4] = ["_collections", "_migrations", "_params", "_logs"];

/// What SQLite makes by itself has no statement or a name of its own.
const OBJECTS_SQL: &str = r#"SELECT "type", "name", "tbl_name"
FROM "sqlite_master"
WHERE "sql" IS NOT NULL AND "name" NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY "type" NOT IN ('table', 'view'), "type", "name""#;

/// Tables and views that are no collections, then indexes and triggers of none.
pub(super) async fn find(
    database: &NativeDatabase,
    collections: &[SourceCollection],
) -> Result<Vec<Note>, DatabaseError> {
    let objects = rows_of_texts(database, OBJECTS_SQL).await?;
    let strays = objects.iter().filter_map(|object| match object.as_slice() {
        [kind, name, table] => stray(kind, name, table, collections),
        _ => None,
    });
    Ok(strays.collect())
}

fn stray(kind: &str, name: &str, table: &str, collections: &[SourceCollection]) -> Option<Note> {
    let of = collections.iter().find(|collection| collection.name.eq_ignore_ascii_case(table));
    let (what, why) = match kind {
        "table" | "view" if of.is_some() || OWN_TABLES.contains(&name) => return None,
        "table" | "view" => (format!("the table {name}"), "it is no collection"),
        "index" if !of.is_some_and(|of| lacks_index(of, name)) => return None,
        "index" => (format!("the index {name} of {table}"), "the collection's definition does not have it"),
        "trigger" => (format!("the trigger {name} of {table}"), "PocketBase has none: raw SQL has made it"),
        _ => return None,
    };
    Some(Note { what, why: why.to_owned() })
}

/// Whether the collection is brought without this index. Those of its definition are brought, or told later.
fn lacks_index(source: &SourceCollection, name: &str) -> bool {
    let indexes = |collection: &Collection| {
        let mut known = collection.indexes.iter().filter_map(|sql| Index::parse(sql));
        known.any(|index| index.name.eq_ignore_ascii_case(name))
    };
    source.collection.as_ref().is_some_and(|collection| !indexes(collection))
}
