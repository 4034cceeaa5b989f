//! Rows of a collection as they once were, shown as a view shows records: for the change log.

use std::rc::Rc;

use backspin_core::{Env, Platform, Result, Value};
use backspin_query::{Parameter, Parameters, Predicate, Reach, RequestSource};
use backspin_schema::field::{ColumnKind, Field, FieldOptions};
use backspin_schema::quote::Quoted;
use backspin_schema::{Action, App, Attempt, Collection, Snapshot, VERSION_SQL};
use serde_json::{Map, Value as Json};

use crate::access::{RuleTarget, compile_rule};
use crate::conditions::expression;
use crate::input::to_json;
use crate::plan::Plan;
use crate::render::is_visible;
use crate::request::RequestInfo;
use crate::verdict::manages;

/// The alias of the row that rules look at.
const ROW: &str = "image";

/// How the caller has come to the records, and so which rules decide: it must not learn of a record from the log that
/// it does not find in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By the id of one record: the view rule.
    ForOne,
    /// By nothing that only one who knows the record can have: the list rule and the view rule.
    ForMany,
}

impl Asked {
    fn actions(self) -> &'static [Action] {
        match self {
            Asked::ForOne => &[Action::View],
            Asked::ForMany => &[Action::List, Action::View],
        }
    }
}

/// Each of `rows` (the values of all fields in their order) as JSON with the fields that the caller may see; `None`
/// where the collection's rules, put to that row, do not let the caller see it. What a rule asks of other records is as
/// it is now. Rows with a value that the field's column could not hold are for superusers only, because rules would
/// compare it in another way. One statement, none for superusers.
pub async fn show_images(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    (collection, asked): (&Collection, Asked),
    rows: &[Vec<Value>],
) -> Result<Attempt<Vec<Option<Json>>>> {
    if !asked.actions().iter().all(|action| request.caller.has_scope(collection, *action)) {
        return Ok(Attempt::Done(vec![None; rows.len()]));
    }
    if request.caller.is_superuser() {
        let shown = rows.iter().map(|row| Some(show(collection, row, true, true)));
        return Ok(Attempt::Done(shown.collect()));
    }
    let plan = match plan(snapshot, request, collection, asked) {
        Ok(plan) => plan,
        // For superusers only, or no longer fit for the schema.
        Err(_) => return Ok(Attempt::Done(vec![None; rows.len()])),
    };
    let array: Json = rows.iter().map(|row| row.iter().map(scalar).collect::<Json>()).collect();
    let parameters = plan.values([array.to_string().into()], request, app.env().now(), &[]);
    let seen = match app.read(snapshot, &plan.sql, parameters).await? {
        Attempt::Stale => return Ok(Attempt::Stale),
        Attempt::Done(row) => row,
    };
    let seen: Vec<u8> = match seen.first() {
        Some(Value::Text(json)) => serde_json::from_str(json).unwrap_or_default(),
        _ => vec![],
    };
    let show = |(row, seen): (&Vec<Value>, u8)| {
        let (may_view, sees_email) = (seen & 1 != 0, seen & 2 != 0);
        let may_view = may_view && collection.fields.iter().zip(row).all(|(field, value)| fits(field, value));
        may_view.then(|| show(collection, row, false, sees_email))
    };
    let seen = seen.into_iter().chain(std::iter::repeat(0));
    Ok(Attempt::Done(rows.iter().zip(seen).map(show).collect()))
}

/// A row as JSON, its keys in alphabetical order as in the replies of the records API.
fn show(collection: &Collection, row: &[Value], hidden_too: bool, email_too: bool) -> Json {
    let visible = collection.fields.iter().zip(row).filter(|(field, _)| {
        is_visible(collection, field, hidden_too)
            && (email_too || !collection.is_auth() || field.name != "email")
    });
    let mut members: Vec<(String, Json)> = visible
        .map(|(field, value)| {
            let value = match field.options {
                FieldOptions::Password(_) => Json::from(""),
                _ => to_json(field, value),
            };
            (field.name.clone(), value)
        })
        .collect();
    members.push(("collectionId".to_owned(), collection.id.as_str().into()));
    members.push(("collectionName".to_owned(), collection.name.as_str().into()));
    members.sort_by(|a, b| a.0.cmp(&b.0));
    members.into_iter().collect::<Map<_, _>>().into()
}

