//! The `SELECT` of a view collection: read, held to what a view may do, and turned into the statement
//! that the view is made of.
//!
//! A view may read tables and views of collections and nothing else, and none of their secrets: unlike
//! PocketBase, which lets a view show password hashes and the tables of the system.

mod columns;
mod guard;
mod renames;
mod select;
mod tables;
mod token;

use std::collections::BTreeSet;

use backspin_core::FieldError;
use backspin_schema::quote::Quoted;
use backspin_schema::{Field, Schema};

use columns::Column;
pub(crate) use renames::renamed;
pub(crate) use tables::read as tables;
use token::Token;

const BYTES_MAX: usize = 32 << 10;

/// A view query that may be run.
#[derive(Clone, Debug)]
pub(crate) struct ViewQuery {
    /// The fields of its records, `id` among them.
    pub(crate) fields: Vec<Field>,
    /// What the view is made of: it yields the fields in their order, any of them but `id` maybe `NULL`.
    pub(crate) select: String,
}

/// What is wrong with a view query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ViewQueryError {
    /// It is no query that a view may run.
    Unusable(String),
    /// It has no column `id`, and this is what it is; the database has not seen it yet.
    NoId { select: String },
    /// This column, counted from 0, has no name that a field may have.
    Column { position: usize, name: String, reason: Box<FieldError> },
}

impl ViewQuery {
    /// Reads the query of a view over the collections of `schema`. The same query has the same fields.
    pub(crate) fn read(schema: &Schema, text: &str) -> Result<Self, ViewQueryError> {
        let tokens = tokens(text).map_err(ViewQueryError::Unusable)?;
        let no_id = || ViewQueryError::NoId { select: token::to_sql(&tokens) };
        let select = select::read(&tokens).ok_or_else(no_id)?;
        let columns = columns::of(schema, &select)?;
        guard::check(schema, &tokens).map_err(ViewQueryError::Unusable)?;
        if !columns.iter().any(|column| column.name == "id") {
            return Err(no_id());
        }
        for (position, column) in columns.iter().enumerate() {
            let is_second = columns[..position].iter().any(|other| other.is_like(column));
            let reason = match is_second || !column.is_named() {
                true => Some(crate::check::no_word()),
                false => crate::check::field_name(&column.name).err(),
            };
            if let Some(reason) = reason {
                let (name, reason) = (column.name.clone(), Box::new(reason));
                return Err(ViewQueryError::Column { position, name, reason });
            }
        }
        let values: Vec<String> = columns.iter().map(value).collect();
        let select = format!("SELECT {} FROM ({})", values.join(", "), token::to_sql(&tokens));
        let fields = columns.into_iter().map(|column| column.into_field()).collect();
        Ok(ViewQuery { fields, select })
    }
}

impl ViewQueryError {
    /// In a few words.
    pub(crate) fn reason(&self) -> String {
        match self {
            ViewQueryError::Unusable(reason) => reason.clone(),
            ViewQueryError::NoId { .. } => {
                "missing required id column (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)"
                    .to_owned()
            }
            ViewQueryError::Column { position, name, .. } => {
                format!("column {position} (counted from 0) has no name that a field may have: {name}")
            }
        }
    }
}

/// All that a view query names, in lower case: tables, columns, keywords; nothing if it cannot be read.
pub(crate) fn named(text: &str) -> BTreeSet<String> {
    match tokens(text) {
        Ok(tokens) => guard::names(&tokens).map(str::to_lowercase).collect(),
        Err(_) => BTreeSet::new(),
    }
}

/// The tokens of one query, without what ends or encloses it.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("more than {BYTES_MAX} bytes"));
    }
    let mut tokens = token::cut(text)?;
    while tokens.last().is_some_and(|token| token.is(";")) {
        tokens.pop();
    }
    if tokens.iter().any(|token| token.is(";")) {
        return Err("multiple statements are not supported".to_owned());
    }
    let mut depth = 0;
    let depths = tokens.iter().map(|token| {
        depth += token.depth();
        depth
    });
    let depths: Vec<i32> = depths.collect();
    if depths.iter().any(|depth| *depth < 0) || depths.last().is_some_and(|depth| *depth != 0) {
        return Err("a parenthesis has no partner".to_owned());
    }
    // How many parentheses are open from the first token to the one before the last of those that close.
    let enclosing = |from: usize| {
        let to = tokens.len() - from;
        from + 1 < to && depths[from..to - 1].iter().all(|depth| *depth > from as i32)
    };
    let count = (0..tokens.len() / 2).take_while(|from| enclosing(*from)).count();
    let inner = tokens[count..tokens.len() - count].to_vec();
    match inner.first() {
        Some(first) if first.is_one_of(&["SELECT", "WITH", "VALUES"]) => Ok(inner),
        _ => Err("only SELECT queries are supported".to_owned()),
    }
}

/// A column as the view gives it: as the query has it, but an id is text.
fn value(column: &Column) -> String {
    let name = Quoted(&column.name);
    match column.name == "id" && !column.is_copy() {
        true => format!("CAST({name} AS TEXT)"),
        false => name.to_string(),
    }
}
