//! `PATCH /api/collections/:collection/records/:id`

mod old_row;
mod statement;

use std::cell::Cell;

use backspin_core::{Database, DatabaseError, Env, Error, Platform, Result, Transaction, Value};
use backspin_schema::{Action, App, Attempt, Collection, Snapshot};
use serde_json::{Map, Value as Json};

use crate::access::{condition, get_collection_to_write};
use crate::actor;
use crate::input::{self, Input};
use crate::plan::Plan;
use crate::request::{ReplyShape, RequestInfo};
use crate::traces;
use crate::verdict::Verdict;
use statement::Columns;

const FAILED: &str = "Failed to update record.";
/// How often it begins again because others changed the record meanwhile. Each time one of them has made progress.
const ATTEMPTS_MAX: u32 = 100;

/// Changes the fields of `body` in a record, and returns the JSON of all of it.
///
/// Errors: 400 with the refused fields, 403, 404; 503 if others change the record all the time.
pub async fn update(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    let updated = app.with_schema(async |snapshot| {
        let collection = get_collection_to_write(snapshot, collection)?;
        input::check_writable(collection)?;
        request.caller.require_scope(collection, Action::Update)?;
        input::check_credentials_stay(collection, body, request.caller)?;
        condition(collection.update_rule.as_deref(), request.caller)?;
        let update = Update { app, snapshot, request, collection, id, trusts_stored: Cell::new(false) };
        let depends = input::depends_on_stored(collection, body, request.caller);
        for _ in 0..ATTEMPTS_MAX {
            let old = match depends {
                false => None,
                true => match old_row::read(app, snapshot, collection, id).await? {
                    Attempt::Stale => return Ok(Attempt::Stale),
                    Attempt::Done(None) => return Ok(Attempt::Done(Err(Error::not_found()))),
                    Attempt::Done(old) => old,
                },
            };
            let place = (collection, id);
            let mut input = input::of_update(snapshot, request, place, body, old.as_ref(), app.env())?;
            if input.refusals.is_none_for_manager() {
                let hashing = backspin_settings::of(snapshot)?.passwords;
                input.hash_passwords(app, hashing, request).await?;
                match update.write(&input, shape).await? {
                    Attempt::Done(None) => {}
                    Attempt::Done(Some(written)) => return Ok(Attempt::Done(written)),
                    Attempt::Stale => return Ok(Attempt::Stale),
                }
            }
            match update.explain(input).await? {
                Attempt::Done(Ok(())) => {}
                Attempt::Done(Err(error)) => return Ok(Attempt::Done(Err(error))),
                Attempt::Stale => return Ok(Attempt::Stale),
            }
        }
        Err(Error::Busy)
    });
    updated.await?
}

/// A request to change one record.
struct Update<'a, P> {
    app: &'a App<P>,
    snapshot: &'a Snapshot,
    request: &'a RequestInfo<'a>,
    collection: &'a Collection,
    id: &'a str,
    /// Whether what is stored fits though the statement took it for unfit, as it can with what raw SQL has stored.
    trusts_stored: Cell<bool>,
}

impl<P: Platform> Update<'_, P> {
    /// The reply, or why a constraint refuses the values; `None` if nothing was written.
    async fn write(
        &self,
        input: &Input<'_>,
        shape: &ReplyShape<'_>,
    ) -> Result<Attempt<Option<Result<Vec<u8>>>>> {
        let columns = Columns::of(input, self.trusts_stored.get());
        let plan = statement::write_plan(self.snapshot, self.request, self.collection, &columns, shape)?;
        let parameters = self.parameters(&plan, input);
        let written = match input.forgets.is_empty() {
            true => self.app.write(self.snapshot, &plan.sql, parameters).await?,
            false => self.write_and_forget(&plan.sql, parameters, &input.forgets).await?,
        };
        Ok(match written {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Ok(Some(Value::Text(json)))) => Attempt::Done(Some(plan.finish_record(json))),
            Attempt::Done(Ok(_)) => Attempt::Done(None),
            Attempt::Done(Err(error)) => Attempt::Done(Some(Err(input::constraint_error(error, FAILED)))),
        })
    }

    /// As [`App::write`], with the traces of the account that go with it, in one transaction.
    async fn write_and_forget(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        tables: &[&str],
    ) -> Result<Attempt<Result<Option<Value>, DatabaseError>>> {
        let actor = actor::of(self.request.caller);
        let written = self.app.database().transact(async |transaction| {
            let written = match transaction.execute(sql, parameters).await {
                Err(error @ DatabaseError::Unique { .. }) => return Ok(Err(error)),
                written => written?.into_first(),
            };
            if written.is_some() {
                let ids = Json::from(vec![self.id]).to_string().into();
                traces::forget(self.snapshot, transaction, self.collection, ids, tables, &actor).await?;
            }
            Ok(Ok(written))
        });
        match written.await? {
            Ok(None) if !self.app.is_current(self.snapshot).await? => Ok(Attempt::Stale),
            written => Ok(Attempt::Done(written)),
        }
    }

    /// Why nothing was written, if it is still so.
    async fn explain(&self, input: Input<'_>) -> Result<Attempt<Result<()>>> {
        let columns = Columns::of(&input, self.trusts_stored.get());
        let plan = statement::verdict_plan(self.snapshot, self.request, self.collection, &columns)?;
        let parameters = self.parameters(&plan, &input);
        let relations = columns.relations();
        let verdict = Verdict::ask(self.app, self.snapshot, &plan.sql, parameters, &relations).await?;
        let verdict = match verdict {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(verdict) => verdict,
        };
        if !verdict.is_allowed {
            return Ok(Attempt::Done(Err(Error::not_found())));
        }
        let Input { assignments, mut refusals, .. } = input;
        verdict.add_missing(&mut refusals);
        if !verdict.fits {
            match old_row::read(self.app, self.snapshot, self.collection, self.id).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(None) => return Ok(Attempt::Done(Err(Error::not_found()))),
                Attempt::Done(Some(old)) => {
                    let stays = |name: &str| assignments.iter().all(|assigned| assigned.field.name != name);
                    old.check(self.snapshot, stays, &mut refusals.fields)?;
                    self.trusts_stored.set(refusals.fields.is_empty());
                }
            }
        }
        Ok(Attempt::Done(refusals.into_result(verdict.is_manager, FAILED)))
    }

    /// The statement's own parameters, which end with the schema's version, and those of its rules.
    fn parameters(&self, plan: &Plan, input: &Input<'_>) -> Vec<Value> {
        let assigned = input.assignments.iter().map(|assigned| assigned.value.clone());
        let old = input.depends_on.iter().map(|(_, value)| value.clone());
        let mut parameters: Vec<Value> = assigned.chain(old).collect();
        parameters.extend([self.id.into(), self.snapshot.version().into()]);
        let values = self.request.values(self.app.env().now(), &input.body, &[]);
        parameters.extend(plan.parameters.evaluate(&values));
        parameters
    }
}
