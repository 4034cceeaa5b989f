//! What follows from a deletion: records that go with the deleted one, level by level, and ids taken out of the
//! relations of all others. The statements grow with the levels and the schema, never with the records.

use std::collections::BTreeMap;

use backspin_core::{DatabaseError, Error, Result, Transaction, Value};
use backspin_schema::{Collection, Snapshot};
use serde_json::Value as Json;

use super::references::{Clear, Reference, References, Step};
use crate::traces;

/// Levels of records that go with one another, such as an answer to an answer to an answer.
const LEVELS_MAX: usize = 10_000;

/// All that may be kept of an account.
const TRACES: [&str; 4] = [traces::DEVICES, traces::PROVIDERS, traces::SECOND_FACTORS, traces::CODES];

pub(crate) struct Cascade<'a, T> {
    snapshot: &'a Snapshot,
    transaction: &'a T,
    by: By<'a>,
    /// All that is deleted, by the id of its collection.
    deleted: Deleted,
    /// The id of a collection whose records all go in the end: what they refer to needs no care.
    spared: Option<&'a str>,
}

/// Who deletes, and when.
#[derive(Clone, Copy)]
pub(crate) struct By<'a> {
    pub(crate) actor: &'a str,
    pub(crate) now: &'a str,
}

/// Ids of records by the id of their collection.
type Deleted = BTreeMap<String, Vec<String>>;

impl<'a, T: Transaction> Cascade<'a, T> {
    /// For the deletion of some records.
    pub(crate) fn new(snapshot: &'a Snapshot, transaction: &'a T, by: By<'a>) -> Self {
        Cascade { snapshot, transaction, by, deleted: Deleted::new(), spared: None }
    }

    /// For the deletion of all records of a collection, a part at a time.
    pub(crate) fn of_all(
        snapshot: &'a Snapshot,
        transaction: &'a T,
        by: By<'a>,
        collection: &'a Collection,
    ) -> Self {
        Cascade { spared: Some(&collection.id), ..Cascade::new(snapshot, transaction, by) }
    }

    /// Goes on from the records `ids`, which are deleted.
    ///
    /// Errors: 400 if a required relation would be left empty, or it goes too deep.
    pub(crate) async fn run(mut self, collection: &Collection, ids: Vec<String>) -> Result<()> {
        let mut level = Deleted::from([(collection.id.clone(), ids)]);
        for _ in 0..LEVELS_MAX {
            if level.is_empty() {
                return self.clear().await;
            }
            for (collection, ids) in &level {
                self.deleted.entry(collection.clone()).or_default().extend_from_slice(ids);
            }
            level = self.next_level(&level).await?;
        }
        Err(Error::bad_request(format!(
            "Failed to delete record. More than {LEVELS_MAX} records hang on one another: delete some of them first."
        )))
    }

    /// Deletes those that go with the records of this level.
    async fn next_level(&self, level: &Deleted) -> Result<Deleted> {
        let mut next = Deleted::new();
        for (collection_id, ids) in level {
            for reference in self.references(collection_id)?.0.iter().filter(|it| self.needs_care(it)) {
                let Step::Delete { delete_sql, clear } = &reference.step else { continue };
                let ids = match clear {
                    None => to_array(ids),
                    // Where a relation holds several ids, those of earlier levels count too.
                    Some(_) => self.deleted_ids(collection_id),
                };
                let rows = self.transaction.execute(delete_sql, vec![ids, self.by.actor.into()]).await?.rows;
                let ids = rows.into_iter().filter_map(|row| match row.into_iter().next() {
                    Some(Value::Text(id)) => Some(id),
                    _ => None,
                });
                let ids: Vec<String> = ids.collect();
                if !ids.is_empty() {
                    next.entry(reference.collection_id.clone()).or_default().extend(ids);
                }
            }
        }
        Ok(next)
    }

    /// Takes all deleted ids out of what is left.
    async fn clear(&self) -> Result<()> {
        for collection_id in self.deleted.keys() {
            for reference in self.references(collection_id)?.0.iter().filter(|it| self.needs_care(it)) {
                let (Step::Delete { clear: Some(clear), .. } | Step::Clear(clear)) = &reference.step else {
                    continue;
                };
                self.clear_reference(collection_id, clear).await?;
            }
            if let Some(collection) = self.snapshot.find_by_id(collection_id).filter(|found| found.is_auth())
            {
                let ids = self.deleted_ids(collection_id);
                traces::forget_totps(self.transaction, collection, ids.clone()).await?;
                traces::forget(self.snapshot, self.transaction, collection, ids, &TRACES, self.by.actor)
                    .await?;
            }
        }
        Ok(())
    }

    async fn clear_reference(&self, collection_id: &str, clear: &Clear) -> Result<()> {
        let ids = self.deleted_ids(collection_id);
        if let Some(sql) = &clear.blocked_sql
            && self.transaction.execute(sql, vec![ids.clone()]).await?.into_first().is_some()
        {
            return Err(Error::bad_request(super::FAILED));
        }
        match self
            .transaction
            .execute(&clear.clear_sql, vec![ids, self.by.actor.into(), self.by.now.into()])
            .await
        {
            // Only one record may have an empty relation there.
            Err(DatabaseError::Unique { .. }) => Err(Error::bad_request(super::FAILED)),
            cleared => Ok(cleared.map(|_| ())?),
        }
    }

    fn needs_care(&self, reference: &Reference) -> bool {
        self.spared != Some(&reference.collection_id)
    }

    fn references(&self, collection_id: &str) -> Result<std::rc::Rc<References>> {
        let collection = self.snapshot.find_by_id(collection_id);
        References::to(self.snapshot, collection.ok_or_else(|| Error::internal("a collection vanished"))?)
    }

    /// The deleted ids of a collection as a JSON array.
    fn deleted_ids(&self, collection_id: &str) -> Value {
        to_array(self.deleted.get(collection_id).map_or(&[], Vec::as_slice))
    }
}

fn to_array(ids: &[String]) -> Value {
    Json::from(ids).to_string().into()
}
