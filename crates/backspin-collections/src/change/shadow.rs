//! A view query is tried on a schema that is not there yet: in place of each table it reads one without
//! records, which lives as long as the statement.

use std::collections::BTreeSet;

use backspin_core::Database;
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Schema};

use super::view_checks::reason;
use crate::view_query;

/// What a table has beside its columns, and what the one in its place has not.
const OF_TABLES_ALONE: [&str; 4] = ["rowid", "_rowid_", "oid", "indexed"];

/// Why SQLite would refuse `select`, the query of a view, if the collections were those of `wanted`.
/// `gone` are the names of tables that would not be there.
pub(super) async fn why_refused(
    database: &impl Database,
    wanted: &Schema,
    gone: &[&str],
    select: &str,
) -> Option<String> {
    let named = view_query::named(select);
    // Only the database itself can tell, when the view is made.
    if OF_TABLES_ALONE.iter().any(|name| named.contains(*name)) {
        return None;
    }
    let sql = format!("{}SELECT * FROM ({select}) LIMIT 0", tables(wanted, gone, &named));
    database.query(&sql, Vec::new()).await.err().map(|error| reason(&error))
}

fn tables(wanted: &Schema, gone: &[&str], named: &BTreeSet<String>) -> String {
    let is_named = |name: &str| named.contains(&name.to_lowercase());
    let there = wanted.collections().iter().filter(|collection| is_named(&collection.name)).map(table);
    // A table that is not there has no column that could be meant.
    let gone = gone.iter().filter(|name| is_named(name) && wanted.find_by_name(name).is_none());
    let gone = gone.map(|name| format!("{}(\"~\") AS (SELECT NULL)", Quoted(name)));
    let tables: Vec<String> = there.chain(gone).collect();
    if tables.is_empty() { String::new() } else { format!("WITH {} ", tables.join(", ")) }
}

fn table(collection: &Collection) -> String {
    let columns = collection.fields.iter().map(|field| Quoted(&field.name).to_string());
    let columns: Vec<String> = columns.collect();
    let values = vec!["NULL"; columns.len()].join(", ");
    format!("{}({}) AS (SELECT {values})", Quoted(&collection.name), columns.join(", "))
}
