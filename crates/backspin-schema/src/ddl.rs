//! The statements that make, change and remove a collection's table or view.

use crate::collection::Collection;
use crate::field::Field;
use crate::log;
use crate::quote::Quoted;

const ACTOR_TYPE: &str = "TEXT DEFAULT NULL";

/// Makes the table of a base or auth collection: one column per field, in the order of the fields, and
/// [`log::ACTOR_COLUMN`]. Its triggers are [`log::create_triggers`].
pub fn create_table(collection: &Collection) -> String {
    let actor = format!("{} {ACTOR_TYPE}", Quoted(log::ACTOR_COLUMN));
    let columns: Vec<String> = collection.fields.iter().map(column).chain([actor]).collect();
    format!("CREATE TABLE {} ({})", Quoted(&collection.name), columns.join(", "))
}

/// Adds the column of one field; rows that are there get its default.
pub fn add_column(collection: &Collection, field: &Field) -> String {
    format!("ALTER TABLE {} ADD COLUMN {}", Quoted(&collection.name), column(field))
}

/// Adds [`log::ACTOR_COLUMN`] to a table that an older Backspin has made.
pub(crate) fn add_actor_column(collection: &Collection) -> String {
    let (table, column) = (Quoted(&collection.name), Quoted(log::ACTOR_COLUMN));
    format!("ALTER TABLE {table} ADD COLUMN {column} {ACTOR_TYPE}")
}

/// Makes the view of a view collection from a checked `SELECT` that yields its fields in their order.
pub fn create_view(collection: &Collection, select: &str) -> String {
    let columns: Vec<String> =
        collection.fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
    format!("CREATE VIEW {} ({}) AS {select}", Quoted(&collection.name), columns.join(", "))
}

/// Removes the table with its indexes, or the view.
pub fn drop_table(collection: &Collection) -> String {
    let kind = if collection.is_view() { "VIEW" } else { "TABLE" };
    format!("DROP {kind} {}", Quoted(&collection.name))
}

/// Removes an index if it is there.
pub fn drop_index(name: &str) -> String {
    format!("DROP INDEX IF EXISTS {}", Quoted(name))
}

fn column(field: &Field) -> String {
    format!("{} {}", Quoted(&field.name), field.column().declaration())
}
