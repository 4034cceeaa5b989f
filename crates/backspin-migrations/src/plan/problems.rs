//! What refers to that which is gone: rules, relations and indexes of the wanted schema.

use backspin_query::{Filter, FilterLimits, Parameters, Query, QueryError, Reach, Target};
use backspin_schema::{Collection, Index, Schema};
use serde::Serialize;

use super::pairs::Pairs;
use crate::identifiers::mentions;

/// A part of the wanted schema that the change would break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The name of the collection, in the wanted schema.
    pub collection: String,
    /// `listRule`, `indexes.0`, `fields`, `viewQuery`, …
    pub part: String,
    /// A sentence for people.
    pub message: String,
}

/// Everything that is found, in the order of the collections. What was broken before is left alone.
pub(super) fn find(old: &Schema, new: &Schema, pairs: &Pairs<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for collection in new.collections() {
        let before = old.find_by_id(&collection.id);
        let mut add = |part: &str, message: String| {
            problems.push(Problem { collection: collection.name.clone(), part: part.to_owned(), message });
        };
        for (part, rule) in rules(collection) {
            let was = before.and_then(|before| {
                rules(before)
                    .into_iter()
                    .find(|(other, text)| *other == part && *text == rule)
                    .map(|_| before)
            });
            if let Err(message) = compile(new, collection, rule)
                && was.is_none_or(|before| compile(old, before, rule).is_ok())
            {
                add(part, format!("Invalid rule. Raw error: {message}"));
            }
        }
        for field in &collection.fields {
            let target = field.relation().map(|relation| relation.collection_id.as_str());
            if let Some(gone) = pairs.dropped.iter().find(|gone| target == Some(&gone.id)) {
                add(
                    "fields",
                    format!("The field {} relates to {}, which is removed.", field.name, gone.name),
                );
            }
        }
        let dropped = dropped_names(collection, pairs);
        for (position, sql) in collection.indexes.iter().enumerate() {
            let gone = || dropped.iter().find(|name| names(sql, name)).map(|name| (*name).to_owned());
            if let Some(column) = missing_column(sql, collection).or_else(gone) {
                add(&format!("indexes.{position}"), format!("There is no field {column} for the index."));
            }
        }
    }
    problems
}

fn rules<'a>(collection: &'a Collection) -> Vec<(&'static str, &'a str)> {
    let mut rules: Vec<(&'static str, Option<&'a String>)> = vec![
        ("listRule", collection.list_rule.as_ref()),
        ("viewRule", collection.view_rule.as_ref()),
        ("createRule", collection.create_rule.as_ref()),
        ("updateRule", collection.update_rule.as_ref()),
        ("deleteRule", collection.delete_rule.as_ref()),
    ];
    if let Some(options) = collection.auth() {
        rules.push(("authRule", options.auth_rule.as_ref()));
        rules.push(("manageRule", options.manage_rule.as_ref()));
        rules.push(("mfa.rule", Some(&options.mfa.rule)));
    }
    // Empty rules and absent ones name nothing.
    let written = |(part, rule): (&'static str, Option<&'a String>)| {
        rule.filter(|rule| !rule.is_empty()).map(|rule| (part, rule.as_str()))
    };
    rules.into_iter().filter_map(written).collect()
}

fn compile(schema: &Schema, collection: &Collection, rule: &str) -> Result<(), String> {
    let told =
        |error: QueryError| format!("{} (at {}).", error.message.trim_end_matches('.'), error.span.start);
    let rule = Filter::parse(rule, &FilterLimits::RULE).map_err(told)?;
    let target = Target {
        schema,
        collection,
        alias: "r",
        stored: true,
        auth: None,
        context: "default",
        reach: Reach::Many,
    };
    let query = Query { rule: Some(&rule), ..Query::default() };
    query.compile(&target, &mut Parameters::new()).map(|_| ()).map_err(told)
}

/// The names of fields that go, unless another field has them now.
fn dropped_names<'a>(collection: &Collection, pairs: &Pairs<'a>) -> Vec<&'a str> {
    let table = pairs.tables.iter().find(|table| table.new.id == collection.id);
    let dropped = table.into_iter().flat_map(|table| &table.dropped).map(|field| field.name.as_str());
    let is_there = |name: &str| collection.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    dropped.filter(|name| !is_there(name)).collect()
}

/// Whether the columns or the condition of an index name `name`.
fn names(sql: &str, name: &str) -> bool {
    Index::parse(sql).is_some_and(|index| mentions(&index.columns, name) || mentions(&index.condition, name))
}

fn missing_column(sql: &str, collection: &Collection) -> Option<String> {
    let column = Index::parse(sql)?.single_column()?;
    let is_there = collection.fields.iter().any(|field| field.name.eq_ignore_ascii_case(&column));
    (!is_there && !column.eq_ignore_ascii_case("_rowid_")).then_some(column)
}
