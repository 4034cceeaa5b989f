//! Rules that mean something else, or nothing, once a field or a collection is changed.
//!
//! Such a rule may well be read as before: what a body or the signed-in record does not have is null, and a name
//! may be another field's by now. So it is not enough to compile it.

use std::collections::HashMap;

use backspin_query::{Filter, FilterLimits, Parameters, Query, QueryError, Reach, Target};
use backspin_schema::{Collection, Field, Schema};

use super::convert;
use super::pairs::{Pairs, converts};

/// What the rules of the old schema may name that is not as it was.
pub(super) struct Rules<'a> {
    old: &'a Schema,
    new: &'a Schema,
    /// What becomes of a field, by its collection's id and its name.
    fields: HashMap<(&'a str, &'a str), Change>,
    /// What becomes of a collection, by its id.
    collections: HashMap<&'a str, String>,
}

struct Change {
    /// As in `is removed`.
    words: String,
    /// Whether it is the same to a path that leads on over the field: a relation to one record or to several, where
    /// what comes after is asked of each.
    is_same_to_paths: bool,
}

impl Change {
    fn new(words: impl Into<String>) -> Self {
        Change { words: words.into(), is_same_to_paths: false }
    }

    fn find(old: &Field, new: &Field) -> Option<Self> {
        if old.name != new.name {
            return Some(Change::new(format!("is renamed to {}", new.name)));
        }
        converts(old, new).then(|| Change {
            words: format!("is converted {}", convert::words(old, new)),
            is_same_to_paths: old.relation().is_some() && new.relation().is_some(),
        })
    }
}

impl<'a> Rules<'a> {
    pub(super) fn new(old: &'a Schema, new: &'a Schema, pairs: &Pairs<'a>) -> Self {
        let mut fields = HashMap::new();
        for table in &pairs.tables {
            let id = table.old.id.as_str();
            let dropped = table.dropped.iter().copied();
            fields.extend(dropped.map(|field| ((id, field.name.as_str()), Change::new("is removed"))));
            for (old, new) in &table.fields {
                fields.extend(Change::find(old, new).map(|change| ((id, old.name.as_str()), change)));
            }
        }
        for (old, new) in &pairs.views {
            // The fields of a view are known by their names. One that is gone is told by the compiler.
            for field in &old.fields {
                let change = new.find_field(&field.name).and_then(|other| Change::find(field, other));
                fields.extend(change.map(|change| ((old.id.as_str(), field.name.as_str()), change)));
            }
        }
        let renamed = pairs.both().filter(|(old, new)| !old.name.eq_ignore_ascii_case(&new.name));
        let mut collections: HashMap<&str, String> =
            renamed.map(|(old, new)| (old.id.as_str(), format!("is renamed to {}", new.name))).collect();
        collections.extend(pairs.dropped.iter().map(|gone| (gone.id.as_str(), "is removed".to_owned())));
        Rules { old, new, fields, collections }
    }

    /// The parts of `collection`, which is one of the new schema, whose rules are broken by the change, with the
    /// reasons. What was broken before is left alone, and so is a rule that is changed too, if it can be read.
    pub(super) fn problems(&self, collection: &Collection) -> Vec<(&'static str, String)> {
        let before = self.old.find_by_id(&collection.id);
        let problem = |(part, rule): (&'static str, &str)| {
            let was = before.filter(|before| written(before).contains(&(part, rule)));
            let message = match compile(self.new, collection, rule) {
                Err(error) => {
                    let is_new = was.is_none_or(|before| compile(self.old, before, rule).is_ok());
                    is_new.then(|| format!("Invalid rule. Raw error: {error}"))
                }
                Ok(()) => was
                    .and_then(|before| self.changed(before, rule))
                    .map(|change| format!("The rule names {change}. Change the rule together with it.")),
            };
            message.map(|message| (part, message))
        };
        written(collection).into_iter().filter_map(problem).collect()
    }

    /// The first thing that a rule of `collection`, which is one of the old schema, names and that is changed.
    fn changed(&self, collection: &Collection, rule: &str) -> Option<String> {
        let rule = Filter::parse(rule, &FilterLimits::RULE).ok()?;
        rule.identifiers().into_iter().find_map(|name| self.changed_in(collection, name))
    }

    fn changed_in(&self, collection: &Collection, identifier: &str) -> Option<String> {
        let segments: Vec<&str> = identifier.split('.').collect();
        match segments.as_slice() {
            ["@request", "body", path @ ..] => self.changed_on(collection, path),
            // The caller may be of any auth collection.
            ["@request", "auth", path @ ..] => {
                let mut auth = self.old.collections().iter().filter(|other| other.is_auth());
                auth.find_map(|other| self.changed_on(other, path))
            }
            ["@collection", name, path @ ..] => {
                let name = name.split(':').next().unwrap_or_default();
                let other = self.old.find(name)?;
                let by_id = name == other.id;
                self.changed_collection(other).filter(|_| !by_id).or_else(|| self.changed_on(other, path))
            }
            [first, ..] if first.starts_with('@') => None,
            path => self.changed_on(collection, path),
        }
    }

    /// Follows the path from a record of the collection, over all relations.
    fn changed_on(&self, collection: &Collection, path: &[&str]) -> Option<String> {
        let mut at = collection;
        for (position, segment) in path.iter().enumerate() {
            let name = segment.split(':').next().unwrap_or_default();
            // The field that is named, its collection, and where the path leads on.
            let (of, field, next) = match at.find_field(name) {
                Some(field) => {
                    let target = field.relation().map(|relation| relation.collection_id.as_str());
                    (at, field, target.and_then(|target| self.old.find_by_id(target)))
                }
                None => {
                    let (source, field) = name.split_once("_via_")?;
                    let source = self.old.find_by_name(source)?;
                    if let Some(change) = self.changed_collection(source) {
                        return Some(change);
                    }
                    (source, source.find_field(field)?, Some(source))
                }
            };
            let leads_on = position + 1 < path.len();
            let change = self.fields.get(&(of.id.as_str(), field.name.as_str()));
            if let Some(change) = change.filter(|change| !(leads_on && change.is_same_to_paths)) {
                return Some(format!("{}.{}, which {}", of.name, field.name, change.words));
            }
            at = next?;
        }
        None
    }

    fn changed_collection(&self, collection: &Collection) -> Option<String> {
        let change = self.collections.get(collection.id.as_str())?;
        Some(format!("{}, which {change}", collection.name))
    }
}

/// The rules with their parts. Empty ones and absent ones name nothing.
fn written<'a>(collection: &'a Collection) -> Vec<(&'static str, &'a str)> {
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
