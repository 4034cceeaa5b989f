//! Matches a parsed filter with the schema: identifiers become columns, joins and parameters.

mod body;
mod function;
mod path;
mod request;

use std::ops::Range;

use backspin_core::Value;
use backspin_schema::{Action, Collection, SUPERUSERS_ID, Schema, Scopes};

use crate::ast::{Comparison, Expression, Filter, Operand, OperandKind, OperatorKind};
use crate::clock::Clock;
use crate::condition::{Condition, Test, WithoutRow};
use crate::error::{QueryError, Result};
use crate::join::{Join, JoinId, JoinKind, JoinSet, Joins};
use crate::limits::{FilterLimits, JOINS_MAX};
use crate::parameter::{Parameter, RequestSource};
use crate::value::{Column, Emptiness, ValueExpr};

/// Who wrote an expression, and so what it may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// A rule of a collection: it may name everything. Its values are fixed.
    Rule,
    /// A client's filter or sort.
    Client { superuser: bool },
}

/// Where a path starts: a record of this collection.
#[derive(Clone, Copy)]
pub(crate) struct Base<'s> {
    pub(crate) join: Option<JoinId>,
    pub(crate) collection: &'s Collection,
}

/// Of which values a comparison must be true.
#[derive(Clone, Copy, PartialEq)]
enum All {
    /// Of those of the rows at hand.
    No,
    /// Of all that the one side has.
    Values,
    /// Of all pairs of what the two sides have.
    Pairs,
}

/// What an operand stands for.
struct Resolved {
    value: ValueExpr,
    /// Whether it has several values for one record.
    multi: bool,
    /// The `emailVisibility` of the records whose email it is.
    visibility: Vec<Column>,
}

impl Resolved {
    fn single(value: ValueExpr) -> Self {
        Self { value, multi: false, visibility: vec![] }
    }
}

pub(crate) struct Resolver<'s> {
    pub(crate) schema: &'s Schema,
    /// The collection of the signed-in record.
    pub(crate) auth: Option<&'s Collection>,
    pub(crate) context: &'s str,
    /// Whether the record itself is a row of a table, not a proposed one.
    pub(crate) stored: bool,
    pub(crate) joins: Joins<'s>,
    /// The expression at hand.
    pub(crate) base: Base<'s>,
    pub(crate) author: Author,
    /// Of an API key, which reaches by its filter and sort only what it may list.
    pub(crate) scopes: Option<&'s Scopes>,
}

impl<'s> Resolver<'s> {
    pub(crate) fn condition(&mut self, filter: &Filter) -> Result<Condition> {
        self.expression(&filter.root, &filter.literals)
    }

    fn expression(&mut self, expression: &Expression, literals: &[Value]) -> Result<Condition> {
        let parts = match expression {
            Expression::Comparison(comparison) => return self.comparison(comparison, literals),
            Expression::And(parts) | Expression::Or(parts) => parts,
        };
        let parts = parts.iter().map(|part| self.expression(part, literals)).collect::<Result<Vec<_>>>()?;
        Ok(if matches!(expression, Expression::And(_)) {
            Condition::and(parts)
        } else {
            Condition::or(parts)
        })
    }

    fn comparison(&mut self, comparison: &Comparison, literals: &[Value]) -> Result<Condition> {
        let left = self.operand(&comparison.left, literals)?;
        let right = self.operand(&comparison.right, literals)?;
        let all = match (comparison.operator.any, left.multi, right.multi) {
            (true, ..) | (_, false, false) => All::No,
            (false, true, true) => All::Pairs,
            (false, ..) => All::Values,
        };
        let several_are_json =
            [&left, &right].iter().any(|side| side.multi && side.value.distinguishes_null());
        let visibility: Vec<_> = left.visibility.into_iter().chain(right.visibility).collect();
        let condition = self.test(left.value, comparison.operator.kind, right.value, all, !several_are_json);
        // As PocketBase, at the rows at hand only: not in the check that all match.
        let visible = visibility.into_iter().map(|column| {
            Condition::Test(Test::new(ValueExpr::Column(column), OperatorKind::Equal, ValueExpr::Bool(true)))
        });
        Ok(Condition::and(std::iter::once(condition).chain(visible)))
    }

