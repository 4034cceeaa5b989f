//! Writes a resolved condition as SQL: one expression that is true or false for one row of the record's
//! table, with no join of its own, so that it fits any statement.
//!
//! PocketBase joins every path and removes duplicates afterwards. Here each group of comparisons that
//! must hold for the same joined rows becomes one `EXISTS`, or an `IN` with a subquery that does not
//! depend on the record, so that it runs once and an index on the record's column can serve it.

mod comparison;
mod rows;
mod value;

use crate::condition::{Condition, Test, WithoutRow};
use crate::join::{JoinId, JoinSet, Joins};
use crate::parameter::Parameters;
use crate::value::ValueExpr;

/// How many records a statement looks at: it decides between subqueries that run once and lookups for
/// each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One, found by its id.
    One,
    Many,
}

pub(crate) struct Writer<'a, 's> {
    pub(crate) joins: &'a Joins<'s>,
    pub(crate) parameters: &'a mut Parameters,
    /// The alias of the record's row, quoted.
    pub(crate) record: String,
    pub(crate) reach: Reach,
}

/// What the surroundings of an expression provide.
#[derive(Clone, Debug, Default)]
struct Scope {
    /// Joins in some `FROM` around it.
    bound: JoinSet,
    /// Those of them whose row is there for sure.
    found: JoinSet,
    /// Those that are copies, for a check of all rows.
    copied: JoinSet,
}

impl Writer<'_, '_> {
    /// The condition as an SQL expression, for the whole of a `WHERE`.
    pub(crate) fn condition(&mut self, condition: &Condition) -> String {
        self.conjunction(std::slice::from_ref(&condition), &Scope::default()).join(" AND ")
    }

    /// A value to sort by: of several, the first.
    pub(crate) fn sort_value(&mut self, value: &ValueExpr) -> String {
        let mut direct = JoinSet::new();
        value.visit_joins(&mut |join| direct.extend(join));
        let joins = self.joins.with_ancestors(direct);
        if joins.is_empty() {
            return self.value(value, &Scope::default());
        }
        let found = joins.iter().copied().filter(|join| self.joins.get(*join).parent.is_none()).collect();
        let scope = Scope { bound: joins.clone(), found, copied: JoinSet::new() };
        let (from, conditions) = self.rows(&joins, &scope, None);
        let value = self.value(value, &scope);
        let filter = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        format!("(SELECT {value} FROM {from}{filter} LIMIT 1)")
    }

    /// Expressions that are all true if the conditions are, for the same joined rows.
    fn conjunction(&mut self, conditions: &[&Condition], scope: &Scope) -> Vec<String> {
        let mut written = vec![];
        let mut groups: Vec<(JoinSet, Vec<&Condition>)> = vec![];
        let flat = conditions.iter().flat_map(|condition| match condition {
            Condition::And(parts) => parts.iter().collect(),
            other => vec![*other],
        });
        for condition in flat {
            let free = self.free(condition, scope);
            if free.is_empty() {
                written.push(self.bound(condition, scope));
                continue;
            }
            // What several rows are found by must be the same in the whole group; single rows are only
            // looked up once more.
            let multi: JoinSet = free.iter().copied().filter(|join| self.joins.get(*join).multi).collect();
            let mut key = if multi.is_empty() { free } else { multi };
            let mut members = vec![];
            groups.retain_mut(|(other, others)| {
                let apart = other.is_disjoint(&key);
                if !apart {
                    key.append(other);
                    members.append(others);
                }
                apart
            });
            members.push(condition);
            groups.push((key, members));
        }
        for (_, members) in groups {
            written.push(match members.as_slice() {
                [Condition::Or(parts)] => self.alternatives(parts, scope),
                members => self.exists(members, scope),
            });
        }
        written
    }

    /// The joins of a condition that the surroundings do not provide.
    fn free(&self, condition: &Condition, scope: &Scope) -> JoinSet {
        condition.joins(self.joins).difference(&scope.bound).copied().collect()
    }

    /// A condition all of whose joins are provided, or are its own.
    fn bound(&mut self, condition: &Condition, scope: &Scope) -> String {
        match condition {
            Condition::Always => "1".to_owned(),
            Condition::Never => "0".to_owned(),
            Condition::Test(test) => self.test(test, scope),
            Condition::NoneViolates { base, test } => self.none_violates(*base, test, scope),
            Condition::Or(parts) => self.alternatives(parts, scope),
            Condition::And(_) => format!("({})", self.conjunction(&[condition], scope).join(" AND ")),
        }
    }

