//! What a comparison compares: columns, parameters and functions of them.

use std::collections::BTreeMap;

use backspin_schema::field::ColumnKind;

use crate::join::JoinId;
use crate::parameter::Parameter;

/// A column of a record or of a joined one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// `None` is the record itself.
    pub(crate) join: Option<JoinId>,
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
    /// Declared in a table. Columns of views and of proposed records have no affinity and may be null.
    pub(crate) declared: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValueExpr {
    Column(Column),
    /// A value within a JSON column; no path is all of it.
    Json {
        column: Column,
        path: Option<String>,
    },
    /// How many values a column holds.
    Length(Column),
    /// A value of a list.
    Element(JoinId),
    Lower(Box<ValueExpr>),
    Constant {
        parameter: Parameter,
        emptiness: Emptiness,
    },
    Null,
    Bool(bool),
    GeoDistance(Box<[ValueExpr; 4]>),
    Strftime(Vec<ValueExpr>),
    /// Whether the request sets a field to another value than the record's.
    Changed {
        is_set: Parameter,
        body: Box<ValueExpr>,
        stored: Box<ValueExpr>,
    },
}

/// Whether a value is null or `""`, as far as known when a statement is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emptiness {
    Empty,
    NotEmpty,
    Unknown,
}

impl ValueExpr {
    pub(crate) fn emptiness(&self) -> Emptiness {
        match self {
            Self::Null => Emptiness::Empty,
            Self::Bool(_) => Emptiness::NotEmpty,
            Self::Constant { emptiness, .. } => *emptiness,
            _ => Emptiness::Unknown,
        }
    }

    /// Whether it is the same for every record.
    pub(crate) fn is_constant(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Constant { .. } => true,
            Self::Lower(inner) => inner.is_constant(),
            _ => false,
        }
    }

    /// Whether null is compared as itself and not as `""`.
    pub(crate) fn distinguishes_null(&self) -> bool {
        matches!(self, Self::Json { .. } | Self::GeoDistance(_) | Self::Changed { .. })
    }

    /// Calls `visit` with the join of each column and element; `None` is the record itself.
    pub(crate) fn visit_joins(&self, visit: &mut impl FnMut(Option<JoinId>)) {
        match self {
            Self::Column(column) | Self::Json { column, .. } | Self::Length(column) => visit(column.join),
            Self::Element(join) => visit(Some(*join)),
            Self::Lower(inner) => inner.visit_joins(visit),
            Self::GeoDistance(arguments) => arguments.iter().for_each(|value| value.visit_joins(visit)),
            Self::Strftime(arguments) => arguments.iter().for_each(|value| value.visit_joins(visit)),
            Self::Changed { body, stored, .. } => {
                body.visit_joins(visit);
                stored.visit_joins(visit);
            }
            Self::Constant { .. } | Self::Null | Self::Bool(_) => {}
        }
    }

    /// The same of the rows of other joins.
    pub(crate) fn renamed(&self, joins: &BTreeMap<JoinId, JoinId>) -> Self {
        let rename = |column: &Column| {
            let join = column.join.map(|join| joins.get(&join).copied().unwrap_or(join));
            Column { join, ..column.clone() }
        };
        match self {
            Self::Column(column) => Self::Column(rename(column)),
            Self::Json { column, path } => Self::Json { column: rename(column), path: path.clone() },
            Self::Length(column) => Self::Length(rename(column)),
            Self::Element(join) => Self::Element(joins.get(join).copied().unwrap_or(*join)),
            Self::Lower(inner) => Self::Lower(Box::new(inner.renamed(joins))),
            Self::GeoDistance(degrees) => {
                Self::GeoDistance(Box::new(degrees.each_ref().map(|value| value.renamed(joins))))
            }
            Self::Strftime(arguments) => {
                Self::Strftime(arguments.iter().map(|value| value.renamed(joins)).collect())
            }
            Self::Changed { is_set, body, stored } => Self::Changed {
                is_set: is_set.clone(),
                body: Box::new(body.renamed(joins)),
                stored: Box::new(stored.renamed(joins)),
            },
            Self::Constant { .. } | Self::Null | Self::Bool(_) => self.clone(),
        }
    }

    /// Whether it is null wherever this join found no row.
    pub(crate) fn is_null_without(&self, join: JoinId) -> bool {
        match self {
            Self::Column(column) | Self::Json { column, .. } => column.join == Some(join),
            Self::Element(element) => *element == join,
            Self::Lower(inner) => inner.is_null_without(join),
            Self::GeoDistance(arguments) => arguments.iter().any(|value| value.is_null_without(join)),
            Self::Strftime(arguments) => arguments.iter().any(|value| value.is_null_without(join)),
            Self::Length(_) | Self::Changed { .. } | Self::Constant { .. } | Self::Null | Self::Bool(_) => {
                false
            }
        }
    }
}
