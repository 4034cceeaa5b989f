//! What the columns of a view query are: fields of collections, or values made from them.

use backspin_core::{Env, id};
use backspin_schema::field::{JsonOptions, NumberOptions, RelationOptions, TextOptions};
use backspin_schema::quote::Literal;
use backspin_schema::{Collection, Field, FieldOptions, Schema};
use serde_json::Value as Json;
use sqlparser::ast::{DataType, Expr, Ident, Query, Select, SelectItem, SetExpr, TableFactor};

use super::{ViewQueryError, guard};

/// One column of a view.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) options: FieldOptions,
    /// The field whose values it has, unchanged.
    copied: Option<Field>,
}

/// A table in a `FROM`, by the name that columns may have before them.
struct Source<'a> {
    name: String,
    /// `None` if it is a part of the query itself.
    collection: Option<&'a Collection>,
}

/// The columns of the query, in their order.
///
/// Errors: wildcards, for a view names its fields.
pub(super) fn of(schema: &Schema, query: &Query) -> Result<Vec<Column>, ViewQueryError> {
    let (select, is_whole) = match first_select(&query.body) {
        Some(found) => found,
        None => return Err(ViewQueryError::NoId),
    };
    let sources = if is_whole { sources(schema, query, select) } else { Vec::new() };
    select.projection.iter().map(|item| column(&sources, item)).collect()
}

/// The `SELECT` that names the columns, and whether it is the only one.
fn first_select(body: &SetExpr) -> Option<(&Select, bool)> {
    match body {
        SetExpr::Select(select) => Some((select, true)),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left).map(|(select, _)| (select, false)),
        _ => None,
    }
}

fn sources<'a>(schema: &'a Schema, query: &Query, select: &Select) -> Vec<Source<'a>> {
    let locals: Vec<&str> = query
        .with
        .iter()
        .flat_map(|with| &with.cte_tables)
        .map(|table| table.alias.name.value.as_str())
        .collect();
    let tables = select.from.iter().flat_map(|table| {
        std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation))
    });
    tables
        .map(|table| match table {
            TableFactor::Table { name, alias, args: None, .. } => {
                let table = guard::table_name(name).unwrap_or_default();
                let is_local = locals.iter().any(|local| local.eq_ignore_ascii_case(&table));
                let collection = schema.find_by_name(&table).filter(|_| !is_local);
                let name = alias.as_ref().map_or(table, |alias| alias.name.value.clone());
                Source { name, collection }
            }
            _ => Source { name: String::new(), collection: None },
        })
        .collect()
}

fn column(sources: &[Source<'_>], item: &SelectItem) -> Result<Column, ViewQueryError> {
    let (expression, alias) = match item {
        SelectItem::UnnamedExpr(expression) => (expression, None),
        SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.value.clone())),
        _ => {
            let message = "wildcard columns (*) are not supported - manually type the collection field \
                           names you want the view query to have";
            return Err(ViewQueryError::Unusable(message.to_owned()));
        }
    };
    let found = field(sources, expression);
    let name = alias.unwrap_or_else(|| match (&found, expression) {
        (Some((_, field)), _) => field.name.clone(),
        (None, Expr::Identifier(name)) => name.value.clone(),
        (None, Expr::CompoundIdentifier(names)) => names.last().map(|n| n.value.clone()).unwrap_or_default(),
        (None, other) => other.to_string(),
    });
    let (options, copied) = match found {
        _ if name == "id" => (id_options(), found.map(|(_, field)| field.clone())),
        Some((collection, field)) if field.is_primary_key() => {
            let collection_id = collection.id.clone();
            (
                FieldOptions::Relation(RelationOptions {
                    collection_id,
                    max_select: 1,
                    ..RelationOptions::default()
                }),
                None,
            )
        }
        Some((_, field)) => (field.options.clone(), Some(field.clone())),
        None => (made(expression), None),
    };
    Ok(Column { name, options, copied })
}

/// The field of a collection that the expression names.
fn field<'a>(sources: &[Source<'a>], expression: &Expr) -> Option<(&'a Collection, &'a Field)> {
    let (table, column): (Option<&Ident>, &Ident) = match expression {
        Expr::Identifier(column) => (None, column),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, column] => (Some(table), column),
            _ => return None,
        },
        _ => return None,
    };
    let mut candidates = sources
        .iter()
        .filter(|source| table.is_none_or(|table| table.value.eq_ignore_ascii_case(&source.name)));
    candidates.find_map(|source| {
        let collection = source.collection?;
        let fields = &mut collection.fields.iter();
        fields.find(|field| field.name.eq_ignore_ascii_case(&column.value)).map(|field| (collection, field))
    })
}

/// The type of a value that is no field's, as PocketBase sees it.
fn made(expression: &Expr) -> FieldOptions {
    let number = |only_int| FieldOptions::Number(NumberOptions { only_int, ..NumberOptions::default() });
    match expression {
        Expr::Function(function) => match function.name.to_string().to_ascii_lowercase().as_str() {
            "count" => number(true),
            "total" => number(false),
            _ => json(),
        },
        Expr::Cast { data_type, .. } => match data_type {
            DataType::Text => FieldOptions::Text(TextOptions::default()),
            DataType::Int(_) | DataType::Integer(_) => number(true),
            DataType::Real | DataType::Decimal(_) | DataType::Numeric(_) => number(false),
            DataType::Bool | DataType::Boolean => FieldOptions::Bool(Default::default()),
            _ => json(),
        },
        _ => json(),
    }
}

/// Anything at all. The limit is as in PocketBase; it has no effect, for a view is never written.
fn json() -> FieldOptions {
    FieldOptions::Json(JsonOptions { max_size: 1 })
}

fn id_options() -> FieldOptions {
    FieldOptions::Text(TextOptions {
        pattern: crate::draft::ID_PATTERN.to_owned(),
        primary_key: true,
        ..TextOptions::default()
    })
}

impl Column {
    /// Whether its values are those of a field, each of the type's kind.
    pub(super) fn is_copy(&self) -> bool {
        self.copied.is_some()
    }

    /// No two columns may differ in case alone.
    pub(super) fn is_like(&self, other: &Column) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
    }

    /// The zero value of its type as SQL.
    pub(super) fn zero(&self) -> String {
        let field = Field { options: self.options.clone(), ..crate::draft::id_field() };
        let column = backspin_schema::field::ColumnKind::Text;
        match field.zero_value() {
            _ if field.column() == column => "''".to_owned(),
            Json::Bool(_) | Json::Number(_) => "0".to_owned(),
            Json::String(text) => Literal(&text).to_string(),
            other => Literal(&other.to_string()).to_string(),
        }
    }

    /// The field of the view. A copy has a random id, for its original may come twice.
    pub(super) fn into_field(self, env: &impl Env) -> Field {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        const ID_RANDOM_CHARS: usize = 4;
        if self.name == "id" {
            return Field { options: self.options, ..crate::draft::id_field() };
        }
        match self.copied {
            Some(field) => {
                let id = format!("_clone_{}", id::random_string(env, ID_RANDOM_CHARS, ALPHABET));
                Field { id, name: self.name, ..field }
            }
            None => Field {
                id: id::field_id(self.options.type_name(), &self.name),
                name: self.name,
                system: false,
                hidden: false,
                presentable: false,
                required: false,
                help: String::new(),
                options: self.options,
            },
        }
    }
}
