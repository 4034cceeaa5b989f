//! The record that signs in: found with what the auth rule says of it, and shown to itself.

use std::rc::Rc;

use backspin_core::{Env, Platform, Result, Value};
use backspin_query::{Parameters, Predicate, Reach};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, AuthRecord, Collection, Field, Index, Snapshot, VERSION_SQL};
use serde_json::{Map, Value as Json};

use crate::access::{RuleTarget, compile_rule};
use crate::conditions::expression;
use crate::plan::Plan;
use crate::request::{ReplyShape, RequestInfo};
use crate::view::{Seen, record_plan};

/// What an account is found by.
#[derive(Clone, Copy, Debug)]
pub enum AccountKey<'a> {
    Id(&'a str),
    /// A value of one of these fields, each of which has a unique index; of several that match, the email's
    /// comes first, then the first's.
    Identity {
        value: &'a str,
        fields: &'a [String],
    },
}

/// An account that somebody wants to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub record: AuthRecord,
    /// Whether the collection's auth rule lets it sign in. Of a superuser's request it lets everybody.
    pub is_allowed: bool,
    /// Whether the collection asks it for a second factor.
    pub asks_second_factor: bool,
}

/// What comes of an identity that somebody claims to have.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    pub account: Option<Account>,
    /// The password hash of another account, the first one whose id is at or after a place, or else the first of all. It
    /// is to be compared where there is no account, so that the time does not tell. `None` in an empty collection.
    pub decoy_hash: Option<String>,
}

/// The account of this key in an auth collection, by one statement. `body` and `context` are what the rule sees
/// as `@request.body` and `@request.context`.
pub async fn find_account(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    key: AccountKey<'_>,
    context: &str,
    body: &Map<String, Json>,
) -> Result<Attempt<Option<Account>>> {
    let claimed = find(app, snapshot, request, collection, (key, None), context, body).await?;
    Ok(match claimed {
        Attempt::Stale => Attempt::Stale,
        Attempt::Done(claimed) => Attempt::Done(claimed.account),
    })
}

