//! Collections are put back to a moment within a transaction, which tells what came of it.

use std::collections::{BTreeMap, HashSet};

use backspin_core::{DatabaseError, Env, Error, Result, Transaction, Value, limits};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Snapshot, log};
use serde::Serialize;
use serde_json::Value as Json;

use super::assign::assigned;
use super::check::{self, Dangling};
use super::write;
use crate::change::{Change, columns, read};

/// Rows of the log that are in memory at once.
const CHANGES_AT_ONCE: usize = 100;
/// What the system keeps of accounts.
const TRACES: [&str; 4] = ["_authOrigins", "_externalAuths", "_mfas", "_otps"];

/// What changes in one collection.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Put {
    pub(super) name: String,
    /// Records that are made again.
    pub(super) created: usize,
    /// Records that get the values that they had.
    pub(super) changed: usize,
    /// Records made since, which go.
    pub(super) deleted: usize,
}

/// A record that cannot be put back.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Conflict {
    pub(super) collection: String,
    pub(super) record: String,
    pub(super) reason: String,
}

/// What comes of it.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Outcome {
    pub(super) collections: Vec<Put>,
    pub(super) dangling: Vec<Dangling>,
    pub(super) conflicts: Vec<Conflict>,
}

pub(super) struct Moment<'a, T, E> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) transaction: &'a T,
    pub(super) env: &'a E,
    pub(super) actor: &'a str,
    /// The last change that shall hold.
    pub(super) seq: i64,
}

/// The records of one collection that have changed since.
struct Since<'a> {
    collection: &'a Collection,
    /// Ids of those made since.
    new: Vec<String>,
    /// The first change since of each other one.
    old: Vec<i64>,
}

impl<T: Transaction, E: Env> Moment<'_, T, E> {
    /// Puts all of it back. What cannot be is told, and then the transaction must be rolled back.
    ///
    /// Errors: 400 for more than [`limits::RESTORED_RECORDS_MAX`] records.
    pub(super) async fn put_back(&self, collections: &[&Collection]) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        let (mut since, mut count) = (Vec::new(), 0);
        for collection in collections {
            let of_collection = self.since(collection).await?;
            count += of_collection.new.len() + of_collection.old.len();
            since.push(of_collection);
        }
        if count > limits::RESTORED_RECORDS_MAX {
            return Err(Error::bad_request(format!(
                "{count} records have changed since, and {} can be put back at once: name fewer collections.",
                limits::RESTORED_RECORDS_MAX
            )));
        }
        let mut gone: Vec<Value> = Vec::new();
        for Since { collection, new, .. } in &since {
            let (deleted, ids) = self.delete(collection, new).await?;
            gone.push(ids);
            outcome.collections.push(Put { name: collection.name.clone(), deleted, ..Put::default() });
        }
        let mut back: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut waiting: Vec<(usize, Vec<i64>)> =
            since.iter().enumerate().map(|(i, since)| (i, since.old.clone())).collect();
        // One record may hold the value that another must be the only one to have, until it is put back itself.
        loop {
            let left_before: usize = waiting.iter().map(|(_, seqs)| seqs.len()).sum();
            outcome.conflicts.clear();
            let mut left = Vec::new();
            for (position, seqs) in waiting {
                let mut stuck = Vec::new();
                for part in seqs.chunks(CHANGES_AT_ONCE) {
                    let collection = since[position].collection;
                    let put = &mut outcome.collections[position];
                    let (ids, refused) = self.restore(collection, part, put, &mut outcome.conflicts).await?;
                    back.entry(position).or_default().extend(ids);
                    stuck.extend(refused);
                }
                left.push((position, stuck));
            }
            let left_now: usize = left.iter().map(|(_, seqs)| seqs.len()).sum();
            if left_now == 0 || left_now == left_before {
                break;
            }
            waiting = left;
        }
        for (position, Since { collection, .. }) in since.iter().enumerate() {
            let ids = Json::from(back.remove(&position).unwrap_or_default()).to_string().into();
            let (snapshot, transaction) = (self.snapshot, self.transaction);
            outcome.dangling.extend(check::from_records(snapshot, transaction, collection, &ids).await?);
            let to_gone = check::to_records(snapshot, transaction, collection, &gone[position]).await?;
            let is_known = |found: &Dangling, all: &[Dangling]| {
                all.iter().any(|other| other.collection == found.collection && other.field == found.field)
            };
            for found in to_gone {
                if !is_known(&found, &outcome.dangling) {
                    outcome.dangling.push(found);
                }
            }
        }
        Ok(outcome)
    }

    async fn since<'c>(&self, collection: &'c Collection) -> Result<Since<'c>> {
        // A bare column goes with the minimum.
        let sql = r#"SELECT min("seq"), "record", "action" FROM "_changes"
