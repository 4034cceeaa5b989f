//! Values as SQL.

use backspin_schema::quote::Quoted;

use super::{Scope, Writer};
use crate::ast::OperatorKind;
use crate::condition::Test;
use crate::geo;
use crate::join::JoinId;
use crate::parameter::Parameter;
use crate::value::{Column, ValueExpr};

impl Writer<'_, '_> {
    pub(super) fn value(&mut self, value: &ValueExpr, scope: &Scope) -> String {
        match value {
            ValueExpr::Column(column) => self.column(column, scope),
            // A column of a view may hold text that is no JSON, which stands for itself.
            ValueExpr::Json { column, path: None } => {
                let column = self.column(column, scope);
                format!("(CASE WHEN json_valid({column}) THEN json_extract({column}, '$') ELSE {column} END)")
            }
            ValueExpr::Json { column, path: Some(path) } => {
                let column = self.column(column, scope);
                let path = self.parameters.bind(Parameter::Value(path.as_str().into()));
                format!("(CASE WHEN json_valid({column}) THEN json_extract({column}, {path}) END)")
            }
            ValueExpr::Length(column) => {
                let column = self.column(column, scope);
                format!(
                    "json_array_length(CASE WHEN json_valid({column}) AND json_type({column}) = 'array' THEN {column} \
                     WHEN {column} = '' OR {column} IS NULL THEN '[]' ELSE json_array({column}) END)"
                )
            }
            ValueExpr::Element(join) => format!("{}.\"value\"", self.alias(*join, scope)),
            ValueExpr::Lower(inner) => format!("LOWER({})", self.value(inner, scope)),
            ValueExpr::Constant { parameter, .. } => self.parameters.bind(parameter.clone()),
            ValueExpr::Null => "NULL".to_owned(),
            ValueExpr::Bool(boolean) => if *boolean { "1" } else { "0" }.to_owned(),
            ValueExpr::GeoDistance(degrees) => {
                let degrees = degrees.each_ref().map(|value| self.value(value, scope));
                geo::distance_sql(degrees.each_ref().map(String::as_str))
            }
            ValueExpr::Strftime(arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|value| self.value(value, scope)).collect();
                format!("strftime({})", arguments.join(", "))
            }
            ValueExpr::Changed { is_set, body, stored } => {
                let is_set = self.parameters.bind(is_set.clone());
                let test = Test::new((**body).clone(), OperatorKind::NotEqual, (**stored).clone());
                format!("({is_set} AND {})", self.test(&test, scope))
            }
        }
    }

    pub(super) fn column(&self, column: &Column, scope: &Scope) -> String {
        let row = column.join.map_or_else(|| self.record.clone(), |join| self.alias(join, scope));
        format!("{row}.{}", Quoted(&column.name))
    }

    pub(super) fn alias(&self, join: JoinId, scope: &Scope) -> String {
        if scope.copied.contains(&join) { format!("m{join}") } else { format!("j{join}") }
    }
}

/// What a column holds as a JSON array.
pub(super) fn array(column: &str) -> String {
    format!(
        "CASE WHEN json_valid({column}) AND json_type({column}) = 'array' THEN {column} ELSE json_array({column}) END"
    )
}
