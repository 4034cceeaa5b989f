//! How a stored value of one shape becomes one of another: SQL expressions of a column.
//!
//! Between one and several values the result is PocketBase's. PocketBase converts nothing else; here the
//! types of plain values are converted as well, by way of their text.

use backspin_schema::field::{ColumnKind, Field, FieldOptions};
use backspin_schema::quote::Literal;

/// The greatest finite number, for texts such as `1e999`.
const NUMBER_MAX: &str = "1.7976931348623157e308";

/// What a column holds, as far as conversion is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Date,
    Number,
    Bool,
    List,
    Json,
    GeoPoint,
}

impl Shape {
    pub(crate) fn of(field: &Field) -> Self {
        match (&field.options, field.column()) {
            (FieldOptions::Date(_) | FieldOptions::Autodate(_), _) => Shape::Date,
            (_, ColumnKind::PrimaryKey | ColumnKind::Text) => Shape::Text,
            (_, ColumnKind::Number) => Shape::Number,
            (_, ColumnKind::Bool) => Shape::Bool,
            (_, ColumnKind::List) => Shape::List,
            (_, ColumnKind::Json) => Shape::Json,
            (_, ColumnKind::GeoPoint) => Shape::GeoPoint,
        }
    }
}

/// Whether a field of the one type can become one of the other with its values. References to records
/// and files, and passwords, mean nothing elsewhere.
pub(crate) fn is_possible(from: &Field, to: &Field) -> bool {
    let is_plain = |field: &Field| {
        use FieldOptions::*;
        match &field.options {
            Text(_) | Number(_) | Bool(_) | Email(_) | Url(_) | Editor(_) | Date(_) | Select(_) | Json(_)
            | GeoPoint(_) => true,
            Autodate(_) | Relation(_) | File(_) | Password(_) => false,
        }
    };
    from.type_name() == to.type_name() || is_plain(from) && is_plain(to)
}

/// The expression of `x`, a value of the field `from`, as `to` holds it once the field has become that. `None` if nothing
/// of the one type means anything in the other.
pub fn converted(from: &Field, to: &Field, x: &str) -> Option<String> {
    is_possible(from, to).then(|| expression(Shape::of(from), Shape::of(to), x))
}

/// What an empty field of this kind holds, as SQL.
pub fn zero(column: ColumnKind) -> String {
    match column {
        ColumnKind::PrimaryKey | ColumnKind::Text => "''".to_owned(),
        ColumnKind::Number | ColumnKind::Bool => "0".to_owned(),
        ColumnKind::Json => "NULL".to_owned(),
        ColumnKind::List | ColumnKind::GeoPoint => Literal(&column.zero_value().to_string()).to_string(),
    }
}

/// The expression of `x`, of the shape `from`, as a value of the shape `to`. A column of that shape stores
/// it as it is, whatever its affinity.
pub(crate) fn expression(from: Shape, to: Shape, x: &str) -> String {
    match (from, to) {
        (from, to) if from == to => x.to_owned(),
        (Shape::List | Shape::GeoPoint, Shape::Json) => x.to_owned(),
        (Shape::Json, Shape::GeoPoint) => geo_point(x),
        (Shape::Json, Shape::List) => format!(
            "CASE WHEN {x} IS NULL OR NOT json_valid({x}) OR json_type({x}) <> 'array' THEN {} \
             ELSE (SELECT json_group_array(COALESCE(CAST(\"value\" AS TEXT), '')) FROM json_each({x})) END",
            by_text(from, to, x)
        ),
        _ => by_text(from, to, x),
    }
}

/// What is cheap to ask of `x` and true of each value that does not survive the way there and back, where there is
/// such a thing: most values are not looked at any further.
pub(crate) fn doubt(from: Shape, to: Shape, x: &str) -> Option<String> {
    match (from, to) {
        // A text that is no array itself is the only value of the array that it becomes.
        (Shape::Text, Shape::List) => Some(format!("instr({x}, '[') OR instr({x}, char(0))")),
        _ => None,
    }
}

fn by_text(from: Shape, to: Shape, x: &str) -> String {
    match (from, to) {
        (Shape::Text | Shape::Date, to) => from_text(to, x),
        (from, Shape::Text) => to_text(from, x),
        (from, to) => {
            format!("(SELECT {} FROM (SELECT {} AS \"text\"))", from_text(to, "\"text\""), to_text(from, x))
        }
    }
}

