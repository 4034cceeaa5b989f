//! What the columns of a view query are: fields of collections, or values made from them.

use backspin_core::id;
use backspin_schema::field::{JsonOptions, NumberOptions, RelationOptions, TextOptions};
use backspin_schema::{Collection, Field, FieldOptions, Schema};

use super::ViewQueryError;
use super::select::{Expression, Select, SelectColumn, SelectTable};

/// One column of a view.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) options: FieldOptions,
    /// The field whose values it has, unchanged.
    copied: Option<Field>,
    /// Whether SQLite gives it that name.
    named: bool,
}

/// The columns of the query, in their order.
///
/// Errors: wildcards, for a view names its fields.
pub(super) fn of(schema: &Schema, select: &Select) -> Result<Vec<Column>, ViewQueryError> {
    // What several `SELECT`s yield in one column may be of several types.
    let tables = if select.is_compound { &[][..] } else { &select.tables };
    select.columns.iter().map(|item| column(schema, tables, item)).collect()
}

fn column(schema: &Schema, tables: &[SelectTable], item: &SelectColumn) -> Result<Column, ViewQueryError> {
    let found = field(schema, tables, &item.expression);
    let written = match &item.expression {
        Expression::Wildcard => {
            let message = "wildcard columns (*) are not supported - manually type the collection field \
                           names you want the view query to have";
            return Err(ViewQueryError::Unusable(message.to_owned()));
        }
        Expression::Other(text) if text.is_empty() => {
            return Err(ViewQueryError::Unusable("a column is missing".to_owned()));
        }
        Expression::Column { column, .. } => found.map_or(column, |(_, field)| &field.name),
        Expression::Call(text) | Expression::Cast(text) | Expression::Other(text) => text,
    };
    let name = item.alias.as_ref().unwrap_or(written).clone();
    let (options, copied) = match found {
        _ if name == "id" => (id_options(), found.map(|(_, field)| field.clone())),
        Some((collection, field)) if field.is_primary_key() => (id_of(collection), None),
        Some((_, field)) => (field.options.clone(), Some(field.clone())),
        None => (made(&item.expression), None),
    };
    let named = item.alias.is_some() || matches!(item.expression, Expression::Column { .. });
    Ok(Column { name, options, copied, named })
}

/// The field of a collection that the expression names.
fn field<'a>(
    schema: &'a Schema,
    tables: &[SelectTable],
    expression: &Expression,
) -> Option<(&'a Collection, &'a Field)> {
    let Expression::Column { table, column } = expression else { return None };
    let is_meant =
        |source: &&SelectTable| table.as_ref().is_none_or(|table| table.eq_ignore_ascii_case(&source.name));
    tables.iter().filter(is_meant).find_map(|source| {
        let collection = schema.find_by_name(source.table.as_ref()?)?;
        let fields = &mut collection.fields.iter();
        fields.find(|field| field.name.eq_ignore_ascii_case(column)).map(|field| (collection, field))
    })
}

/// The id of a record by another name refers to that record.
fn id_of(collection: &Collection) -> FieldOptions {
    let collection_id = collection.id.clone();
    FieldOptions::Relation(RelationOptions { collection_id, max_select: 1, ..RelationOptions::default() })
}

/// The type of a value that is no field's, as PocketBase sees it.
fn made(expression: &Expression) -> FieldOptions {
    let number = |only_int| FieldOptions::Number(NumberOptions { only_int, ..NumberOptions::default() });
    match expression {
        Expression::Call(function) if function == "count" => number(true),
        Expression::Call(function) if function == "total" => number(false),
        Expression::Cast(kind) => match kind.as_str() {
            "text" => FieldOptions::Text(TextOptions::default()),
            "int" | "integer" => number(true),
            "real" | "decimal" | "numeric" => number(false),
            "bool" | "boolean" => FieldOptions::Bool(Default::default()),
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

    pub(super) fn is_named(&self) -> bool {
        self.named
    }

    /// No two columns may differ in case alone.
    pub(super) fn is_like(&self, other: &Column) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
    }

    /// The field of the view. A copy has an id after its own name, for its original may come twice.
    pub(super) fn into_field(self) -> Field {
        if self.name == "id" {
            return Field { options: self.options, ..crate::draft::id_field() };
        }
        match self.copied {
            Some(field) => {
                let id = id::field_id("_clone_", &self.name);
                Field { id, name: self.name, ..field }
            }
            None => Field::new(&self.name, self.options),
        }
    }
}
