//! Why a write wrote nothing: asked only when it did not, or when its input was refused, because rules come first.

use backspin_core::{Platform, Result, Value};
use backspin_query::{Parameters, Predicate, Reach};
use backspin_schema::{App, Attempt, Collection, Field, Snapshot};

use crate::access::{RuleTarget, compile_rule};
use crate::conditions::{expression, related_exist};
use crate::input::{Refusals, missing_records};
use crate::request::RequestInfo;

/// What the database says of a write.
pub(crate) struct Verdict {
    /// Whether the record is there and the rule lets the caller write it.
    pub(crate) is_allowed: bool,
    /// Whether the caller manages the account that the record is.
    pub(crate) is_manager: bool,
    /// Whether what is stored and stays fits the fields.
    pub(crate) fits: bool,
    /// Names of relations to records that do not exist.
    missing: Vec<String>,
}

impl Verdict {
    /// The columns of a verdict: `allowed`, whether the caller is a manager, `fits`, and whether the records exist
    /// that each of `relations` names in its placeholder.
    pub(crate) fn columns(
        snapshot: &Snapshot,
        (allowed, manager, fits): (&str, &str, &str),
        relations: &[(&Field, String)],
    ) -> String {
        let mut columns = vec![allowed.to_owned(), manager.to_owned(), fits.to_owned()];
        let exists = |(field, value): &(&Field, String)| related_exist(snapshot, field, value);
        columns.extend(relations.iter().map(|relation| exists(relation).unwrap_or_else(|| "1".to_owned())));
        columns.join(",\n    ")
    }

    /// Runs a statement whose row is the schema's version and [`Verdict::columns`].
    pub(crate) async fn ask(
        app: &App<impl Platform>,
        snapshot: &Snapshot,
        sql: &str,
        parameters: Vec<Value>,
        relations: &[(&Field, String)],
    ) -> Result<Attempt<Self>> {
        let row = match app.read(snapshot, sql, parameters).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(row) => row,
        };
        let is_true = |position: usize| matches!(row.get(position), Some(Value::Integer(1..)));
        let missing = relations.iter().enumerate().filter(|(position, _)| !is_true(position + 3));
        Ok(Attempt::Done(Verdict {
            is_allowed: is_true(0),
            is_manager: is_true(1),
            fits: is_true(2),
            missing: missing.map(|(_, (field, _))| field.name.clone()).collect(),
        }))
    }

    /// Adds the relations to records that do not exist. What is wrong with their values comes first.
    pub(crate) fn add_missing(&self, refusals: &mut Refusals) {
        self.missing.iter().for_each(|field| refusals.fields.add(field, missing_records()));
    }
}

/// What the manage rule of an auth collection makes of a row; no one manages other records.
pub(crate) fn manages(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    target: RuleTarget<'_>,
    parameters: &mut Parameters,
) -> Predicate {
    if request.caller.is_superuser() {
        return Predicate::Always;
    }
    let rule = target.collection.auth().and_then(|options| options.manage_rule.as_deref());
    match rule.filter(|rule| !rule.trim().is_empty()) {
        None => Predicate::Never,
        // A rule that no longer fits the schema makes nobody a manager.
        rule => compile_rule(snapshot, request, rule, target, parameters).unwrap_or(Predicate::Never),
    }
}

/// The row that a write is about.
pub(crate) fn written_row<'a>(
    request: &RequestInfo<'a>,
    collection: &'a Collection,
    alias: &'a str,
    stored: bool,
) -> RuleTarget<'a> {
    RuleTarget { collection, alias, stored, reach: Reach::One, context: request.context }
}

/// What the rule makes of that row, as an expression.
///
/// Errors: 400 for a rule that no longer fits the schema.
pub(crate) fn allowed(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    rule: Option<&str>,
    target: RuleTarget<'_>,
    parameters: &mut Parameters,
) -> Result<String> {
    compile_rule(snapshot, request, rule, target, parameters).map(|predicate| expression(&predicate))
}
