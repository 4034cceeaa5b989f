//! A resolved filter: comparisons of values, joined by AND and OR.

use crate::ast::OperatorKind;
use crate::join::{JoinId, JoinSet, Joins};
use crate::value::{Emptiness, ValueExpr};

/// True of a record if some combination of the rows that its joins find makes it true; where a join
/// finds no row, its columns are null.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Always,
    Never,
    Test(Test),
    /// True unless the test is false for some row of the joins after `base`: the "all must match" of
    /// plain operators. It looks at rows of its own, not at the current combination.
    NoneViolates {
        base: Option<JoinId>,
        test: Test,
    },
    /// Holds no `And`, `Always` or `Never`.
    And(Vec<Condition>),
    /// Holds no `Or`, `Always` or `Never`.
    Or(Vec<Condition>),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) operator: OperatorKind,
    pub(crate) left: ValueExpr,
    pub(crate) right: ValueExpr,
    /// An equality of columns in which null equals nothing, so that it can use an index.
    pub(crate) strict: bool,
    /// Whether null counts as `""` in JSON too: so PocketBase has it in a check that all of several values match,
    /// unless these are JSON themselves.
    pub(crate) blurs_null: bool,
}

/// What a test is where a join found no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithoutRow {
    True,
    False,
    Null,
    Unknown,
}

impl Condition {
    pub(crate) fn and(conditions: impl IntoIterator<Item = Condition>) -> Self {
        let mut parts = vec![];
        for condition in conditions {
            match condition {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::And(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        if parts.len() == 1 {
            parts.remove(0)
        } else if parts.is_empty() {
            Self::Always
        } else {
            Self::And(parts)
        }
    }

    pub(crate) fn or(conditions: impl IntoIterator<Item = Condition>) -> Self {
        let mut parts = vec![];
        for condition in conditions {
            match condition {
                Self::Never => {}
                Self::Always => return Self::Always,
                Self::Or(inner) => parts.extend(inner),
                other => parts.push(other),
            }
        }
        if parts.len() == 1 {
            parts.remove(0)
        } else if parts.is_empty() {
            Self::Never
        } else {
            Self::Or(parts)
        }
    }

    /// The joins whose rows it looks at, with those before them.
    pub(crate) fn joins(&self, joins: &Joins<'_>) -> JoinSet {
        match self {
            Self::Always | Self::Never => JoinSet::new(),
            Self::Test(test) => joins.with_ancestors(test.joins()),
            Self::NoneViolates { base, .. } => joins.with_ancestors(*base),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(|part| part.joins(joins)).collect(),
        }
    }

    /// Whether it cannot be true where this join found no row.
    pub(crate) fn needs_row(&self, join: JoinId) -> bool {
        match self {
            Self::Always | Self::NoneViolates { .. } => false,
            Self::Never => true,
            Self::Test(test) => matches!(test.without_row(join), WithoutRow::Null | WithoutRow::False),
            Self::And(parts) => parts.iter().any(|part| part.needs_row(join)),
            Self::Or(parts) => parts.iter().all(|part| part.needs_row(join)),
        }
    }

    /// Whether it looks at other rows than the record's, or calculates a distance.
    pub(crate) fn is_costly(&self) -> bool {
        match self {
            Self::Always | Self::Never => false,
            Self::NoneViolates { .. } => true,
            Self::Test(test) => {
                let calculates = |value: &ValueExpr| matches!(value, ValueExpr::GeoDistance(_));
                calculates(&test.left) || calculates(&test.right) || !test.joins().is_empty()
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::is_costly),
        }
    }

    /// Whether it looks at nothing but the rows of these joins.
    pub(crate) fn is_within(&self, joins: &JoinSet) -> bool {
        match self {
            Self::Always | Self::Never => true,
            Self::Test(test) => test.is_within(joins),
            Self::NoneViolates { base, .. } => base.is_some_and(|base| joins.contains(&base)),
            Self::And(parts) | Self::Or(parts) => parts.iter().all(|part| part.is_within(joins)),
        }
    }
}

impl Test {
    pub(crate) fn new(left: ValueExpr, operator: OperatorKind, right: ValueExpr) -> Self {
        Self { operator, left, right, strict: false, blurs_null: false }
    }

    pub(crate) fn joins(&self) -> JoinSet {
        let mut joins = JoinSet::new();
        let mut visit = |join: Option<JoinId>| joins.extend(join);
        self.left.visit_joins(&mut visit);
        self.right.visit_joins(&mut visit);
        joins
    }

    /// Whether null is compared as itself and not as `""`.
    pub(crate) fn distinguishes_null(&self) -> bool {
        !self.blurs_null && (self.left.distinguishes_null() || self.right.distinguishes_null())
    }

    fn is_within(&self, joins: &JoinSet) -> bool {
        let mut within = true;
        let mut visit = |join: Option<JoinId>| within &= join.is_some_and(|join| joins.contains(&join));
        self.left.visit_joins(&mut visit);
        self.right.visit_joins(&mut visit);
        within
    }

    /// Its result where this join found no row, by the rules with which [`crate::write`] writes it.
    pub(crate) fn without_row(&self, join: JoinId) -> WithoutRow {
        let (left, right) = (self.left.is_null_without(join), self.right.is_null_without(join));
        if !left && !right {
            return WithoutRow::Unknown;
        }
        let equal = match self.operator {
            OperatorKind::Equal => true,
            OperatorKind::NotEqual => false,
            _ => return WithoutRow::Null,
        };
        if self.strict {
            return WithoutRow::Null;
        }
        if left && right {
            return WithoutRow::Unknown;
        }
        let other = if left { &self.right } else { &self.left };
        let result = |is_equal: bool| if is_equal == equal { WithoutRow::True } else { WithoutRow::False };
        if self.distinguishes_null() {
            return match other.emptiness() {
                Emptiness::Empty => result(*other == ValueExpr::Null),
                Emptiness::NotEmpty => result(false),
                Emptiness::Unknown => WithoutRow::Unknown,
            };
        }
        match other.emptiness() {
            Emptiness::Empty => result(true),
            Emptiness::NotEmpty if equal => WithoutRow::Null,
            Emptiness::NotEmpty => WithoutRow::True,
            Emptiness::Unknown => WithoutRow::Unknown,
        }
    }
}
