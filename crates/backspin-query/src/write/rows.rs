//! Joins as SQL: in a `FROM`, or turned around into an `IN`.

use backspin_schema::field::ColumnKind;
use backspin_schema::quote::Quoted;

use super::comparison::strict_sides;
use super::value::array;
use super::{Reach, Scope, Writer};
use crate::ast::OperatorKind;
use crate::condition::{Condition, Test};
use crate::join::{JoinId, JoinKind, JoinSet};
use crate::value::{Emptiness, ValueExpr};

impl Writer<'_, '_> {
    /// A `FROM` that provides these joins, and what its `WHERE` must hold. Rows that need not be there
    /// are left joined. The join `detached`, if any, is of all rows.
    pub(super) fn rows(
        &mut self,
        joins: &JoinSet,
        scope: &Scope,
        detached: Option<JoinId>,
    ) -> (String, Vec<String>) {
        let (found, other): (Vec<JoinId>, Vec<JoinId>) =
            joins.iter().partition(|join| scope.found.contains(join));
        let mut from = String::new();
        let mut conditions = vec![];
        for join in found {
            let on = if detached == Some(join) { None } else { self.on(join, scope) };
            let source = self.source(join, scope);
            match (from.is_empty(), on) {
                (true, on) => {
                    from = source;
                    conditions.extend(on);
                }
                (false, Some(on)) => from.push_str(&format!(" JOIN {source} ON {on}")),
                (false, None) => from.push_str(&format!(" JOIN {source}")),
            }
        }
        if from.is_empty() {
            from.push_str("(SELECT 1)");
        }
        for join in other {
            let on = self.on(join, scope).unwrap_or_else(|| "1".to_owned());
            from.push_str(&format!(" LEFT JOIN {} ON {on}", self.source(join, scope)));
        }
        (from, conditions)
    }

    fn source(&mut self, id: JoinId, scope: &Scope) -> String {
        let join = self.joins.get(id);
        let alias = self.alias(id, scope);
        match &join.kind {
            JoinKind::Elements(column) => {
                format!("json_each({}) AS {alias}", array(&self.column(column, scope)))
            }
            JoinKind::ListedElements(_) => format!("json_each({}) AS {alias}", self.list(id)),
            _ => match join.collection {
                Some(collection) => format!("{} AS {alias}", Quoted(&collection.name)),
                None => format!("(SELECT 1) AS {alias}"),
            },
        }
    }

    fn on(&mut self, id: JoinId, scope: &Scope) -> Option<String> {
        let join = self.joins.get(id);
        let alias = self.alias(id, scope);
        match &join.kind {
            JoinKind::Relation(column) => Some(format!("{alias}.\"id\" = {}", self.column(column, scope))),
            JoinKind::RelationOfElement => {
                join.parent.map(|parent| format!("{alias}.\"id\" = {}.\"value\"", self.alias(parent, scope)))
            }
            JoinKind::Back { field, parent_id } => {
                Some(format!("{alias}.{} = {}", Quoted(field), self.column(parent_id, scope)))
            }
            JoinKind::BackList { field, parent_id } => {
                let list = array(&format!("{alias}.{}", Quoted(field)));
                Some(format!(
                    "{} IN (SELECT \"value\" FROM json_each({list}))",
                    self.column(parent_id, scope)
                ))
            }
            JoinKind::Auth(_) => Some(format!("{alias}.\"id\" = {}", self.list(id))),
            JoinKind::Listed(_) => {
                Some(format!("{alias}.\"id\" IN (SELECT \"value\" FROM json_each({}))", self.list(id)))
            }
            JoinKind::Collection { .. } | JoinKind::Elements(_) | JoinKind::ListedElements(_) => None,
        }
    }

    /// The placeholder of a join's own parameter.
    fn list(&mut self, id: JoinId) -> String {
        match &self.joins.get(id).kind {
            JoinKind::Auth(parameter) | JoinKind::Listed(parameter) | JoinKind::ListedElements(parameter) => {
                self.parameters.bind(parameter.clone())
            }
            _ => "NULL".to_owned(),
        }
    }

