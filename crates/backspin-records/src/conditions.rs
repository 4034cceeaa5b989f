//! What a row must meet to be written, beside the rule.

use backspin_core::Value;
use backspin_query::{Parameter, Parameters, Predicate};
use backspin_schema::field::{ColumnKind, FieldOptions};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Schema};

use crate::proposed::Proposed;

/// That the records exist which a relation names in `value`, an expression; `None` for other fields.
pub(crate) fn related_exist(schema: &Schema, field: &Field, value: &str) -> Option<String> {
    let target = Quoted(&schema.find_by_id(&field.relation()?.collection_id)?.name).to_string();
    Some(match field.is_multiple() {
        true => format!(
            "NOT EXISTS (SELECT 1 FROM json_each({value}) AS \"named\" \
             WHERE NOT EXISTS (SELECT 1 FROM {target} WHERE \"id\" = \"named\".\"value\"))"
        ),
        false => format!("({value} = '' OR EXISTS (SELECT 1 FROM {target} WHERE \"id\" = {value}))"),
    })
}

/// That no account of another collection has the id that a request names for a new account of `collection`; `None` for
/// other records, and for ids that are drawn.
pub(crate) fn id_is_free(schema: &Schema, collection: &Collection, names_id: bool) -> Option<String> {
    if !names_id || !collection.is_auth() {
        return None;
    }
    let id = Proposed::of(collection).placeholder("id")?;
    let others = schema.collections().iter().filter(|other| other.is_auth() && other.id != collection.id);
    let free = |other: &Collection| {
        format!("NOT EXISTS (SELECT 1 FROM {} WHERE \"id\" = {id})", Quoted(&other.name))
    };
    Some(others.map(free).collect::<Vec<_>>().join(" AND ")).filter(|sql| !sql.is_empty())
}

/// That a stored value in `column` still fits the field's options, as far as that is cheap to see: they
/// may have changed since. `None` if there is nothing to see.
pub(crate) fn still_fits(field: &Field, column: &str, parameters: &mut Parameters) -> Option<String> {
    let mut parts = Vec::new();
    if field.required && !matches!(field.options, FieldOptions::Autodate(_)) {
        parts.push(is_given(field, column));
    }
    let mut bind = |bound: Value| parameters.bind(Parameter::Value(bound));
    match &field.options {
        FieldOptions::Number(options) => {
            let bounds = [(options.min, ">="), (options.max, "<=")];
            for (bound, operator) in
                bounds.into_iter().filter_map(|(bound, operator)| Some((bound?, operator)))
            {
                parts.push(format!("({column} = 0 OR {column} {operator} {})", bind(bound.into())));
            }
        }
        FieldOptions::Text(options) if !options.primary_key => {
            if options.min > 0 {
                parts.push(format!("({column} = '' OR length({column}) >= {})", bind(options.min.into())));
            }
            if options.max > 0 {
                parts.push(format!("length({column}) <= {}", bind(options.max.into())));
            }
        }
        _ => {}
    }
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

fn is_given(field: &Field, column: &str) -> String {
    match field.column() {
        ColumnKind::PrimaryKey | ColumnKind::Text => format!("{column} <> ''"),
        ColumnKind::Number | ColumnKind::Bool => format!("{column} <> 0"),
        ColumnKind::List => format!("{column} NOT IN ('', '[]')"),
        ColumnKind::Json => format!("coalesce({column}, '') NOT IN ('', 'null', '\"\"', '[]', '{{}}')"),
        ColumnKind::GeoPoint => {
            format!(
                "(CASE WHEN json_valid({column}) THEN {column} ->> '$.lon' <> 0 OR {column} ->> '$.lat' <> 0 END) IS TRUE"
            )
        }
    }
}

/// A predicate as an expression of its own.
pub(crate) fn expression(predicate: &Predicate) -> String {
    match predicate {
        Predicate::Always => "1".to_owned(),
        Predicate::Never => "0".to_owned(),
        Predicate::Sql(sql) => format!("({sql})"),
    }
}