WHERE "seq" > ?1 AND "collection" = ?2
GROUP BY "record"
ORDER BY 1"#;
        let parameters = vec![self.seq.into(), collection.id.as_str().into()];
        let mut since = Since { collection, new: vec![], old: vec![] };
        for row in self.transaction.execute(sql, parameters).await?.rows {
            match <[Value; 3]>::try_from(row) {
                Ok([_, Value::Text(record), Value::Text(action)]) if action == "create" => {
                    since.new.push(record)
                }
                Ok([Value::Integer(seq), ..]) => since.old.push(seq),
                _ => return Err(Error::internal("a change cannot be read")),
            }
        }
        Ok(since)
    }

    /// Returns how many were there, and their ids as a JSON array.
    async fn delete(&self, collection: &Collection, ids: &[String]) -> Result<(usize, Value)> {
        let ids: Value = Json::from(ids).to_string().into();
        let sql = format!(
            "UPDATE {} SET {}\nWHERE \"id\" IN (SELECT \"value\" FROM json_each(?1))\nRETURNING 1",
            Quoted(&collection.name),
            log::by_delete("?2")
        );
        let deleted = self.transaction.execute(&sql, vec![ids.clone(), self.actor.into()]).await?.rows.len();
        let traces = TRACES.iter().filter(|name| self.snapshot.find_by_name(name).is_some());
        for table in traces.filter(|_| deleted > 0 && collection.is_auth()) {
            let sql = format!(
                "UPDATE {} SET {}\nWHERE \"collectionRef\" = ?3 AND \"recordRef\" IN (SELECT \"value\" FROM json_each(?1))",
                Quoted(table),
                log::by_delete("?2")
            );
            let parameters = vec![ids.clone(), self.actor.into(), collection.id.as_str().into()];
            self.transaction.execute(&sql, parameters).await?;
        }
        Ok((deleted, ids))
    }

    /// Puts the records back as they were before these changes. Returns the ids of those that are, and the changes of
    /// those that cannot be yet, with the reason.
    async fn restore(
        &self,
        collection: &Collection,
        seqs: &[i64],
        put: &mut Put,
        conflicts: &mut Vec<Conflict>,
    ) -> Result<(Vec<String>, Vec<i64>)> {
        let changes = self.load(seqs).await?;
        let there = self.there(collection, &changes).await?;
        let (mut back, mut stuck) = (Vec::new(), Vec::new());
        let mut refuse = |change: &Change, reason: String| {
            stuck.push(change.seq);
            let (collection, record) = (collection.name.clone(), change.record.clone());
            conflicts.push(Conflict { collection, record, reason });
        };
        for change in &changes {
            let Some(image) = &change.before else { continue };
            let assigned = match assigned(collection, image) {
                Ok(assigned) => assigned,
                Err(fields) => {
                    refuse(change, format!("the type of a field has changed: {}", crate::to_text(&fields)?));
                    continue;
                }
            };
            let by = (change.record.as_str(), self.actor);
            let is_there = there.contains(&change.record);
            let statement = match is_there {
                true => write::restore_exactly(collection, by, &assigned, self.env),
                false => Some(write::insert(collection, by, &assigned, self.env)),
            };
            back.push(change.record.clone());
            let Some((sql, parameters)) = statement else { continue };
            match self.transaction.execute(&sql, parameters).await {
                Err(DatabaseError::Unique { columns, .. }) => {
                    back.pop();
                    refuse(change, format!("another record has the same {}", columns.join(", ")));
                }
                written => match (is_there, written?.rows.len()) {
                    (false, _) => put.created += 1,
                    (true, rows) => put.changed += rows,
                },
            }
        }
        Ok((back, stuck))
    }

    async fn load(&self, seqs: &[i64]) -> Result<Vec<Change>> {
        let sql = format!(
            r#"SELECT {} FROM "_changes" WHERE "seq" IN (SELECT "value" FROM json_each(?1)) ORDER BY "seq""#,
            columns()
        );
        read(self.transaction.execute(&sql, vec![Json::from(seqs).to_string().into()]).await?)
    }

    /// The ids of those records that are there now.
    async fn there(&self, collection: &Collection, changes: &[Change]) -> Result<HashSet<String>> {
        let ids: Json = changes.iter().map(|change| change.record.as_str()).collect();
        let sql = format!(
            "SELECT \"id\" FROM {} WHERE \"id\" IN (SELECT \"value\" FROM json_each(?1))",
            Quoted(&collection.name)
        );
        let rows = self.transaction.execute(&sql, vec![ids.to_string().into()]).await?.rows;
        let id = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(id)) => Some(id),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(id).collect())
    }
}
