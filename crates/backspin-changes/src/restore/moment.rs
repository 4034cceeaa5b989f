//! What comes of putting collections back to a moment, found by reading.

use backspin_core::{Error, Result, Value, limits};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Snapshot};
use serde::Serialize;

use super::links::{Dangling, LeftOut, Links};
use super::past::{NOW, Past};
use super::reads::Reads;
use super::unique;

/// What changes in one collection.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Put {
    pub(super) name: String,
    /// Records that are made again.
    pub(super) created: i64,
    /// Records that get the values that they had.
    pub(super) changed: i64,
    /// Records made since, which go.
    pub(super) deleted: i64,
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
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    pub(super) collections: Vec<Put>,
    pub(super) dangling: Vec<Dangling>,
    /// The first [`limits::RESTORE_CONFLICTS_MAX`] of each kind.
    pub(super) conflicts: Vec<Conflict>,
    pub(super) left_out: Vec<LeftOut>,
}

/// The collections after the change `seq`.
///
/// Errors: 400 for one that was made since, under the name of one that is gone.
pub(super) async fn pasts<'a>(
    reads: &impl Reads,
    collections: &[&'a Collection],
    seq: i64,
) -> Result<Vec<Past<'a>>> {
    let mut pasts = Vec::with_capacity(collections.len());
    for collection in collections {
        let past = Past::at_moment(reads, collection, seq).await?;
        past.refuse_predecessor(reads).await?;
        pasts.push(past);
    }
    Ok(pasts)
}

/// Errors: 400 for more than [`limits::RESTORED_VALUES_MAX`] values.
pub(super) async fn outcome(snapshot: &Snapshot, reads: &impl Reads, pasts: &[Past<'_>]) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let (mut records, mut values) = (0, 0);
    for past in pasts {
        let (put, touched) = count(reads, past).await?;
        outcome.collections.push(put);
        records += touched;
        values += touched.saturating_mul(past.collection.fields.len() as i64);
    }
    if values > limits::RESTORED_VALUES_MAX {
        return Err(Error::bad_request(format!(
            "{records} records with {values} values have changed since, and {} values can be put back at once: name fewer collections, or a later moment.",
            limits::RESTORED_VALUES_MAX
        )));
    }
    let links = Links { snapshot, reads, pasts };
    for (past, put) in pasts.iter().zip(&outcome.collections) {
        outcome.conflicts.extend(misfits(reads, past).await?);
        outcome.conflicts.extend(unique::conflicts(reads, past).await?);
        outcome.dangling.extend(links.broken_by_restoring(past).await?);
        if put.deleted > 0 {
            outcome.dangling.extend(links.broken_by_deleting(past).await?);
        }
        if put.created > 0 {
            outcome.left_out.extend(links.left_out(past).await?);
        }
    }
    Ok(outcome)
}

/// Also of how many records the log tells a change since.
async fn count(reads: &impl Reads, past: &Past<'_>) -> Result<(Put, i64)> {
    let sql = format!(
        r#"{}
SELECT
    (SELECT count(*) FROM "was" WHERE "id" NOT IN (SELECT "id" FROM {table})),
    (SELECT count(*) FROM "was" JOIN {table} AS {now} ON {now}."id" = "was"."id" WHERE {}),
    (SELECT count(*) FROM "first" WHERE "action" = 'create' AND "record" IN (SELECT "id" FROM {table})),
    (SELECT count(*) FROM "first")"#,
        past.with(),
        past.differs(|_| true),
        table = past.table(),
        now = Quoted(NOW),
    );
    match reads.integers(&sql, past.parameters()).await?[..] {
        [created, changed, deleted, touched] => {
            Ok((Put { name: past.collection.name.clone(), created, changed, deleted }, touched))
        }
        _ => Err(Error::internal("the changes cannot be counted")),
    }
}

/// Records with a field of another type now, which what they held does not fit.
async fn misfits(reads: &impl Reads, past: &Past<'_>) -> Result<Vec<Conflict>> {
    let restored = past.restored();
    let misfits =
        || restored.iter().filter_map(|restored| Some((restored.field, restored.misfit.as_deref()?)));
    if misfits().next().is_none() {
        return Ok(vec![]);
    }
    let any: Vec<&str> = misfits().map(|(_, misfit)| misfit).collect();
    let sql = format!(
        "{}\nSELECT \"id\" FROM \"was\" WHERE {} LIMIT {}",
        past.with(),
        any.join(" OR "),
        limits::RESTORE_CONFLICTS_MAX
    );
    let names: Vec<&str> = misfits().map(|(field, _)| field.name.as_str()).collect();
    let reason = format!("what it held does not fit the type of today of {}", names.join(" or "));
    let rows = reads.rows(&sql, past.parameters()).await?.rows;
    Ok(rows.into_iter().filter_map(|row| conflict(past, row, &reason)).collect())
}

/// About the record whose id the row begins with.
pub(super) fn conflict(past: &Past<'_>, row: Vec<Value>, reason: &str) -> Option<Conflict> {
    match row.into_iter().next() {
        Some(Value::Text(record)) => {
            let collection = past.collection.name.clone();
            Some(Conflict { collection, record, reason: reason.to_owned() })
        }
        _ => None,
    }
}