    fn test(
        &mut self,
        left: ValueExpr,
        operator: OperatorKind,
        right: ValueExpr,
        all: All,
        blurs_null: bool,
    ) -> Condition {
        let (left_empty, right_empty) = (left.emptiness(), right.emptiness());
        if left.is_constant() && right.is_constant() {
            let equal = match (left_empty, right_empty) {
                (Emptiness::Empty, Emptiness::Empty) => Some(true),
                (Emptiness::Empty, Emptiness::NotEmpty) | (Emptiness::NotEmpty, Emptiness::Empty) => {
                    Some(false)
                }
                _ => None,
            };
            match (operator, equal) {
                (OperatorKind::Equal, Some(equal)) => return always(equal),
                (OperatorKind::NotEqual, Some(equal)) => return always(!equal),
                _ => {}
            }
        }
        let compares_null = left == ValueExpr::Null || right == ValueExpr::Null;
        if compares_null && !matches!(operator, OperatorKind::Equal | OperatorKind::NotEqual) {
            return Condition::Never;
        }
        let test = Test::new(left, operator, right);
        if all == All::No {
            return Condition::Test(test);
        }
        let mut violation = Test { blurs_null, ..test.clone() };
        if all == All::Pairs {
            let before = self.joins.with_ancestors(self.base.join);
            let mut right = JoinSet::new();
            test.right.visit_joins(&mut |join| right.extend(join));
            let own = self.joins.with_ancestors(right).difference(&before).copied().collect();
            violation.right = test.right.renamed(&self.joins.duplicate(&own));
        }
        let violation = Condition::NoneViolates { base: self.base.join, test: violation };
        // Where nothing is found it is true, and where all rows are true so is the one at hand.
        let true_of_nothing = test.joins().iter().all(|join| test.without_row(*join) == WithoutRow::True);
        if true_of_nothing && !test.distinguishes_null() {
            return violation;
        }
        Condition::and([Condition::Test(test), violation])
    }

    fn operand(&mut self, operand: &Operand, literals: &[Value]) -> Result<Resolved> {
        match &operand.kind {
            OperandKind::Literal(index) => Ok(Resolved::single(self.literal(*index, literals))),
            OperandKind::Identifier(name) => self.identifier(name, &operand.span),
            OperandKind::Function { name, arguments } => {
                self.function(name, arguments, literals, &operand.span)
            }
        }
    }

    fn literal(&self, index: usize, literals: &[Value]) -> ValueExpr {
        let value = &literals[index];
        let empty = matches!(value, Value::Text(text) if text.is_empty());
        let parameter = match self.author {
            Author::Rule => Parameter::Value(value.clone()),
            Author::Client { .. } => Parameter::Literal(index),
        };
        let emptiness = if empty { Emptiness::Empty } else { Emptiness::NotEmpty };
        ValueExpr::Constant { parameter, emptiness }
    }

    fn identifier(&mut self, name: &str, span: &Range<usize>) -> Result<Resolved> {
        if let Some(clock) = Clock::find(name) {
            let parameter = Parameter::Request(RequestSource::Clock(clock));
            return Ok(Resolved::single(constant(parameter, Emptiness::NotEmpty)));
        }
        if let Some(rest) = name.strip_prefix("@request.") {
            self.superusers_only("@request", span)?;
            return self.request(rest, span);
        }
        if let Some(rest) = name.strip_prefix("@collection.") {
            self.superusers_only("@collection", span)?;
            return self.other_collection(rest, span);
        }
        let keyword = match name.to_ascii_lowercase().as_str() {
            "null" => Some(ValueExpr::Null),
            "true" => Some(ValueExpr::Bool(true)),
            "false" => Some(ValueExpr::Bool(false)),
            _ => None,
        };
        match keyword {
            // A field of that name comes first.
            Some(keyword) if self.base.collection.find_field(name).is_none() => Ok(Resolved::single(keyword)),
            _ => self.field_path(name, span),
        }
    }

