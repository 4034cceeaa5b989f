//! `POST /api/changes/restore/plan` and `…/apply`

use backspin_core::{Database, Error, FieldError, FieldErrors, Platform, Result, Transaction, Value};
use backspin_schema::{App, Attempt, Caller, Collection, Snapshot};
use serde_json::{Map, Value as Json, json};

use super::moment::{Moment, Outcome};
use super::target::Wish;
use super::version::is_current;
use crate::to_text;

/// What would come of [`apply`], tried in a transaction that is rolled back: `{"to":seq,"fingerprint":"…",
/// "collections":[{"name","created","changed","deleted"}],"dangling":[…],"conflicts":[…]}`.
///
/// `body` has `collections` (names or ids) and `to`: the `seq` of the last change that shall hold, or a time.
/// `dangling` are relations that would lead nowhere (name the other collection too), `conflicts` are records that
/// cannot be put back.
///
/// Errors: 400 for a moment that the log does not reach, what cannot be put back, and too many records; 401, 403.
pub async fn plan(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    let actor = superuser(caller)?;
    let wish = Wish::read(body)?;
    app.with_schema(async |snapshot| {
        let collections = wish.collections(snapshot)?;
        let transaction = app.database().begin().await?;
        if !is_current(snapshot, &transaction).await? {
            return Ok(Attempt::Stale);
        }
        let seq = wish.moment(&transaction).await?;
        let fingerprint = fingerprint(snapshot, &transaction, &collections, seq).await?;
        let moment = Moment { snapshot, transaction: &transaction, env: app.env(), actor: &actor, seq };
        let outcome = moment.put_back(&collections).await?;
        transaction.rollback().await?;
        Ok(Attempt::Done(to_text(&reply(seq, &fingerprint, &outcome)?)))
    })
    .await?
}

/// Puts the collections back, in one transaction, as new changes by the caller; replies as [`plan`]. Every value is
/// again what it was, the times that the server sets too; secrets and fields added since stay as they are. Accounts
/// that are made again have no password, and those whose email changes are signed out.
///
/// `body` is that of the plan with its `fingerprint`, and `acceptedLosses`: the names of the collections whose records
/// made since may go.
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
                if !is_current(snapshot, transaction).await? {
                    return Ok(Attempt::Stale);
                }
                let seq = wish.moment(transaction).await?;
                let fingerprint = fingerprint(snapshot, transaction, &collections, seq).await?;
                if fingerprint != wish.fingerprint {
                    let message = "The records have changed since this was planned. Plan it again.";
                    return Err(Error::Conflict(message.to_owned()));
                }
                let moment = Moment { snapshot, transaction, env: app.env(), actor: &actor, seq };
                let outcome = moment.put_back(&collections).await?;
                check(&outcome, &wish.accepted_losses)?;
                Ok(Attempt::Done(to_text(&reply(seq, &fingerprint, &outcome)?)))
            })
            .await
    })
    .await?
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
        let message = format!(
            "{} records of {} would lead to records of {} that are not there. Put both collections back.",
            dangling.records, dangling.collection, dangling.to
        );
        let key = format!("{}.{}", dangling.collection, dangling.field);
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
    transaction: &impl Transaction,
    collections: &[&Collection],
    seq: i64,
) -> Result<String> {
    let mut ids: Vec<&str> = collections.iter().map(|collection| collection.id.as_str()).collect();
    ids.sort_unstable();
    let sql = r#"SELECT coalesce(max("seq"), 0) FROM "_changes"
WHERE "seq" > ?1 AND "collection" IN (SELECT "value" FROM json_each(?2))"#;
    let parameters = vec![seq.into(), Json::from(ids.clone()).to_string().into()];
    let last = match transaction.execute(sql, parameters).await?.into_first() {
        Some(Value::Integer(last)) => last,
        _ => 0,
    };
    let rest = crc32fast::hash(format!("{} {}", snapshot.version(), ids.join(" ")).as_bytes());
    Ok(format!("{seq}-{last}-{rest:08x}"))
}
