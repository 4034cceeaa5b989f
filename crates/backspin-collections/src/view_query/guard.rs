//! What a view query may read.

use std::ops::ControlFlow;

use backspin_schema::{Collection, FieldOptions, Schema};
use sqlparser::ast::{
    Ident, Join, JoinOperator, ObjectName, Query, Select, SelectItem, TableFactor, Visit, Visitor,
};

use super::ViewQueryError;

/// Functions that yield rows and may stand in a `FROM`.
const TABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];
/// The name of the one database, which may stand before a table.
const DATABASE: &str = "main";

/// Everything in a query that decides whether a view may run it.
#[derive(Default)]
struct Parts {
    /// The tables and views that it reads.
    tables: Vec<ObjectName>,
    /// For each query around the place at hand, the names it gives to parts of itself.
    local: Vec<Vec<String>>,
    identifiers: Vec<String>,
    has_wildcard: bool,
    has_outer_join: bool,
}

/// Errors: a table that is no collection's, a column that is a secret.
pub(super) fn check(schema: &Schema, query: &Query) -> Result<(), ViewQueryError> {
    let parts = Parts::of(query);
    let mut collections: Vec<&Collection> = vec![];
    for table in &parts.tables {
        let collection = table_name(table).and_then(|name| schema.find_by_name(&name));
        let unknown = || ViewQueryError::Unusable(format!("{table} is no collection"));
        collections.push(collection.ok_or_else(unknown)?);
    }
    let mut secrets = collections.iter().flat_map(|collection| secrets(collection)).peekable();
    if parts.has_wildcard && secrets.peek().is_some() {
        let message = "wildcard columns (*) of a collection with passwords are not supported";
        return Err(ViewQueryError::Unusable(message.to_owned()));
    }
    let named = |secret: &&str| parts.identifiers.iter().any(|name| name.eq_ignore_ascii_case(secret));
    match secrets.find(named) {
        Some(secret) => Err(ViewQueryError::Unusable(format!("{secret} is a secret"))),
        None => Ok(()),
    }
}

/// The names of the tables and views that the query reads.
pub(super) fn tables(query: &Query) -> Vec<String> {
    Parts::of(query).tables.iter().filter_map(table_name).collect()
}

pub(super) fn has_outer_join(query: &Query) -> bool {
    Parts::of(query).has_outer_join
}

/// The last part of a name, as long as only the database stands before it.
pub(super) fn table_name(name: &ObjectName) -> Option<String> {
    let parts: Vec<&Ident> = name.0.iter().filter_map(|part| part.as_ident()).collect();
    match parts.as_slice() {
        [table] => Some(table.value.clone()),
        [database, table] if database.value.eq_ignore_ascii_case(DATABASE) => Some(table.value.clone()),
        _ => None,
    }
}

/// Fields that nobody ever gets to see.
fn secrets(collection: &Collection) -> impl Iterator<Item = &str> {
    let is_secret = |name: &str, options: &FieldOptions| {
        matches!(options, FieldOptions::Password(_)) || (collection.is_auth() && name == "tokenKey")
    };
    let fields = collection.fields.iter().filter(move |field| is_secret(&field.name, &field.options));
    fields.map(|field| field.name.as_str())
}

impl Parts {
    fn of(query: &Query) -> Self {
        let mut parts = Parts::default();
        let _: ControlFlow<()> = query.visit(&mut parts);
        parts
    }

    fn is_local(&self, table: &str) -> bool {
        TABLE_FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(table))
            || self.local.iter().flatten().any(|name| name.eq_ignore_ascii_case(table))
    }
}

impl Visitor for Parts {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.local.push(tables.map(|table| table.alias.name.value.clone()).collect());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.local.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let is_wildcard =
            |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
        self.has_wildcard |= select.projection.iter().any(is_wildcard);
        let is_outer = |join: &Join| {
            !matches!(
                join.join_operator,
                JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_)
            )
        };
        self.has_outer_join |= select.from.iter().flat_map(|table| &table.joins).any(is_outer);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<()> {
        // Its joins are not looked at.
        self.has_outer_join |= matches!(table, TableFactor::NestedJoin { .. });
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let is_local = relation.0.len() == 1 && table_name(relation).is_some_and(|name| self.is_local(&name));
        if !is_local {
            self.tables.push(relation.clone());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_ident(&mut self, ident: &Ident) -> ControlFlow<()> {
        self.identifiers.push(ident.value.clone());
        ControlFlow::Continue(())
    }
}