    /// `(a OR b)`. Alternatives over the same joins share one lookup.
    fn alternatives(&mut self, parts: &[Condition], scope: &Scope) -> String {
        let mut groups: Vec<(JoinSet, Vec<Condition>)> = vec![];
        for part in parts {
            let free = self.free(part, scope);
            match groups.iter_mut().find(|(other, _)| !free.is_empty() && *other == free) {
                Some((_, members)) => members.push(part.clone()),
                None => groups.push((free, vec![part.clone()])),
            }
        }
        let mut written = vec![];
        for (_, members) in groups {
            let several = members.len() > 1;
            let condition = Condition::or(members);
            written.push(if several {
                self.exists(&[&condition], scope)
            } else {
                let parts = self.conjunction(&[&condition], scope);
                if parts.len() > 1 { format!("({})", parts.join(" AND ")) } else { parts.concat() }
            });
        }
        if written.len() > 1 { format!("({})", written.join(" OR ")) } else { written.concat() }
    }

    /// That joined rows exist for which all these conditions are true.
    fn exists(&mut self, conditions: &[&Condition], scope: &Scope) -> String {
        if let [Condition::Test(test)] = conditions
            && let Some(written) = self.column_equality(test, scope)
        {
            return written;
        }
        if let [Condition::Test(test)] = conditions
            && let Some(written) = self.not_equal(test, scope)
        {
            return written;
        }
        let free = self.free_to_bind(conditions, scope);
        let found = free.iter().copied().filter(|join| conditions.iter().any(|part| part.needs_row(*join)));
        let inside = self.inside(&free, found, scope);
        if let Some(written) = self.membership(conditions, &free, &inside, scope) {
            return written;
        }
        if let Some(written) = self.semi_join(conditions, &free, scope) {
            return written;
        }
        let (from, mut filters) = self.rows(&free, &inside, None);
        filters.extend(self.conjunction(conditions, &inside));
        format!("EXISTS (SELECT 1 FROM {from} WHERE {})", filters.join(" AND "))
    }

    /// The joins that one `FROM` for these conditions provides: all of the comparisons, and of
    /// alternatives those that others look at too.
    fn free_to_bind(&self, conditions: &[&Condition], scope: &Scope) -> JoinSet {
        if let [condition] = conditions {
            return self.free(condition, scope);
        }
        let mut seen = JoinSet::new();
        let mut bind = JoinSet::new();
        for condition in conditions {
            let free = self.free(condition, scope);
            match condition {
                Condition::Or(_) => bind.extend(free.intersection(&seen).copied()),
                _ => bind.extend(free.iter().copied()),
            }
            seen.extend(free);
        }
        for condition in conditions {
            let others: JoinSet = conditions
                .iter()
                .filter(|other| !std::ptr::eq(**other, *condition))
                .flat_map(|other| self.free(other, scope))
                .collect();
            bind.extend(self.free(condition, scope).intersection(&others).copied());
        }
        bind
    }

    fn inside(&self, free: &JoinSet, found: impl Iterator<Item = JoinId>, scope: &Scope) -> Scope {
        let mut inside = scope.clone();
        inside.bound.extend(free);
        inside.found.extend(self.joins.with_ancestors(found).intersection(free));
        inside
    }

    /// An equality of two columns of which one is of a row to be found. Null counts as `""` there, which
    /// no index serves; so the two cases are told apart.
    fn column_equality(&mut self, test: &Test, scope: &Scope) -> Option<String> {
        let (_, outer) = self.sides(test, scope)?;
        let strict = Condition::Test(Test { strict: true, ..test.clone() });
        let equal = self.exists(&[&strict], scope);
        if outer.kind == backspin_schema::field::ColumnKind::PrimaryKey {
            return Some(equal);
        }
        let empty =
            |value: &ValueExpr| Condition::Test(Test::new(value.clone(), test.operator, ValueExpr::Null));
        let (left, right) = (empty(&test.left), empty(&test.right));
        let both_empty = self.conjunction(&[&left, &right], scope).join(" AND ");
        Some(format!("({equal} OR ({both_empty}))"))
    }

    /// That no row after `base` makes the test false.
    fn none_violates(&mut self, base: Option<JoinId>, test: &Test, scope: &Scope) -> String {
        let before = self.joins.with_ancestors(base);
        let copied: JoinSet = self.joins.with_ancestors(test.joins()).difference(&before).copied().collect();
        let mut outside = scope.clone();
        outside.found = outside.found.difference(&copied).copied().collect();
        outside.copied.extend(&copied);
        // A row that is not there violates nothing if the test is then true or null.
        let found = copied
            .iter()
            .copied()
            .filter(|join| matches!(test.without_row(*join), WithoutRow::True | WithoutRow::Null));
        let inside = self.inside(&copied, found, &outside);
        if let Some(written) = self.no_member(test, &copied, &inside, &outside) {
            return written;
        }
        let (from, mut filters) = self.rows(&copied, &inside, None);
        filters.push(format!("NOT ({})", self.test(test, &inside)));
        format!("NOT EXISTS (SELECT 1 FROM {from} WHERE {})", filters.join(" AND "))
    }
}
