//! Whether the rules that were brought can be read here.

use backspin_query::{Filter, FilterLimits, Parameters, Query, Reach, Target};
use backspin_schema::{Collection, Schema};

use crate::Report;

/// The row's name while a rule is only tried.
const ALIAS: &str = "record";

/// Tells which rules are not understood. They are kept as they are written, and let nobody but superusers pass.
pub(crate) fn check(schema: &Schema, report: &mut Report) {
    for collection in schema.collections() {
        for (name, rule) in rules(collection) {
            if let Some(reason) =
                rule.and_then(|rule| refusal(rule, collection, schema, name != "createRule"))
            {
                report.remark(
                    format!("the {name} of {}", collection.name),
                    format!("it is not understood: {reason}"),
                );
            }
        }
    }
}

fn rules(collection: &Collection) -> [(&'static str, Option<&str>); 7] {
    let auth = collection.auth();
    [
        ("listRule", collection.list_rule.as_deref()),
        ("viewRule", collection.view_rule.as_deref()),
        ("createRule", collection.create_rule.as_deref()),
        ("updateRule", collection.update_rule.as_deref()),
        ("deleteRule", collection.delete_rule.as_deref()),
        ("authRule", auth.and_then(|auth| auth.auth_rule.as_deref())),
        ("manageRule", auth.and_then(|auth| auth.manage_rule.as_deref())),
    ]
}

/// `stored`: whether the rule is put to records that exist, not to proposed ones.
fn refusal(rule: &str, collection: &Collection, schema: &Schema, stored: bool) -> Option<String> {
    if rule.is_empty() {
        return None;
    }
    let (alias, auth, context, reach) = (ALIAS, None, "default", Reach::Many);
    let target = Target { schema, collection, alias, stored, auth, context, reach };
    let filter = Filter::parse(rule, &FilterLimits::RULE);
    let compiled = filter.and_then(|filter| {
        Query { rule: Some(&filter), ..Query::default() }.compile(&target, &mut Parameters::default())
    });
    compiled.err().map(|error| error.message)
}
