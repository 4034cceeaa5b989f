//! `POST /api/changes/restore`, `…/plan` and `…/apply`

use backspin_core::{Database, Error, FieldError, FieldErrors, Platform, Result};
use backspin_schema::{App, Attempt, Caller, Collection, Snapshot, log};
use serde_json::{Map, Value as Json, json};

use super::moment::{Outcome, outcome, pasts};
use super::reads::{Outside, Reads, Within};
use super::target::Wish;
use super::version::is_current;
use super::write::put_back;
use crate::{invalid, to_text};

/// What would come of [`apply`], found by reading, so that nobody waits for it: `{"to":seq,"fingerprint":"…",
/// "collections":[{"name","created","changed","deleted"}],"dangling":[…],"conflicts":[…],"leftOut":[…]}`.
///
/// `body` has `collections` (names or ids) and `to`: the `seq` of the last change that shall hold, or a time.
/// `dangling` are relations that would lead nowhere (name the other collection too), `conflicts` are records that
/// cannot be put back, `leftOut` is what belonged to accounts that are made again, in collections that are not named.
///
/// Errors: 400 for a moment that the log does not reach, for a collection that was made anew since, and for too many
/// records; 401, 403.
pub async fn plan(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    superuser(caller)?;
    let wish = Wish::read(body)?;
    app.with_schema(async |snapshot| {
        let collections = wish.collections(snapshot)?;
        let reads = Outside(app.database());
        let seq = wish.moment(&reads).await?;
        // First of all: if something is written while the plan is made, it does not fit what is there.
        let fingerprint = fingerprint(snapshot, &reads, &collections, seq).await?;
        let pasts = pasts(&reads, &collections, seq).await?;
        let outcome = outcome(snapshot, &reads, &pasts).await;
        if !is_current(snapshot, &reads).await? {
            return Ok(Attempt::Stale);
        }
        Ok(Attempt::Done(to_text(&reply(seq, &fingerprint, &outcome?)?)))
    })
    .await?
}

/// Puts the collections back, in one transaction, as new changes by the caller; replies as [`plan`]. Every value is
/// again what it was, the times that the server sets too, or what a change of its field's type would have made of it;
/// secrets and fields added since stay as they are. Accounts that are made again have no password, and those whose email
/// changes are signed out.
///
/// `body` is that of the plan with its `fingerprint`, and `acceptedLosses`: the names of the collections whose records
/// made since may go, and `COLLECTION.FIELD` for relations that may lead nowhere.
///
/// Errors: those of [`plan`]; 400 for losses not accepted, dangling relations and conflicts; 409 if these collections
/// have changed since the plan.
pub async fn apply(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    let actor = superuser(caller)?;
    let wish = Wish::read(body)?;
    app.with_schema(async |snapshot| {
        let collections = wish.collections(snapshot)?;
        app.database()
            .transact(async |transaction| {
                let reads = Within(transaction);
                if !is_current(snapshot, &reads).await? {
                    return Ok(Attempt::Stale);
                }
                let seq = wish.moment(&reads).await?;
                let fingerprint = fingerprint(snapshot, &reads, &collections, seq).await?;
                if fingerprint != wish.fingerprint {
                    let message = "The records have changed since this was planned. Plan it again.";
                    return Err(Error::Conflict(message.to_owned()));
                }
                let pasts = pasts(&reads, &collections, seq).await?;
                let outcome = outcome(snapshot, &reads, &pasts).await?;
                check(&outcome, &wish.accepted_losses)?;
                let puts = &outcome.collections;
                log::without_compaction(transaction, async || {
                    put_back(transaction, &pasts, puts, &actor).await
                })
                .await?;
                Ok(Attempt::Done(to_text(&reply(seq, &fingerprint, &outcome)?)))
            })
            .await
    })
    .await?
}

/// [`plan`] if the body has `"plan": true`, else [`apply`].
pub async fn restore(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    match body.get("plan") {
        Some(Json::Bool(true)) => plan(app, caller, body).await,
        None | Some(Json::Bool(false)) => apply(app, caller, body).await,
        Some(_) => Err(invalid("plan", "Must be true or false.")),
    }
}

/// Errors: 401, 403.
fn superuser(caller: &Caller) -> Result<String> {
    caller.require_superuser()?;
    match caller {
        Caller::Record(record) => Ok(format!("{}/{}", record.collection_id, record.id())),
        Caller::Guest | Caller::Key(_) => Err(Error::not_found()),
    }
}

fn reply(seq: i64, fingerprint: &str, outcome: &Outcome) -> Result<Json> {
    let mut reply = serde_json::to_value(outcome).map_err(|error| Error::Internal(error.into()))?;
    reply["to"] = seq.into();
    reply["fingerprint"] = fingerprint.into();
    Ok(reply)
}

/// Errors: 400 that names what stands in the way.
fn check(outcome: &Outcome, accepted: &[String]) -> Result<()> {
    let mut fields = FieldErrors::default();
    for put in outcome.collections.iter().filter(|put| put.deleted > 0 && !accepted.contains(&put.name)) {
        let (name, deleted) = (&put.name, put.deleted);
        let message =
            format!("{deleted} records made since would go. Name {name} in acceptedLosses to accept it.");
        fields
            .add(name, FieldError::with_params("validation_data_loss", message, json!({ "lost": deleted })));
    }
    for dangling in &outcome.dangling {
        let key = format!("{}.{}", dangling.collection, dangling.field);
        if accepted.contains(&key) {
            continue;
        }
        let message = format!(
            "{} records of {} would lead to records of {} that are not there. Put both collections back, or name {key} in acceptedLosses.",
            dangling.records, dangling.collection, dangling.to
        );
        fields.add(key, FieldError::new("validation_missing_rel_records", message));
    }
    for conflict in &outcome.conflicts {
        let key = format!("{}.{}", conflict.collection, conflict.record);
        fields.add(key, FieldError::new("validation_conflict", conflict.reason.as_str()));
    }
    fields.into_result("The collections were not put back.")
}

/// A text that differs when the schema, the collections or their records do.
async fn fingerprint(
    snapshot: &Snapshot,
    reads: &impl Reads,
    collections: &[&Collection],
    seq: i64,
) -> Result<String> {
    let mut ids: Vec<&str> = collections.iter().map(|collection| collection.id.as_str()).collect();
    ids.sort_unstable();
    let sql = r#"SELECT coalesce(max("seq"), 0) FROM "_changes"
WHERE "seq" > ?1 AND "collection" IN (SELECT "value" FROM json_each(?2))"#;
    let parameters = vec![seq.into(), Json::from(ids.clone()).to_string().into()];
    let last = reads.count(sql, parameters).await?;
    let rest = crc32fast::hash(format!("{} {}", snapshot.version(), ids.join(" ")).as_bytes());
    Ok(format!("{seq}-{last}-{rest:08x}"))
}
