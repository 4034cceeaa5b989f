//! Comparisons as SQL, with PocketBase's treatment of null and types.

use backspin_schema::field::ColumnKind;

use super::{Scope, Writer};
use crate::ast::OperatorKind;
use crate::condition::Test;
use crate::geo;
use crate::parameter::Parameter;
use crate::value::{Column, Emptiness, ValueExpr};

impl Writer<'_, '_> {
    pub(super) fn test(&mut self, test: &Test, scope: &Scope) -> String {
        let operator = match test.operator {
            OperatorKind::Equal => return self.equality(test, true, scope),
            OperatorKind::NotEqual => return self.equality(test, false, scope),
            OperatorKind::Like => return self.like(test, "LIKE", scope),
            OperatorKind::NotLike => return self.like(test, "NOT LIKE", scope),
            other => other.symbol(),
        };
        if let Some((left, right)) = self.distances(test, scope) {
            return format!("{left} {operator} {right}");
        }
        let (left, right) = (self.value(&test.left, scope), self.value(&test.right, scope));
        format!("{left} {operator} {right}")
    }

    /// The sides of a comparison of a distance with a known one, as haversines, which are less work.
    fn distances(&mut self, test: &Test, scope: &Scope) -> Option<(String, String)> {
        let known = |writer: &mut Self, parameter: &Parameter| {
            writer.parameters.bind(Parameter::Haversine(Box::new(parameter.clone())))
        };
        match (&test.left, &test.right) {
            (ValueExpr::GeoDistance(degrees), ValueExpr::Constant { parameter, .. }) => {
                Some((self.haversine(degrees, scope), known(self, parameter)))
            }
            (ValueExpr::Constant { parameter, .. }, ValueExpr::GeoDistance(degrees)) => {
                Some((known(self, parameter), self.haversine(degrees, scope)))
            }
            _ => None,
        }
    }

    fn haversine(&mut self, degrees: &[ValueExpr; 4], scope: &Scope) -> String {
        let mut cosine = |latitude: &ValueExpr| match latitude {
            ValueExpr::Constant { parameter, .. } => {
                Some(self.parameters.bind(Parameter::Cosine(Box::new(parameter.clone()))))
            }
            _ => None,
        };
        let cosines = [cosine(&degrees[1]), cosine(&degrees[3])];
        let degrees = degrees.each_ref().map(|value| self.value(value, scope));
        geo::haversine_sql(degrees.each_ref().map(String::as_str), cosines.each_ref().map(Option::as_deref))
    }

    fn like(&mut self, test: &Test, operator: &str, scope: &Scope) -> String {
        let left = self.value(&test.left, scope);
        let pattern = match &test.right {
            ValueExpr::Constant { parameter, .. } => {
                self.parameters.bind(Parameter::Like(Box::new(parameter.clone())))
            }
            other => format!("('%' || {} || '%')", self.value(other, scope)),
        };
        format!("{left} {operator} {pattern} ESCAPE '\\'")
    }

    fn equality(&mut self, test: &Test, equal: bool, scope: &Scope) -> String {
        let Test { left, right, .. } = test;
        let symbol = if equal { "=" } else { "IS NOT" };
        let plain = |writer: &mut Self, symbol: &str| {
            format!("{} {symbol} {}", writer.value(left, scope), writer.value(right, scope))
        };
        if test.strict {
            return plain(self, "=");
        }
        if test.distinguishes_null() {
            return plain(self, if equal { "IS" } else { "IS NOT" });
        }
        match (left.emptiness(), right.emptiness()) {
            (Emptiness::Empty, _) => self.emptiness(right, equal, scope),
            (_, Emptiness::Empty) => self.emptiness(left, equal, scope),
            (Emptiness::NotEmpty, _) | (_, Emptiness::NotEmpty) => plain(self, symbol),
            _ => match (left.is_constant(), right.is_constant()) {
                (true, true) => {
                    format!("{} {symbol} {}", self.or_empty(left, scope), self.or_empty(right, scope))
                }
                (true, false) => self.equality_with_request(right, left, equal, scope),
                (false, true) => self.equality_with_request(left, right, equal, scope),
                (false, false) if self.are_alike(left, right, scope) => plain(self, symbol),
                (false, false) => {
                    let (left, right) = (self.value(left, scope), self.value(right, scope));
                    format!("COALESCE({left}, '') {symbol} COALESCE({right}, '')")
                }
            },
        }
    }

