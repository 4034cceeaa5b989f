//! What refers to that which is gone: rules, relations and indexes of the wanted schema.

use backspin_schema::{Collection, Index, Schema};
use serde::Serialize;

use super::pairs::Pairs;
use super::rules::Rules;
use crate::index_names::{What, find as find_names, mentions};

/// What SQLite knows in each table besides its columns.
const NO_FIELDS: [&str; 5] = ["_rowid_", "rowid", "oid", "true", "false"];

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
    let rules = Rules::new(old, new, pairs);
    for collection in new.collections() {
        let mut add = |part: &str, message: String| {
            problems.push(Problem { collection: collection.name.clone(), part: part.to_owned(), message });
        };
        for (part, message) in rules.problems(collection) {
            add(part, message);
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

/// The names of fields that go, unless another field has them now.
fn dropped_names<'a>(collection: &Collection, pairs: &Pairs<'a>) -> Vec<&'a str> {
    let table = pairs.tables.iter().find(|table| table.new.id == collection.id);
    let dropped = table.into_iter().flat_map(|table| &table.dropped).map(|field| field.name.as_str());
    let is_there = |name: &str| collection.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    dropped.filter(|name| !is_there(name)).collect()
}

/// Whether the columns or the condition of an index name `name`.
fn names(sql: &str, name: &str) -> bool {
    Index::parse(sql).is_some_and(|index| mentions(&index, name))
}

/// A column that the index names and the table will not have.
fn missing_column(sql: &str, collection: &Collection) -> Option<String> {
    let index = Index::parse(sql)?;
    let single = index.single_column();
    let is_there = |name: &str| {
        let fields = collection.fields.iter().map(|field| field.name.as_str());
        fields.chain(NO_FIELDS).any(|known| known.eq_ignore_ascii_case(name))
    };
    let named = [&index.columns, &index.condition].into_iter().flat_map(|sql| find_names(sql));
    let columns = named.filter(|named| named.what == What::Column && named.is_certain);
    single.into_iter().chain(columns.map(|named| named.name)).find(|name| !is_there(name))
}