fn to_text(from: Shape, x: &str) -> String {
    match from {
        Shape::Text | Shape::Date => x.to_owned(),
        Shape::Number => number_text(x),
        Shape::Bool => format!("CASE WHEN {x} THEN 'true' ELSE 'false' END"),
        // The last of several values stays, as in PocketBase.
        Shape::List => format!(
            "CASE WHEN NOT json_valid({x}) THEN CAST({x} AS TEXT) \
             WHEN json_type({x}) = 'array' THEN COALESCE(CAST(json_extract({x}, '$[#-1]') AS TEXT), '') \
             ELSE CAST({x} AS TEXT) END"
        ),
        Shape::Json => format!(
            "CASE WHEN {x} IS NULL THEN '' \
             WHEN typeof({x}) <> 'text' THEN {} \
             WHEN NOT json_valid({x}) THEN {x} \
             WHEN json_type({x}) = 'null' THEN '' \
             WHEN json_type({x}) = 'text' THEN json_extract({x}, '$') \
             ELSE {x} END",
            number_text(x)
        ),
        Shape::GeoPoint => format!("CASE WHEN {x} = {} THEN '' ELSE {x} END", zero(ColumnKind::GeoPoint)),
    }
}

/// The shortest text that reads as the same number.
fn number_text(x: &str) -> String {
    format!(
        "CASE WHEN CAST(CAST({x} AS TEXT) AS NUMERIC) IS {x} THEN CAST({x} AS TEXT) \
         ELSE printf('%!.17g', {x}) END"
    )
}

fn from_text(to: Shape, x: &str) -> String {
    let is_number =
        format!("json_type({x}) IN ('integer', 'real') AND abs(CAST({x} AS REAL)) <= {NUMBER_MAX}");
    match to {
        Shape::Text => x.to_owned(),
        Shape::Date => format!(
            "CASE WHEN {x} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' \
             THEN COALESCE(strftime('%Y-%m-%d %H:%M:%f', {x}) || 'Z', '') ELSE '' END"
        ),
        Shape::Number => format!(
            "CASE WHEN {x} = 'true' THEN 1 WHEN NOT json_valid({x}) THEN 0 \
             WHEN {is_number} THEN CAST({x} AS NUMERIC) ELSE 0 END"
        ),
        Shape::Bool => format!(
            "CASE WHEN lower({x}) IN ('true', 't', '1') THEN 1 WHEN NOT json_valid({x}) THEN 0 \
             WHEN {is_number} THEN CAST({x} AS NUMERIC) <> 0 ELSE 0 END"
        ),
        Shape::List => format!(
            "CASE WHEN {x} = '' THEN '[]' WHEN instr({x}, '[') = 0 OR NOT json_valid({x}) THEN json_array({x}) \
             WHEN json_type({x}) = 'array' THEN {x} ELSE json_array({x}) END"
        ),
        // As PocketBase takes a text for a JSON field: JSON if it is that, else a JSON text.
        Shape::Json => format!(
            "CASE WHEN {x} = '' THEN NULL WHEN NOT json_valid({x}) THEN json_quote({x}) \
             WHEN json_type({x}) NOT IN ('integer', 'real') THEN {x} \
             WHEN {is_number} THEN CAST({x} AS NUMERIC) ELSE json_quote({x}) END"
        ),
        Shape::GeoPoint => geo_point(x),
    }
}

/// An object with `lon` and `lat` within their bounds; anything else is no place.
fn geo_point(x: &str) -> String {
    let within = |part: &str, max: u32| {
        format!(
            "json_type({x}, '$.{part}') IN ('integer', 'real') \
             AND json_extract({x}, '$.{part}') BETWEEN -{max} AND {max}"
        )
    };
    let zero = zero(ColumnKind::GeoPoint);
    format!(
        "CASE WHEN {x} IS NULL OR NOT json_valid({x}) THEN {zero} WHEN {} AND {} \
         THEN json_object('lon', json_extract({x}, '$.lon'), 'lat', json_extract({x}, '$.lat')) ELSE {zero} END",
        within("lon", 180),
        within("lat", 90)
    )
}