    /// Whether a value is null or `""`.
    fn emptiness(&mut self, value: &ValueExpr, equal: bool, scope: &Scope) -> String {
        if value.is_constant() {
            return format!("{} {} ''", self.or_empty(value, scope), if equal { "=" } else { "<>" });
        }
        let may_be_null = self.may_be_null(value, scope);
        let value = self.value(value, scope);
        match (may_be_null, equal) {
            (false, true) => format!("{value} = ''"),
            (false, false) => format!("{value} <> ''"),
            (true, true) => format!("({value} = '' OR {value} IS NULL)"),
            (true, false) => format!("({value} IS NOT '' AND {value} IS NOT NULL)"),
        }
    }

    /// An equality with something of the request that may be empty.
    fn equality_with_request(
        &mut self,
        value: &ValueExpr,
        request: &ValueExpr,
        equal: bool,
        scope: &Scope,
    ) -> String {
        let request = self.or_empty(request, scope);
        let may_be_null = self.may_be_null(value, scope);
        let value = self.value(value, scope);
        match (may_be_null, equal) {
            (false, true) => format!("{value} = {request}"),
            (false, false) => format!("{value} IS NOT {request}"),
            (true, true) => format!("({value} = {request} OR ({request} = '' AND {value} IS NULL))"),
            (true, false) => {
                format!("({value} IS NOT {request} AND ({request} <> '' OR {value} IS NOT NULL))")
            }
        }
    }

    /// A constant with `''` for null.
    fn or_empty(&mut self, value: &ValueExpr, scope: &Scope) -> String {
        match value {
            ValueExpr::Constant { parameter, .. } => {
                self.parameters.bind(Parameter::OrEmpty(Box::new(parameter.clone())))
            }
            ValueExpr::Lower(inner) => format!("LOWER({})", self.or_empty(inner, scope)),
            ValueExpr::Null => "''".to_owned(),
            other => self.value(other, scope),
        }
    }

    pub(super) fn may_be_null(&self, value: &ValueExpr, scope: &Scope) -> bool {
        match value {
            ValueExpr::Column(column) => self.column_may_be_null(column, scope),
            ValueExpr::Length(_) | ValueExpr::Bool(_) => false,
            _ => true,
        }
    }

    pub(super) fn column_may_be_null(&self, column: &Column, scope: &Scope) -> bool {
        !column.declared
            || column.kind == ColumnKind::Json
            || column.join.is_some_and(|join| !scope.found.contains(&join))
    }

    /// Whether two values are columns that compare as they are: of one type and never null.
    fn are_alike(&self, left: &ValueExpr, right: &ValueExpr, scope: &Scope) -> bool {
        let (ValueExpr::Column(left), ValueExpr::Column(right)) = (left, right) else { return false };
        let numeric = |column: &Column| matches!(column.kind, ColumnKind::Number | ColumnKind::Bool);
        let same = (holds_text(left) && holds_text(right)) || (numeric(left) && numeric(right));
        same && !self.column_may_be_null(left, scope) && !self.column_may_be_null(right, scope)
    }

    /// The sides of an equality of a column to be found, which comes first, and one at hand, if both are
    /// texts that are never null in their row.
    pub(super) fn sides<'t>(&self, test: &'t Test, scope: &Scope) -> Option<(&'t Column, &'t Column)> {
        let (ValueExpr::Column(left), ValueExpr::Column(right)) = (&test.left, &test.right) else {
            return None;
        };
        if test.strict || test.operator != OperatorKind::Equal {
            return None;
        }
        split_sides(left, right, scope).filter(|(_, outer)| !self.column_may_be_null(outer, scope))
    }
}

fn split_sides<'t>(left: &'t Column, right: &'t Column, scope: &Scope) -> Option<(&'t Column, &'t Column)> {
    let is_free = |column: &Column| column.join.is_some_and(|join| !scope.bound.contains(&join));
    let texts = holds_text(left) && holds_text(right) && left.declared && right.declared;
    match (is_free(left), is_free(right)) {
        (true, false) if texts => Some((left, right)),
        (false, true) if texts => Some((right, left)),
        _ => None,
    }
}

pub(super) fn strict_sides<'t>(test: &'t Test, scope: &Scope) -> Option<(&'t Column, &'t Column)> {
    let (ValueExpr::Column(left), ValueExpr::Column(right)) = (&test.left, &test.right) else { return None };
    (test.operator == OperatorKind::Equal).then(|| split_sides(left, right, scope)).flatten()
}

fn holds_text(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::Text | ColumnKind::PrimaryKey)
}
