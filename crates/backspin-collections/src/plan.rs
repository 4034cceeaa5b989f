//! What has to be done to the table when a collection changes, as long as no stored value is touched.

use backspin_core::{Error, Result};
use backspin_schema::{Collection, Field, Index};

/// Steps from one state of a collection to the next.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    pub(crate) added: Vec<&'a Field>,
    /// Names of indexes that are gone or changed.
    pub(crate) dropped_indexes: Vec<String>,
    /// Positions in the list of the collection's indexes.
    pub(crate) made_indexes: Vec<usize>,
}

impl<'a> Plan<'a> {
    /// Errors: 501 for a change that needs stored values to be moved or converted.
    pub(crate) fn between(before: &Collection, after: &'a Collection) -> Result<Self> {
        if before.name != after.name {
            return Err(needs_migration("A collection cannot be renamed yet"));
        }
        if before.view_query() != after.view_query() {
            return Err(needs_migration(
                "The query of a view cannot be changed yet: delete the view and create it anew",
            ));
        }
        for old in &before.fields {
            match after.find_field_by_id(&old.id) {
                None => {
                    return Err(needs_migration(&format!("The field {} cannot be removed yet", old.name)));
                }
                Some(new) if new.name != old.name => {
                    return Err(needs_migration(&format!("The field {} cannot be renamed yet", old.name)));
                }
                Some(new) if new.column() != old.column() => {
                    let what =
                        format!("The field {} cannot change between one and several values yet", old.name);
                    return Err(needs_migration(&what));
                }
                Some(_) => {}
            }
        }
        let added = after.fields.iter().filter(|field| before.find_field_by_id(&field.id).is_none());
        let dropped = before.indexes.iter().filter(|index| !has(after, index));
        let made = after.indexes.iter().enumerate().filter(|(_, index)| !has(before, index));
        Ok(Plan {
            added: added.collect(),
            dropped_indexes: dropped
                .filter_map(|index| Index::parse(index))
                .map(|index| index.name)
                .collect(),
            made_indexes: made.map(|(position, _)| position).collect(),
        })
    }
}

/// Whether the collection has an index of the same meaning.
fn has(collection: &Collection, sql: &str) -> bool {
    let index = Index::parse(sql);
    collection.indexes.iter().any(|other| Index::parse(other) == index)
}

fn needs_migration(what: &str) -> Error {
    Error::Unsupported(format!(
        "{what}. Nothing was changed. Planned migrations, which keep the stored records, come with a later \
         version."
    ))
}
