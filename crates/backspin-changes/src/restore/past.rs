//! The records of a collection as the log says they were, as the common table expressions that statements begin with.
//!
//! `first` has of each record changed since the moment its first change after it (`seq`, `record`, `action`): a record
//! whose first change is its creation was not there. `was` has `id`, `seq` and `image` of those that were.

use backspin_core::{Error, Result, Value};
use backspin_schema::log::{RETYPED_SQL, Retyped, last_of_predecessor};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field};

use super::reads::Reads;
use super::values::{Restored, restored};
use crate::invalid;

/// The alias of the row of `was`, and that of the record as it is.
pub(super) const WAS: &str = "was";
pub(super) const NOW: &str = "now";

pub(super) struct Past<'a> {
    pub(super) collection: &'a Collection,
    retyped: Vec<Retyped>,
    of: Of,
}

#[derive(Clone, Copy)]
enum Of {
    /// All that have changed since.
    Moment(i64),
    /// One record, as this change has left it, or, where that was its deletion, as it was before.
    Change(i64),
}

impl<'a> Past<'a> {
    /// The collection after the change `seq`.
    pub(super) async fn at_moment(reads: &impl Reads, collection: &'a Collection, seq: i64) -> Result<Self> {
        let retyped = retyped(reads, collection).await?;
        Ok(Past { collection, retyped, of: Of::Moment(seq) })
    }

    /// The one record of the change `seq`.
    pub(super) async fn of_change(reads: &impl Reads, collection: &'a Collection, seq: i64) -> Result<Self> {
        let retyped = retyped(reads, collection).await?;
        Ok(Past { collection, retyped, of: Of::Change(seq) })
    }

    /// `WITH` and its tables. They have the parameters [`Past::parameters`].
    pub(super) fn with(&self) -> String {
        match self.of {
            Of::Moment(_) => format!(
                r#"WITH {},
"was" AS (
    SELECT "first"."record" AS "id", "first"."seq", "change"."before" AS "image"
    FROM "first" JOIN "_changes" AS "change" ON "change"."seq" = "first"."seq"
    WHERE "first"."action" <> 'create'
)"#,
                first("first", "?2")
            ),
            Of::Change(_) => r#"WITH "was" AS (
    SELECT "record" AS "id", "seq", coalesce("after", "before") AS "image"
    FROM "_changes" WHERE "seq" = ?1 AND "collection" = ?2
)"#
            .to_owned(),
        }
    }

    /// `?1` and `?2`.
    pub(super) fn parameters(&self) -> Vec<Value> {
        vec![self.seq().into(), self.collection.id.as_str().into()]
    }

    /// The parameters, and `further` from `?3` on.
    pub(super) fn parameters_and(&self, further: &[&str]) -> Vec<Value> {
        self.parameters().into_iter().chain(further.iter().map(|value| Value::from(*value))).collect()
    }

    /// The change that `was` is of.
    pub(super) fn seq(&self) -> i64 {
        let (Of::Moment(seq) | Of::Change(seq)) = self.of;
        seq
    }

    /// Errors: 400 if the collection was made since, in place of one that had its id.
    pub(super) async fn refuse_predecessor(&self, reads: &impl Reads) -> Result<()> {
        let sql = format!("SELECT {}", last_of_predecessor("?1"));
        if reads.count(&sql, vec![self.collection.id.as_str().into()]).await? <= self.seq() {
            return Ok(());
        }
        let reason = format!(
            "The collection {} was deleted and made anew since: what it held is not known. Put back one by one what its history has, or take the migration back that deleted it.",
            self.collection.name
        );
        Err(invalid("collections", &reason))
    }

    pub(super) fn table(&self) -> Quoted<'a> {
        Quoted(&self.collection.name)
    }

    /// What the fields of `was` are to hold.
    pub(super) fn restored(&self) -> Vec<Restored<'a>> {
        restored(self.collection, &self.retyped, WAS)
    }

    /// Whether the record [`NOW`] differs from `was` in the fields that count; never if there are none.
    pub(super) fn differs(&self, counts: impl Fn(&Field) -> bool) -> String {
        let restored = self.restored();
        let compared = restored.iter().filter(|restored| counts(restored.field)).map(|restored| {
            let now = format!("{}.{}", Quoted(NOW), Quoted(&restored.field.name));
            format!("{now} IS NOT {}", restored.or(&now))
        });
        let compared: Vec<String> = compared.collect();
        any(&compared)
    }
}

/// Whether one of the conditions holds; as a tree whose depth SQLite's limit allows, whatever their number.
fn any(conditions: &[String]) -> String {
    match conditions {
        [] => "0".to_owned(),
        [condition] => condition.clone(),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            format!("({}\n    OR {})", any(left), any(right))
        }
    }
}

/// The table `first` under the name `name`, of the collection whose id is the expression `collection`, since `?1`.
pub(super) fn first(name: &str, collection: &str) -> String {
    // A bare column goes with the minimum.
    format!(
        r#"{} AS MATERIALIZED (
    SELECT min("seq") AS "seq", "record", "action" FROM "_changes"
    WHERE "seq" > ?1 AND "collection" = {collection}
    GROUP BY "record"
)"#,
        Quoted(name)
    )
}

async fn retyped(reads: &impl Reads, collection: &Collection) -> Result<Vec<Retyped>> {
    let stored = reads.rows(RETYPED_SQL, vec![collection.id.as_str().into()]).await?.into_first();
    match stored {
        Some(Value::Text(json)) => serde_json::from_str(&json).map_err(|error| Error::Internal(error.into())),
        _ => Ok(vec![]),
    }
}
