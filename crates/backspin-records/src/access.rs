//! Who may do what with the records of a collection.

use backspin_core::{Error, Result};
use backspin_query::{Filter, FilterLimits, Parameters, Predicate, Query, Reach, Target};
use backspin_schema::{Caller, Collection, Snapshot};

use crate::request::RequestInfo;

/// The row that a rule is put to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleTarget<'a> {
    pub(crate) collection: &'a Collection,
    /// The row's alias in the statement. Not `j`, `m` or `e` with a number after it.
    pub(crate) alias: &'a str,
    /// Whether it is a row of the collection's table or view, not a proposed record.
    pub(crate) stored: bool,
    /// Whether the statement looks at one row, found by its id, or at many.
    pub(crate) reach: Reach,
    /// What `@request.context` is: `default`, `expand`, …
    pub(crate) context: &'a str,
}

/// As [`get_collection`], in the words that PocketBase has for it where a body comes along.
pub(crate) fn get_collection_to_write<'a>(
    snapshot: &'a Snapshot,
    id_or_name: &str,
) -> Result<&'a Collection> {
    let not_found = || Error::NotFound("Missing or invalid collection context.".to_owned());
    snapshot.find(id_or_name).ok_or_else(not_found)
}

/// The collection of this id or name.
///
/// Errors: 404.
pub(crate) fn get_collection<'a>(snapshot: &'a Snapshot, id_or_name: &str) -> Result<&'a Collection> {
    snapshot.find(id_or_name).ok_or_else(|| Error::NotFound("Missing collection context.".to_owned()))
}

/// The condition that the rule puts on a record for `caller`; `None` if it puts none.
///
/// Errors: 403 if only superusers may.
pub(crate) fn condition<'r>(rule: Option<&'r str>, caller: &Caller) -> Result<Option<&'r str>> {
    match rule {
        _ if caller.is_superuser() => Ok(None),
        None => Err(Error::Forbidden("Only superusers can perform this action.".to_owned())),
        Some(rule) => Ok(Some(rule).filter(|rule| !rule.trim().is_empty())),
    }
}

/// What a rule makes of a row for the caller, with its values in `parameters`. The SQL depends on the rule, the
/// target and the caller's collection, on nothing else of the request.
///
/// Errors: 403 if only superusers may, 400 for a rule that no longer fits the schema.
pub(crate) fn compile_rule(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    rule: Option<&str>,
    target: RuleTarget<'_>,
    parameters: &mut Parameters,
) -> Result<Predicate> {
    let Some(rule) = condition(rule, request.caller)? else { return Ok(Predicate::Always) };
    let rule = parse_rule(rule)?;
    let query = Query { rule: Some(&rule), ..Query::default() };
    let target = target.of_query(snapshot, request);
    query.compile(&target, parameters).map(|compiled| compiled.filter).map_err(|_| broken_rule())
}

/// Errors: 400 for a rule that cannot be read.
pub(crate) fn parse_rule(rule: &str) -> Result<Filter> {
    Filter::parse(rule, &FilterLimits::RULE).map_err(|_| broken_rule())
}

/// What is wrong with a rule is no business of the client's.
pub(crate) fn broken_rule() -> Error {
    Error::bad_request("Something went wrong while processing your request.")
}

impl<'a> RuleTarget<'a> {
    /// As the query compiler takes it.
    pub(crate) fn of_query(self, snapshot: &'a Snapshot, request: &RequestInfo<'_>) -> Target<'a> {
        Target {
            schema: snapshot,
            collection: self.collection,
            alias: self.alias,
            stored: self.stored,
            auth: request.auth_collection(snapshot),
            context: self.context,
            reach: self.reach,
        }
    }
}
