//! A change of the schema moves values without a word in the log: it is recorded as a migration.

use backspin_core::{Result, Transaction};

use super::{create_triggers, drop_triggers, retyped};
use crate::collection::Collection;

/// Removes the triggers of the tables that a change from the collections `old` to `new` touches: before its steps, in
/// their transaction, and notes which types fields had until now. Call [`resume`] after them.
pub async fn pause(transaction: &impl Transaction, old: &[Collection], new: &[Collection]) -> Result<()> {
    for collection in touched(old, new) {
        for sql in drop_triggers(collection) {
            transaction.execute(&sql, Vec::new()).await?;
        }
    }
    retyped::note(transaction, old, new).await
}

/// Makes the triggers of the tables that [`pause`] left without, and of those that are new.
pub async fn resume(transaction: &impl Transaction, old: &[Collection], new: &[Collection]) -> Result<()> {
    for collection in touched(new, old) {
        for sql in create_triggers(collection) {
            transaction.execute(&sql, Vec::new()).await?;
        }
    }
    Ok(())
}

/// The collections whose table the others do not have in the same form.
fn touched<'a>(
    collections: &'a [Collection],
    others: &'a [Collection],
) -> impl Iterator<Item = &'a Collection> {
    collections.iter().filter(|collection| {
        let is_same = |other: &Collection| {
            other.id == collection.id
                && other.name == collection.name
                && other.fields == collection.fields
                && other.type_name() == collection.type_name()
        };
        !others.iter().any(is_same)
    })
}
