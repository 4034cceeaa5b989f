//! Rules are filters that must fit the schema as it shall be.

use backspin_core::{FieldError, FieldErrors};
use backspin_query::{Filter, FilterLimits, Parameters, Query, Reach, Target};
use backspin_schema::{Collection, Schema};

use super::add;

/// The row's name while a rule is only tried.
const ALIAS: &str = "record";

pub(super) fn check(collection: &Collection, schema: &Schema, errors: &mut FieldErrors) {
    for (part, rule, reads) in [
        ("listRule", &collection.list_rule, true),
        ("viewRule", &collection.view_rule, true),
        ("createRule", &collection.create_rule, false),
        ("updateRule", &collection.update_rule, false),
        ("deleteRule", &collection.delete_rule, false),
    ] {
        let Some(rule) = rule.as_deref() else { continue };
        if collection.is_view() && !reads {
            errors.add(part, FieldError::new("validation_nil", "Must be blank."));
        } else {
            add(errors, part, self::rule(rule, collection, schema, part != "createRule"));
        }
    }
}

/// `stored`: whether the rule is put to records that exist, not to proposed ones.
pub(super) fn rule(
    rule: &str,
    collection: &Collection,
    schema: &Schema,
    stored: bool,
) -> Result<(), FieldError> {
    if rule.is_empty() {
        return Ok(());
    }
    let target = Target {
        schema,
        collection,
        alias: ALIAS,
        stored,
        auth: None,
        context: "default",
        reach: Reach::Many,
    };
    let compiled = Filter::parse(rule, &FilterLimits::RULE).and_then(|filter| {
        Query { rule: Some(&filter), ..Query::default() }.compile(&target, &mut Parameters::default())
    });
    compiled.map(|_| ()).map_err(|error| {
        let reason = error.message.trim_end_matches('.');
        let message = format!("Invalid rule. Raw error: {reason} (at {}).", error.span.start);
        FieldError::new("validation_invalid_rule", message)
    })
}
