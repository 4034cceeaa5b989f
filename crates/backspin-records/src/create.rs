//! `POST /api/collections/:collection/records`

use std::rc::Rc;

use backspin_core::{Env, Error, Platform, Result, Value};
use backspin_query::{Parameters, Predicate};
use backspin_schema::quote::Quoted;
use backspin_schema::{Action, App, Attempt, Collection, Snapshot, VERSION_SQL, log};
use serde_json::{Map, Value as Json};

use crate::access::{condition, get_collection_to_write};
use crate::actor;
use crate::conditions::{expression, id_is_free, related_exist};
use crate::input::{self, Input};
use crate::plan::Plan;
use crate::proposed::Proposed;
use crate::request::{ReplyShape, RequestInfo};
use crate::returning::returning;
use crate::verdict::{Verdict, allowed, manages, written_row};

const FAILED: &str = "Failed to create record.";
/// How often it begins again because what it failed for was no longer so when it looked.
const ATTEMPTS_MAX: u32 = 10;

/// Creates a record from the fields of `body`, and returns its JSON.
///
/// Errors: 400 with the refused fields, 403, 404.
pub async fn create(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    let created = app.with_schema(async |snapshot| {
        let collection = get_collection_to_write(snapshot, collection)?;
        input::check_writable(collection)?;
        request.caller.require_scope(collection, Action::Create)?;
        condition(collection.create_rule.as_deref(), request.caller)?;
        let names_id = body.contains_key("id");
        for _ in 0..ATTEMPTS_MAX {
            let mut input = input::of_new_record(snapshot, request.caller, collection, body, app.env())?;
            if input.refusals.is_none_for_manager() {
                input.hash_passwords(app, backspin_settings::of(snapshot)?.passwords, request).await?;
                let plan = insert_plan(snapshot, request, collection, names_id, shape)?;
                let parameters = parameters(&plan, snapshot, request, &input, app.env());
                match app.write(snapshot, &plan.sql, parameters).await? {
                    Attempt::Stale => return Ok(Attempt::Stale),
                    Attempt::Done(Ok(Some(Value::Text(json)))) => {
                        return Ok(Attempt::Done(plan.finish_record(json)));
                    }
                    Attempt::Done(Err(error)) => {
                        return Ok(Attempt::Done(Err(input::constraint_error(error, FAILED))));
                    }
                    Attempt::Done(Ok(_)) => {}
                }
            }
            match explain(app, snapshot, request, (collection, names_id), input).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(Err(error)) => return Ok(Attempt::Done(Err(error))),
                Attempt::Done(Ok(())) => {}
            }
        }
        Err(Error::Busy)
    });
    created.await?
}

/// Why nothing was created, if it is still so.
async fn explain(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    (collection, names_id): (&Collection, bool),
    input: Input<'_>,
) -> Result<Attempt<Result<()>>> {
    let plan = verdict_plan(snapshot, request, collection, names_id)?;
    let parameters = parameters(&plan, snapshot, request, &input, app.env());
    let relations = Proposed::of(collection).relations();
    let verdict = match Verdict::ask(app, snapshot, &plan.sql, parameters, &relations).await? {
        Attempt::Stale => return Ok(Attempt::Stale),
        Attempt::Done(verdict) => verdict,
    };
    if !verdict.is_allowed {
        return Ok(Attempt::Done(Err(Error::bad_request(FAILED))));
    }
    let mut refusals = input.refusals;
    verdict.add_missing(&mut refusals);
    let result = refusals.into_result(verdict.is_manager, FAILED);
    Ok(Attempt::Done(result.and_then(|()| if verdict.fits { Ok(()) } else { Err(input::taken_id(FAILED)) })))
}

/// The statement's own parameters, which end with the schema's version, and those of its rules.
fn parameters(
    plan: &Plan,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    input: &Input<'_>,
    env: &impl Env,
) -> Vec<Value> {
    let mut parameters = Proposed::parameters(&input.assignments);
    parameters.push(snapshot.version().into());
    parameters.extend(plan.parameters.evaluate(&request.values(env.now(), &input.body, &[])));
    parameters
}

fn insert_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    names_id: bool,
    shape: &ReplyShape<'_>,
) -> Result<Rc<Plan>> {
    let caller = request.reach();
    let ReplyShape { expand, fields } = shape;
    let key = format!("{:?}", ("create", &collection.id, caller, request.context, names_id, expand, fields));
    Plan::get(snapshot, &key, || {
        let proposed = Proposed::of(collection);
        let own = proposed.parameter_count() + 1;
        let mut parameters = Parameters::after(own);
        let target = written_row(request, collection, Proposed::ALIAS, false);
        let rule = collection.create_rule.as_deref();
        let mut conditions = vec![format!("{VERSION_SQL} = ?{own}")];
        let allowed = allowed(snapshot, request, rule, target, &mut parameters)?;
        let manager = manages(snapshot, request, target, &mut parameters);
        conditions.extend((allowed != "1").then_some(allowed));
        if let Some(verified) = proposed.placeholder("verified").filter(|_| collection.is_auth())
            && manager != Predicate::Always
        {
            conditions.push(format!("({verified} = 0 OR {})", expression(&manager)));
        }
        let relations = proposed.relations();
        conditions
            .extend(relations.iter().filter_map(|(field, value)| related_exist(snapshot, field, value)));
        conditions.extend(id_is_free(snapshot, collection, names_id));
        let by = log::by_insert(&actor::expression(request, &mut parameters));
        let (reply, cut_to) = returning(snapshot, request, collection, shape, &mut parameters)?;
        let sql = format!(
            "INSERT INTO {} ({}, {})\nSELECT {}, {by}\nFROM {}\nWHERE {}\nRETURNING {reply}",
            Quoted(&collection.name),
            proposed.columns(),
            Quoted(log::ACTOR_COLUMN),
            proposed.placeholders(),
            proposed.row(),
            conditions.join("\n    AND "),
        );
        Ok(Plan::new(sql, parameters, cut_to))
    })
}

fn verdict_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    names_id: bool,
) -> Result<Rc<Plan>> {
    let caller = request.auth_collection_id();
    let key = format!("{:?}", ("refused create", &collection.id, caller, request.context, names_id));
    Plan::get(snapshot, &key, || {
        let proposed = Proposed::of(collection);
        let own = proposed.parameter_count() + 1;
        let mut parameters = Parameters::after(own);
        let target = written_row(request, collection, Proposed::ALIAS, false);
        let rule = collection.create_rule.as_deref();
        let allowed = allowed(snapshot, request, rule, target, &mut parameters)?;
        let manager = expression(&manages(snapshot, request, target, &mut parameters));
        let fits = id_is_free(snapshot, collection, names_id).unwrap_or_else(|| "1".to_owned());
        let sql = format!(
            "SELECT {VERSION_SQL},\n    {}\nFROM {}\nWHERE {VERSION_SQL} = ?{own}",
            Verdict::columns(snapshot, (&allowed, &manager, &fits), &proposed.relations()),
            proposed.row(),
        );
        Ok(Plan::new(sql, parameters, None))
    })
}
