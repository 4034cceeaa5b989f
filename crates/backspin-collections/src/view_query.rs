//! The `SELECT` of a view collection: read, held to what a view may do, and turned into the statement
//! that the view is made of.
//!
//! A view may read tables and views of collections and nothing else, and none of their secrets: unlike
//! PocketBase, which lets a view show password hashes and the tables of the system.

mod columns;
mod guard;

use backspin_core::{Env, FieldError};
use backspin_schema::quote::Quoted;
use backspin_schema::{Field, FieldOptions, Schema};
use sqlparser::ast::{Query, SetExpr, Statement};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

use columns::Column;

const BYTES_MAX: usize = 32 << 10;
/// How deep the parser follows nested expressions and queries.
const DEPTH_MAX: usize = 50;

/// A view query that may be run.
#[derive(Clone, Debug)]
pub(crate) struct ViewQuery {
    /// The fields of its records, `id` among them.
    pub(crate) fields: Vec<Field>,
    /// What the view is made of: it yields the fields in their order, none of them `NULL` but JSON.
    pub(crate) select: String,
}

/// What is wrong with a view query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ViewQueryError {
    /// It is no query that a view may run.
    Unusable(String),
    /// It has no column `id`.
    NoId,
    /// This column, counted from 0, has no name that a field may have.
    Column { position: usize, name: String, reason: Box<FieldError> },
}

impl ViewQuery {
    /// Reads the query of a view over the collections of `schema`.
    pub(crate) fn read(schema: &Schema, text: &str, env: &impl Env) -> Result<Self, ViewQueryError> {
        let query = parse(text)?;
        guard::check(schema, &query)?;
        let columns = columns::of(schema, &query)?;
        for (position, column) in columns.iter().enumerate() {
            let reason = match columns[..position].iter().any(|other| other.is_like(column)) {
                true => Some(crate::check::no_word()),
                false => crate::check::field_name(&column.name).err(),
            };
            if let Some(reason) = reason {
                let (name, reason) = (column.name.clone(), Box::new(reason));
                return Err(ViewQueryError::Column { position, name, reason });
            }
        }
        if !columns.iter().any(|column| column.name == "id") {
            return Err(ViewQueryError::NoId);
        }
        let outer = guard::has_outer_join(&query);
        let values: Vec<String> = columns.iter().map(|column| value(column, outer)).collect();
        let select = format!("SELECT {} FROM ({query})", values.join(", "));
        Ok(ViewQuery { fields: columns.into_iter().map(|column| column.into_field(env)).collect(), select })
    }
}

/// The tables and views that a stored view query reads; none if it cannot be read.
pub(crate) fn tables(text: &str) -> Vec<String> {
    parse(text).map(|query| guard::tables(&query)).unwrap_or_default()
}

fn parse(text: &str) -> Result<Query, ViewQueryError> {
    let unusable = |reason: String| ViewQueryError::Unusable(reason);
    if text.len() > BYTES_MAX {
        return Err(unusable(format!("more than {BYTES_MAX} bytes")));
    }
    let parser = Parser::new(&SQLiteDialect {}).with_recursion_limit(DEPTH_MAX).try_with_sql(text);
    let statements = parser.and_then(|mut parser| parser.parse_statements());
    let mut statements = statements.map_err(|error| unusable(error.to_string()))?;
    match (statements.pop(), statements.pop()) {
        (Some(Statement::Query(query)), None) if only_reads(&query.body) => Ok(*query),
        (_, Some(_)) => Err(unusable("multiple statements are not supported".to_owned())),
        _ => Err(unusable("only SELECT queries are supported".to_owned())),
    }
}

fn only_reads(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(_) | SetExpr::Values(_) => true,
        SetExpr::Query(query) => only_reads(&query.body),
        SetExpr::SetOperation { left, right, .. } => only_reads(left) && only_reads(right),
        _ => false,
    }
}

/// A column as the view gives it: an id is text, and a missing row of an outer join or a cast of nothing
/// is the zero value of its type.
fn value(column: &Column, outer: bool) -> String {
    let name = Quoted(&column.name);
    let may_be_null = outer || !column.is_copy();
    let zero = match &column.options {
        _ if column.name == "id" && column.is_copy() => return name.to_string(),
        _ if column.name == "id" => return format!("CAST({name} AS TEXT)"),
        FieldOptions::Json(_) => return name.to_string(),
        _ if !may_be_null => return name.to_string(),
        _ => column.zero(),
    };
    format!("ifnull({name}, {zero})")
}