    /// `record.relation IN (SELECT id …)`: the joined rows chosen first, where that is cheaper than to look
    /// them up for each record.
    pub(super) fn membership(
        &mut self,
        conditions: &[&Condition],
        joins: &JoinSet,
        inside: &Scope,
        scope: &Scope,
    ) -> Option<String> {
        let top = self.only_top(joins)?;
        if !inside.found.contains(&top) || !conditions.iter().all(|condition| condition.is_within(joins)) {
            return None;
        }
        let many = self.reach == Reach::Many;
        let chosen =
            |writer: &Self, indexed| conditions.iter().any(|part| writer.is_selective(part, indexed));
        let turned = match &self.joins.get(top).kind {
            JoinKind::Relation(_) => many && chosen(self, false),
            JoinKind::Back { field, .. } => {
                many && (chosen(self, true) || !self.joins.is_indexed(top, field))
            }
            JoinKind::BackList { .. } => true,
            _ => false,
        };
        if !turned {
            return None;
        }
        let (member, key, from, mut filters) = self.turned(top, joins, inside, scope)?;
        filters.extend(self.conjunction(conditions, inside));
        Some(format!("{member} IN (SELECT {key} FROM {from} WHERE {})", filters.join(" AND ")))
    }

    /// `NOT record.relation IN (SELECT id …)` for an inequality with a value that is not empty: it holds where the
    /// equality does not, with a joined row or without.
    pub(super) fn not_equal(&mut self, test: &Test, scope: &Scope) -> Option<String> {
        let is_known = |value: &ValueExpr| value.is_constant() && value.emptiness() == Emptiness::NotEmpty;
        let plain = test.operator == OperatorKind::NotEqual && !test.strict && !test.distinguishes_null();
        if !plain || !(is_known(&test.left) || is_known(&test.right)) {
            return None;
        }
        let equality = Condition::Test(Test { operator: OperatorKind::Equal, ..test.clone() });
        let joins = self.free(&equality, scope);
        let single = joins.iter().all(|join| !self.joins.get(*join).multi);
        let outer = self.only_top(&joins).and_then(|top| match &self.joins.get(top).kind {
            JoinKind::Relation(column) => Some(column.clone()),
            _ => None,
        })?;
        if !single || self.column_may_be_null(&outer, scope) {
            return None;
        }
        let inside = self.inside(&joins, joins.iter().copied(), scope);
        let membership = self.membership(&[&equality], &joins, &inside, scope)?;
        Some(format!("(NOT {membership})"))
    }

    /// `record.id NOT IN (SELECT …)`: as [`Writer::membership`], for the check of all rows.
    pub(super) fn no_member(
        &mut self,
        test: &Test,
        joins: &JoinSet,
        inside: &Scope,
        scope: &Scope,
    ) -> Option<String> {
        let top = self.only_top(joins)?;
        let turned = match &self.joins.get(top).kind {
            JoinKind::Back { field, .. } => self.reach == Reach::Many && !self.joins.is_indexed(top, field),
            JoinKind::BackList { .. } => true,
            _ => false,
        };
        if !turned || !inside.found.contains(&top) || !Condition::Test(test.clone()).is_within(joins) {
            return None;
        }
        let (member, key, from, mut filters) = self.turned(top, joins, inside, scope)?;
        filters.push(format!("{key} IS NOT NULL AND NOT ({})", self.test(test, inside)));
        Some(format!("{member} NOT IN (SELECT {key} FROM {from} WHERE {})", filters.join(" AND ")))
    }

    /// For a turned join: what is a member, of which column, `FROM` where, under which conditions.
    fn turned(
        &mut self,
        top: JoinId,
        joins: &JoinSet,
        inside: &Scope,
        scope: &Scope,
    ) -> Option<(String, String, String, Vec<String>)> {
        let alias = self.alias(top, inside);
        let (mut from, filters) = self.rows(joins, inside, Some(top));
        let (member, key) = match &self.joins.get(top).kind {
            JoinKind::Relation(column) => (column, format!("{alias}.\"id\"")),
            JoinKind::Back { field, parent_id } => (parent_id, format!("{alias}.{}", Quoted(field))),
            JoinKind::BackList { field, parent_id } => {
                let list = array(&format!("{alias}.{}", Quoted(field)));
                from.push_str(&format!(" JOIN json_each({list}) AS e{top}"));
                (parent_id, format!("e{top}.\"value\""))
            }
            _ => return None,
        };
        Some((self.column(member, scope), key, from, filters))
    }