    /// A path of fields as a sort names it.
    pub(crate) fn sort_path(&mut self, name: &str, span: &Range<usize>) -> Result<ValueExpr> {
        if name.starts_with("@request.") {
            self.superusers_only("@request", span)?;
            return Err(QueryError::invalid("The request is the same for all records.", span.clone()));
        }
        let resolved = match name.starts_with("@collection.") {
            true => self.identifier(name, span)?,
            false => self.field_path(name, span)?,
        };
        Ok(resolved.value)
    }

    fn field_path(&mut self, name: &str, span: &Range<usize>) -> Result<Resolved> {
        let segments: Vec<&str> = name.split('.').collect();
        self.path(self.base, &segments, span)
    }

    fn superusers_only(&self, what: &str, span: &Range<usize>) -> Result<()> {
        match self.author {
            Author::Client { superuser: false } => Err(QueryError::superusers_only(
                format!("Only superusers can filter by {what}."),
                span.clone(),
            )),
            _ => Ok(()),
        }
    }

    /// Whether hidden fields and locked collections are out of reach.
    fn is_guarded(&self) -> bool {
        self.author == Author::Client { superuser: false }
    }

    fn add_join(
        &mut self,
        kind: JoinKind,
        parent: Option<JoinId>,
        collection: Option<&'s Collection>,
        many: bool,
        span: &Range<usize>,
    ) -> Result<JoinId> {
        let by_client = matches!(self.author, Author::Client { .. });
        if let (true, Some(scopes), Some(collection)) = (by_client, self.scopes, collection)
            && !scopes.allow(collection, Action::List)
        {
            let message =
                format!("The API key lacks the scope {}:list, to filter or sort by it.", collection.name);
            return Err(QueryError::invalid(message, span.clone()));
        }
        let client = self.is_guarded();
        let join = self.joins.add(Join { kind, collection, parent, many, multi: many, client });
        if self.joins.len() > JOINS_MAX {
            let message = format!("The filter and sort reach more than {JOINS_MAX} relations.");
            return Err(QueryError::invalid(message, span.clone()));
        }
        Ok(join)
    }

    /// That the rows which a client's filter and sort look at are those the client may list.
    pub(crate) fn visible_to_client(&mut self) -> Result<Condition> {
        let reached: Vec<(JoinId, &'s Collection)> = self
            .joins
            .iter()
            .filter(|(_, join)| join.client)
            .filter_map(|(id, join)| Some((id, join.collection?)))
            .collect();
        let mut conditions = vec![];
        for (join, collection) in reached {
            let Some(rule) = collection.list_rule.as_deref().filter(|rule| !rule.is_empty()) else {
                continue;
            };
            self.base = Base { join: Some(join), collection };
            self.author = Author::Rule;
            let id = ValueExpr::Column(self.column(self.base, "id"));
            let nothing_found = Condition::Test(Test::new(id, OperatorKind::Equal, ValueExpr::Null));
            let allowed = self.condition(&Filter::parse(rule, &FilterLimits::RULE)?)?;
            conditions.push(Condition::or([nothing_found, allowed]));
        }
        Ok(Condition::and(conditions))
    }

    pub(crate) fn is_superuser(&self) -> bool {
        self.auth.is_some_and(|auth| auth.id == SUPERUSERS_ID)
    }
}

fn always(condition: bool) -> Condition {
    if condition { Condition::Always } else { Condition::Never }
}

fn constant(parameter: Parameter, emptiness: Emptiness) -> ValueExpr {
    ValueExpr::Constant { parameter, emptiness }
}
