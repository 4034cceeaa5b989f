//! The statements that make and remove a collection's table.

use crate::collection::Collection;
use crate::quote::Quoted;

/// Makes the table of a base or auth collection: one column per field, in the order of the fields.
pub(crate) fn create_table(collection: &Collection) -> String {
    let columns: Vec<String> = collection
        .fields
        .iter()
        .map(|field| format!("{} {}", Quoted(&field.name), field.column().declaration()))
        .collect();
    format!("CREATE TABLE {} ({})", Quoted(&collection.name), columns.join(", "))
}

/// Removes the table, with its indexes.
pub(crate) fn drop_table(collection: &Collection) -> String {
    format!("DROP TABLE {}", Quoted(&collection.name))
}