/// As [`find_account`]; the same statement finds a decoy too, at `place` among the ids of the collection, whether there
/// is an account or not.
pub async fn find_account_or_decoy(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    (key, place): (AccountKey<'_>, &str),
    context: &str,
    body: &Map<String, Json>,
) -> Result<Attempt<Claimed>> {
    find(app, snapshot, request, collection, (key, Some(place)), context, body).await
}

async fn find(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    (key, place): (AccountKey<'_>, Option<&str>),
    context: &str,
    body: &Map<String, Json>,
) -> Result<Attempt<Claimed>> {
    let plan = account_plan(snapshot, request, collection, (key, place.is_some()), context)?;
    let (AccountKey::Id(value) | AccountKey::Identity { value, .. }) = key;
    let mut parameters = vec![value.into()];
    parameters.extend(place.map(Value::from));
    parameters.extend(plan.parameters.evaluate(&request.values(app.env().now(), body, &[])));
    let row = match app.read(snapshot, &plan.sql, parameters).await? {
        Attempt::Stale => return Ok(Attempt::Stale),
        Attempt::Done(row) => row,
    };
    let mut row = row.into_iter();
    let decoy_hash = match place.and_then(|_| row.next()) {
        Some(Value::Text(hash)) if !hash.is_empty() => Some(hash),
        _ => None,
    };
    let mut is_true = || matches!(row.next(), Some(Value::Integer(1..)));
    let (is_allowed, asks_second_factor) = (is_true(), is_true());
    let names = collection.fields.iter().map(|field| field.name.clone());
    let record = AuthRecord {
        collection_id: collection.id.clone(),
        collection_name: collection.name.clone(),
        fields: names.zip(row).collect(),
    };
    let is_there = matches!(record.get("id"), Some(Value::Text(_)));
    let account = is_there.then_some(Account { record, is_allowed, asks_second_factor });
    Ok(Attempt::Done(Claimed { account, decoy_hash }))
}

/// One row: a decoy's password hash if there is to be one, whether the rule lets the account in, whether a second factor
/// is asked for, and the fields of the record; nulls if there is none.
fn account_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    (key, has_decoy): (AccountKey<'_>, bool),
    context: &str,
) -> Result<Rc<Plan>> {
    let fields = match key {
        AccountKey::Id(_) => None,
        AccountKey::Identity { fields, .. } => Some(fields),
    };
    let caller = request.auth_collection_id();
    let plan_key = format!("{:?}", ("account", &collection.id, caller, fields, has_decoy, context));
    Plan::get(snapshot, &plan_key, || {
        let mut parameters = Parameters::after(if has_decoy { 2 } else { 1 });
        let target = RuleTarget { collection, alias: ROW, stored: true, reach: Reach::One, context };
        let rule = collection.auth().and_then(|options| options.auth_rule.as_deref());
        // A rule that no longer fits the schema lets nobody in.
        let rule = compile_rule(snapshot, request, rule, target, &mut parameters).unwrap_or(Predicate::Never);
        let mfa = collection.auth().map(|options| &options.mfa).filter(|mfa| mfa.enabled);
        let mfa = mfa.map_or(Predicate::Never, |mfa| {
            // One that no longer fits the schema asks it of everybody.
            let rule = Some(mfa.rule.as_str());
            compile_rule(snapshot, request, rule, target, &mut parameters).unwrap_or(Predicate::Always)
        });
        let (rule, mfa) = (expression(&rule), expression(&mfa));
        let column = |field: &Field| format!("{ROW}.{}", Quoted(&field.name));
        let columns = collection.fields.iter().map(column).collect::<Vec<_>>().join(", ");
        let table = Quoted(&collection.name);
        let decoy = if has_decoy { decoy_column(collection) } else { String::new() };
        let found = match fields {
            None => format!("{ROW}.\"id\" = ?1"),
            Some(fields) => {
                format!("{ROW}.\"_rowid_\" = coalesce({}NULL, NULL)", matches(collection, fields))
            }
        };
        let sql = format!(
            "SELECT {VERSION_SQL}, {decoy}{rule}, {mfa}, {columns}\nFROM (SELECT 1) LEFT JOIN {table} AS {ROW} ON {found}"
        );
        Ok(Plan::new(sql, parameters, None))
    })
}

/// The row of each field's match, for `coalesce`. Compared as the field's unique index compares, and without the
/// empty values that it may leave out.
fn matches(collection: &Collection, fields: &[String]) -> String {
    let table = Quoted(&collection.name);
    let (first, others): (Vec<_>, Vec<_>) = fields.iter().partition(|field| *field == "email");
    let row = |field: &String| {
        let column = Quoted(field);
        let collation = if ignores_case(collection, field) { " COLLATE NOCASE" } else { "" };
        format!("(SELECT \"_rowid_\" FROM {table} WHERE {column} = ?1{collation} AND {column} != ''), ")
    };
    first.into_iter().chain(others).map(row).collect()
}

/// The password of the first account at or after the id `?2`, else of the first of all. Looked for in either case, so
/// that it takes the same time.
fn decoy_column(collection: &Collection) -> String {
    let table = Quoted(&collection.name);
    let first_from =
        |id: &str| format!("(SELECT \"password\" FROM {table} WHERE \"id\" >= {id} ORDER BY \"id\" LIMIT 1)");
    format!("coalesce({}, {}), ", first_from("?2"), first_from("''"))
}

/// Whether these values of the field lead to the same account: compared as [`AccountKey::Identity`] is.
pub fn is_same_identity(collection: &Collection, field: &str, one: &str, other: &str) -> bool {
    one == other || (ignores_case(collection, field) && one.eq_ignore_ascii_case(other))
}

/// Whether no two records can have the same value of the field.
pub fn is_unique(collection: &Collection, field: &str) -> bool {
    unique_indexes(collection, field).next().is_some()
}

/// Whether accounts are found by this field whatever the case of its letters (of ASCII): its unique index says so.
pub fn ignores_case(collection: &Collection, field: &str) -> bool {
    let mut indexes = unique_indexes(collection, field);
    indexes.any(|index| index.columns.to_ascii_uppercase().contains("COLLATE NOCASE"))
}

/// Those on the field alone.
fn unique_indexes<'a>(collection: &'a Collection, field: &'a str) -> impl Iterator<Item = Index> + 'a {
    let unique = collection.indexes.iter().filter_map(|sql| Index::parse(sql)).filter(|index| index.unique);
    unique.filter(move |index| index.single_column().is_some_and(|column| column.eq_ignore_ascii_case(field)))
}

/// The caller's own record as JSON, as it sees itself, whatever the view rule. `None` if it is gone.
///
/// Errors: 400 for an `expand` that cannot be read.
pub async fn view_account(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    expand: &str,
) -> Result<Attempt<Option<String>>> {
    let Some(record) = request.caller.record() else { return Ok(Attempt::Done(None)) };
    let id = record.get("id").cloned();
    let (Some(collection), Some(id)) = (snapshot.find_by_id(&record.collection_id), id) else {
        let current = app.is_current(snapshot).await?;
        return Ok(if current { Attempt::Done(None) } else { Attempt::Stale });
    };
    let shape = ReplyShape { expand: expand.into(), fields: "".into() };
    let plan = record_plan(snapshot, request, collection, Seen::ByWriter, &shape)?;
    let parameters = plan.values([id], request, app.env().now(), &[]);
    Ok(match app.read(snapshot, &plan.sql, parameters).await? {
        Attempt::Stale => Attempt::Stale,
        Attempt::Done(row) => Attempt::Done(match row.into_iter().next() {
            Some(Value::Text(json)) => Some(json),
            _ => None,
        }),
    })
}

/// The alias of the account's row.
const ROW: &str = "record";
