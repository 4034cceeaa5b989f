//! `GET /api/collections/:collection/records/:id`

use std::rc::Rc;

use backspin_core::{Env, Error, Platform, Result, Value};
use backspin_query::{Parameters, Predicate, Reach};
use backspin_schema::quote::Quoted;
use backspin_schema::{Action, App, Attempt, Collection, Snapshot, VERSION_SQL};

use crate::access::{RuleTarget, compile_rule, condition, get_collection};
use crate::expand::ExpandNode;
use crate::plan::Plan;
use crate::render::{RenderedRow, Renderer};
use crate::request::{ReplyShape, RequestInfo};

/// The record as JSON.
///
/// Errors: 400 for an `expand` or `fields` that cannot be read, 403, 404.
pub async fn view(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    let json = app.with_schema(async |snapshot| {
        let collection = get_collection(snapshot, collection)?;
        request.caller.require_scope(collection, Action::View)?;
        condition(collection.view_rule.as_deref(), request.caller)?;
        let plan = record_plan(snapshot, request, collection, Seen::ByRule, shape)?;
        let parameters = plan.values([id.into()], request, app.env().now(), &[]);
        Ok(match app.read(snapshot, &plan.sql, parameters).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(row) => Attempt::Done(match row.into_iter().next() {
                Some(Value::Text(json)) => Some(plan.finish_record(json)?),
                _ => None,
            }),
        })
    });
    json.await?.ok_or_else(Error::not_found)
}

/// Whether a record is there for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// If the collection's view rule says so.
    ByRule,
    /// In any case: the caller has just written it.
    ByWriter,
}

/// The plan that reads the record whose id is `?1`. Its row is the version of the schema and the record's JSON,
/// for [`Plan::finish_record`]; null if there is none.
///
/// Errors: 400 for an `expand` or `fields` that cannot be read.
pub(crate) fn record_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    seen: Seen,
    shape: &ReplyShape<'_>,
) -> Result<Rc<Plan>> {
    let caller = request.reach();
    let key = format!("{:?}", ("record", &collection.id, caller, seen, &shape.expand, &shape.fields));
    Plan::get(snapshot, &key, || {
        let (expand, fields) = shape.parse()?;
        let mut parameters = Parameters::after(1);
        let rule = match seen {
            Seen::ByRule => {
                let target = RuleTarget {
                    collection,
                    alias: ROW,
                    stored: true,
                    reach: Reach::One,
                    context: "default",
                };
                let rule = collection.view_rule.as_deref();
                // A rule that no longer fits the schema lets nobody see anything.
                compile_rule(snapshot, request, rule, target, &mut parameters).unwrap_or(Predicate::Never)
            }
            Seen::ByWriter => Predicate::Always,
        };
        if rule == Predicate::Never {
            let sql = format!("SELECT {VERSION_SQL}, NULL WHERE ?1 IS NOT NULL");
            return Ok(Plan::new(sql, Parameters::after(1), None));
        }
        let mut renderer = Renderer::new(snapshot, request, &mut parameters);
        renderer.expanded_max = Some(EXPANDED_MAX);
        let nodes = ExpandNode::resolve(snapshot, request, collection, &expand);
        let row = RenderedRow { collection, alias: ROW, context: "default" };
        let record = renderer.record(row, &nodes, &fields);
        let cut_to = renderer.is_coarse.then_some(fields);
        let rule = match rule {
            Predicate::Sql(rule) => format!(" AND ({rule})"),
            Predicate::Always | Predicate::Never => String::new(),
        };
        let table = Quoted(&collection.name);
        let sql = format!(
            "SELECT {VERSION_SQL}, (\n    SELECT {record}\n    FROM {table} AS {ROW}\n    WHERE {ROW}.\"id\" = ?1{rule}\n)"
        );
        Ok(Plan::new(sql, parameters, cut_to))
    })
}

/// Records that one path of `expand` leads to, at most.
const EXPANDED_MAX: &str = "100000";
/// The alias of the record.
const ROW: &str = "record";
