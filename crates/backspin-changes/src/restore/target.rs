//! What is to be put back, and to which moment.

use backspin_core::{Error, Result, Timestamp, Value, limits};
use backspin_schema::{Collection, SUPERUSERS_ID, Snapshot, log};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::reads::Reads;
use crate::invalid;

/// The body of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wish {
    /// Names or ids.
    #[serde(default)]
    pub(super) collections: Vec<String>,
    /// The `seq` of the last change that shall hold, or a time.
    #[serde(default)]
    pub(super) to: Json,
    #[serde(default)]
    pub(super) fingerprint: String,
    /// Names of collections whose newer records may go, and `COLLECTION.FIELD` for relations that may lead nowhere.
    #[serde(default)]
    pub(super) accepted_losses: Vec<String>,
}

impl Wish {
    /// Errors: 400 for another shape.
    pub(super) fn read(body: Map<String, Json>) -> Result<Self> {
        let wish: Wish = serde_json::from_value(body.into()).map_err(|_| {
            Error::bad_request("The body must have collections, a list of names, and to, a seq or a time.")
        })?;
        let is_given = (1..=limits::RESTORED_COLLECTIONS_MAX).contains(&wish.collections.len());
        if !is_given {
            let reason = format!("Must name 1 to {} collections.", limits::RESTORED_COLLECTIONS_MAX);
            return Err(invalid("collections", &reason));
        }
        Ok(wish)
    }

    /// The collections, each once.
    ///
    /// Errors: 400 for one that cannot be put back.
    pub(super) fn collections<'s>(&self, snapshot: &'s Snapshot) -> Result<Vec<&'s Collection>> {
        let mut found: Vec<&Collection> = Vec::new();
        for name in &self.collections {
            let Some(collection) = snapshot.find(name) else {
                return Err(invalid("collections", &format!("There is no collection {name}.")));
            };
            if !log::is_logged(collection) || collection.id == SUPERUSERS_ID {
                let reason = format!("The records of {name} cannot be put back to a moment.");
                return Err(invalid("collections", &reason));
            }
            if found.iter().all(|other| other.id != collection.id) {
                found.push(collection);
            }
        }
        Ok(found)
    }

    /// The `seq` of the last change that shall hold; 0 for the beginning.
    ///
    /// Errors: 400 for what is no moment that the log reaches.
    pub(super) async fn moment(&self, reads: &impl Reads) -> Result<i64> {
        let ends = r#"SELECT coalesce((SELECT min("seq") FROM "_changes"), 1), coalesce((SELECT max("seq") FROM "_changes"), 0)"#;
        let [oldest, newest] = reads.integers(ends, Vec::new()).await?[..] else {
            return Err(Error::internal("the log has no ends"));
        };
        let seq = match &self.to {
            Json::Number(seq) => seq.as_i64(),
            Json::String(time) => match Timestamp::parse(time) {
                Some(time) => before(reads, &time.to_string()).await?,
                None => None,
            },
            _ => None,
        };
        match seq {
            Some(seq) if (oldest - 1..=newest).contains(&seq) => Ok(seq),
            Some(seq) if seq > newest => Err(invalid("to", &format!("The last change is {newest}."))),
            Some(_) => Err(invalid(
                "to",
                &format!(
                    "The change log reaches back to change {oldest} only: what was before is not known."
                ),
            )),
            None => {
                Err(invalid("to", "Must be the seq of a change, or a time such as 2026-01-31 12:00:00Z."))
            }
        }
    }
}

/// The last change at that time; one that the log does not reach if the time is before its beginning.
async fn before(reads: &impl Reads, time: &str) -> Result<Option<i64>> {
    let sql = r#"SELECT coalesce(
    (SELECT "seq" FROM "_changes" WHERE "time" <= ?1 ORDER BY "seq" DESC LIMIT 1),
    (SELECT iif("value" <= ?1 AND coalesce((SELECT min("seq") FROM "_changes"), 1) = 1, 0, -1)
        FROM "_backspin" WHERE "name" = 'changes_since')
)"#;
    Ok(match reads.rows(sql, vec![time.into()]).await?.into_first() {
        Some(Value::Integer(seq)) => Some(seq),
        _ => Some(-1),
    })
}
