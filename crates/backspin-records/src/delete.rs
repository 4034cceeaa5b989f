//! `DELETE /api/collections/:collection/records/:id`

mod cascade;
mod references;
mod statement;

use backspin_core::{Database, DatabaseError, Env, Error, Platform, Result, Transaction, Value};
use backspin_schema::{Action, App, Attempt, Caller, Collection, SUPERUSERS_ID, Snapshot};
use serde_json::Map;

use crate::access::{condition, get_collection};
use crate::actor;
use crate::input::check_writable;
use crate::plan::Plan;
use crate::request::RequestInfo;
pub(crate) use cascade::{By, Cascade};
use references::References;

const FAILED: &str =
    "Failed to delete record. Make sure that the record is not part of a required relation reference.";

/// Deletes a record, with those that relations tie to it, and takes its id out of all other relations.
///
/// Errors: 400 for the last superuser, a view, and a record that a required relation holds; 403, 404.
pub async fn delete(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
) -> Result<()> {
    let deleted = app.with_schema(async |snapshot| {
        let collection = get_collection(snapshot, collection)?;
        check_writable(collection)?;
        request.caller.require_scope(collection, Action::Delete)?;
        condition(collection.delete_rule.as_deref(), request.caller)?;
        let plan = statement::plan(snapshot, request, collection)?;
        let body = Map::new();
        let mut parameters: Vec<Value> = vec![id.into(), snapshot.version().into()];
        parameters.extend(plan.parameters.evaluate(&request.values(app.env().now(), &body, &[])));
        let is_alone = References::to(snapshot, collection)?.is_empty() && !collection.is_auth();
        let deleted = match is_alone {
            true => app.write(snapshot, &plan.sql, parameters).await?,
            false => with_references(app, snapshot, (request, collection, id), &plan, parameters).await?,
        };
        Ok(match deleted {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Ok(Some(_))) => Attempt::Done(Ok(())),
            Attempt::Done(Ok(None)) if is_last_superuser(collection, request.caller, id) => {
                Attempt::Done(Err(Error::bad_request("You can't delete the only existing superuser.")))
            }
            Attempt::Done(Ok(None)) => Attempt::Done(Err(Error::not_found())),
            Attempt::Done(Err(_)) => Attempt::Done(Err(Error::bad_request(FAILED))),
        })
    });
    deleted.await?
}

/// As [`App::write`], with all that follows from it, in one transaction.
async fn with_references(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    (request, collection, id): (&RequestInfo<'_>, &Collection, &str),
    plan: &Plan,
    parameters: Vec<Value>,
) -> Result<Attempt<Result<Option<Value>, DatabaseError>>> {
    let (actor, now) = (actor::of(request.caller), app.env().now().to_string());
    let by = By { actor: &actor, now: &now };
    let deleted = app.database().transact(async |transaction| {
        let deleted = transaction.execute(&plan.sql, parameters).await?.into_first();
        if deleted.is_some() {
            Cascade::new(snapshot, transaction, by).run(collection, vec![id.to_owned()]).await?;
        }
        Ok(deleted)
    });
    match deleted.await? {
        None if !app.is_current(snapshot).await? => Ok(Attempt::Stale),
        deleted => Ok(Attempt::Done(Ok(deleted))),
    }
}

/// Only superusers delete superusers; one that could not delete its own record is the last.
fn is_last_superuser(collection: &Collection, caller: &Caller, id: &str) -> bool {
    let is_caller = caller.record().is_some_and(|record| record.get("id") == Some(&id.into()));
    collection.id == SUPERUSERS_ID && is_caller
}