    /// The one join that all others start from.
    fn only_top(&self, joins: &JoinSet) -> Option<JoinId> {
        let mut tops = joins
            .iter()
            .filter(|join| self.joins.get(**join).parent.is_none_or(|parent| !joins.contains(&parent)));
        let top = tops.next()?;
        tops.next().is_none().then_some(*top)
    }

    /// `record.column IN (SELECT column …)` for an equality with a column of rows that do not otherwise
    /// depend on the record.
    pub(super) fn semi_join(
        &mut self,
        conditions: &[&Condition],
        joins: &JoinSet,
        scope: &Scope,
    ) -> Option<String> {
        if self.reach == Reach::One || !joins.iter().all(|join| self.is_independent(*join, joins)) {
            return None;
        }
        let (at, inner, outer) =
            conditions.iter().enumerate().find_map(|(at, condition)| match condition {
                Condition::Test(test) => strict_sides(test, scope).map(|(inner, outer)| (at, inner, outer)),
                _ => None,
            })?;
        let rest: Vec<&Condition> = conditions
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != at)
            .map(|(_, condition)| *condition)
            .collect();
        let strict = matches!(conditions[at], Condition::Test(test) if test.strict);
        let join = inner.join?;
        let needed = strict || rest.iter().any(|condition| condition.needs_row(join));
        // With other joins before it, the column's rows are few.
        let few = joins.len() > 1 || !self.joins.is_indexed(join, &inner.name);
        let chosen =
            rest.iter().any(|condition| self.is_selective(condition, false)) || (rest.is_empty() && few);
        let apart = rest.iter().all(|condition| condition.is_within(joins));
        if !needed || !chosen || !apart || self.column_may_be_null(outer, scope) {
            return None;
        }
        let found =
            joins.iter().copied().filter(|id| *id == join || rest.iter().any(|part| part.needs_row(*id)));
        let inside = self.inside(joins, found, scope);
        let (from, mut filters) = self.rows(joins, &inside, None);
        filters.extend(self.conjunction(&rest, &inside));
        let filter =
            if filters.is_empty() { String::new() } else { format!(" WHERE {}", filters.join(" AND ")) };
        let (member, key) = (self.column(outer, scope), self.column(inner, &inside));
        Some(format!("{member} IN (SELECT {key} FROM {from}{filter})"))
    }

    /// Whether the rows of a join depend on nothing but others of these joins and the request.
    fn is_independent(&self, id: JoinId, joins: &JoinSet) -> bool {
        let join = self.joins.get(id);
        match &join.kind {
            JoinKind::Collection { .. }
            | JoinKind::Auth(_)
            | JoinKind::Listed(_)
            | JoinKind::ListedElements(_) => true,
            _ => join.parent.is_some_and(|parent| joins.contains(&parent)),
        }
    }

    /// Whether a condition holds for few rows: it asks for one value, by an index if that is asked for.
    fn is_selective(&self, condition: &Condition, indexed: bool) -> bool {
        let test = match condition {
            Condition::And(parts) => return parts.iter().any(|part| self.is_selective(part, indexed)),
            Condition::Test(test) if test.operator == OperatorKind::Equal => test,
            _ => return false,
        };
        let value = match (test.left.is_constant(), test.right.is_constant()) {
            (true, false) if test.left.emptiness() != Emptiness::Empty => &test.right,
            (false, true) if test.right.emptiness() != Emptiness::Empty => &test.left,
            _ => return false,
        };
        match value {
            ValueExpr::Column(column) if column.kind == ColumnKind::Bool => false,
            ValueExpr::Column(column) if indexed => {
                column.join.is_some_and(|join| self.joins.is_indexed(join, &column.name))
            }
            _ => !indexed,
        }
    }
}