/// For each row of the array `?1`: 1 if the caller may view it, 2 if its email too.
///
/// Errors: 403 if only superusers may, 400 for a rule that no longer fits the schema.
fn plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    asked: Asked,
) -> Result<Rc<Plan>> {
    let caller = (request.auth_collection_id(), request.context);
    let key = format!("{:?}", ("images", &collection.id, caller, asked));
    Plan::get(snapshot, &key, || {
        let mut parameters = Parameters::after(1);
        let target = RuleTarget {
            collection,
            alias: ROW,
            stored: false,
            reach: Reach::Many,
            context: request.context,
        };
        let mut allowed = Vec::new();
        for action in asked.actions() {
            let rule = match action {
                Action::List => collection.list_rule.as_deref(),
                _ => collection.view_rule.as_deref(),
            };
            let rule = compile_rule(snapshot, request, rule, target, &mut parameters)?;
            allowed.push(format!("({}) IS TRUE", expression(&rule)));
        }
        let mut shown = vec!["0".to_owned()];
        if collection.is_auth() {
            shown.push(format!("{ROW}.\"emailVisibility\""));
            if request.auth_collection_id() == collection.id {
                let id = parameters.bind(Parameter::Request(RequestSource::Auth("id".to_owned())));
                shown.push(format!("{ROW}.\"id\" = {id}"));
            }
            match manages(snapshot, request, target, &mut parameters) {
                Predicate::Never => {}
                manages => shown.push(expression(&manages)),
            }
        }
        let columns = collection.fields.iter().enumerate();
        let columns = columns.map(|(i, field)| format!("{} AS {}", column(field, i), Quoted(&field.name)));
        let sql = format!(
            "SELECT {VERSION_SQL}, (\n    SELECT json_group_array(({}) + 2 * (({}) IS TRUE))\n    \
             FROM (SELECT {} FROM json_each(?1)) AS {ROW}\n)",
            allowed.join(" AND "),
            shown.join(" OR "),
            columns.collect::<Vec<_>>().join(", ")
        );
        Ok(Plan::new(sql, parameters, None))
    })
}

/// The element `position` of a row, with the affinity of the field's column: without it SQLite compares a number with a
/// text by their types, and a rule would mean something else than in a view. The columns of JSON are only looked into.
fn column(field: &Field, position: usize) -> String {
    let value = format!("\"value\" ->> {position}");
    match field.column() {
        ColumnKind::PrimaryKey | ColumnKind::Text => format!("CAST({value} AS TEXT)"),
        ColumnKind::Number | ColumnKind::Bool => format!("CAST({value} AS NUMERIC)"),
        ColumnKind::List | ColumnKind::Json | ColumnKind::GeoPoint => value,
    }
}

/// Whether [`column`] leaves the value as it is. It was stored under another type of the field, or by raw SQL, if not.
fn fits(field: &Field, value: &Value) -> bool {
    match (field.column(), value) {
        (ColumnKind::Number | ColumnKind::Bool, Value::Integer(_)) => true,
        (ColumnKind::Number | ColumnKind::Bool, Value::Real(real)) => real.is_finite(),
        (ColumnKind::Number | ColumnKind::Bool, _) => false,
        (ColumnKind::Json, Value::Blob(_)) => false,
        (ColumnKind::Json, Value::Real(real)) => real.is_finite(),
        (ColumnKind::Json, _) => true,
        (_, Value::Text(_)) => true,
        (ColumnKind::PrimaryKey | ColumnKind::Text | ColumnKind::List | ColumnKind::GeoPoint, _) => false,
    }
}

/// A stored value as an element of the array. JSON has no infinity, and rules do not ask for bytes.
fn scalar(value: &Value) -> Json {
    match value {
        Value::Null | Value::Blob(_) => Json::Null,
        Value::Integer(integer) => Json::from(*integer),
        Value::Real(real) => Json::from(*real),
        Value::Text(text) => Json::from(text.as_str()),
    }
}
