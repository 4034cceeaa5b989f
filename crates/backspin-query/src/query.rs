//! Compiles what decides which records a statement touches, and in which order.

use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Schema, Scopes};

use crate::ast::Filter;
use crate::condition::Condition;
use crate::error::{QueryError, Result};
use crate::join::Joins;
use crate::parameter::Parameters;
use crate::resolve::{Author, Base, Resolver};
use crate::sort::{Sort, SortBy, SortKey};
use crate::value::ValueExpr;
use crate::write::{Reach, Writer};

/// The statement that the conditions are for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub schema: &'a Schema,
    pub collection: &'a Collection,
    /// The alias of the record's row in the statement. Not `j`, `m` or `e` with a number after it, which
    /// subqueries use.
    pub alias: &'a str,
    /// Whether that row is of the collection's table. A proposed record has untyped columns.
    pub stored: bool,
    /// The collection of the signed-in record; `None` for a guest.
    pub auth: Option<&'a Collection>,
    /// What `@request.context` is: `default`, `oauth2`, `otp`, `password`, `realtime`, `protectedFile` or
    /// `expand`.
    pub context: &'a str,
    pub reach: Reach,
}

/// Which records, in which order: all that is given must hold. Comparisons of the rule and the filter
/// that follow the same path look at the same joined row, as in PocketBase.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'a> {
    /// A rule of the collection that is not empty.
    pub rule: Option<&'a Filter>,
    /// A client's filter.
    pub filter: Option<&'a Filter>,
    /// A client's sort.
    pub sort: Option<&'a Sort>,
    /// Of an API key: what the client's filter and sort may reach.
    pub scopes: Option<&'a Scopes>,
}

/// SQL for a [`Query`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    pub filter: Predicate,
    pub order: Vec<OrderTerm>,
    /// Whether it is much work to check one record: the filter looks at other rows or calculates a distance.
    pub costly: bool,
}

/// A term of an `ORDER BY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTerm {
    /// An SQL expression of the record.
    pub value: String,
    pub descending: bool,
}

impl OrderTerm {
    /// What follows the expression.
    pub fn direction(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }
}

impl std::fmt::Display for OrderTerm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.value, self.direction())
    }
}

/// What follows `WHERE`. The fixed ones let a statement be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// True of every record.
    Always,
    /// True of none.
    Never,
    /// One SQL expression or several joined by `AND`; in parentheses where it is part of more.
    Sql(String),
}

impl Query<'_> {
    /// Compiles for a statement whose other parameters are in `parameters`.
    ///
    /// The SQL names tables and columns of the schema and holds placeholders for everything else. It
    /// depends on `target`, on the rule, on [`Filter::shape`] and on the sort; on nothing else of the
    /// request, so it can be kept and run again with [`Parameters::evaluate`].
    ///
    /// Errors: what the schema does not have, what the client may not use, too many relations.
    pub fn compile(&self, target: &Target<'_>, parameters: &mut Parameters) -> Result<Compiled> {
        let base = Base { join: None, collection: target.collection };
        let mut resolver = Resolver {
            schema: target.schema,
            auth: target.auth,
            context: target.context,
            stored: target.stored,
            joins: Joins::default(),
            base,
            author: Author::Rule,
            scopes: self.scopes,
        };
        let mut conditions = vec![];
        if let Some(rule) = self.rule {
            conditions.push(resolver.condition(rule)?);
        }
        resolver.author = Author::Client { superuser: resolver.is_superuser() };
        if let Some(filter) = self.filter {
            conditions.push(resolver.condition(filter)?);
        }
        let mut keys = vec![];
        for key in self.sort.map_or(&[][..], |sort| &sort.0) {
            let value = match &key.by {
                SortBy::Path(path) => Some(resolver.sort_path(path, &key.span)?),
                SortBy::RowId if target.collection.is_view() => {
                    return Err(QueryError::invalid("A view has no @rowid to sort by.", key.span.clone()));
                }
                SortBy::Random | SortBy::RowId => None,
            };
            keys.push((key, value));
        }
        conditions.push(resolver.visible_to_client()?);
        let condition = Condition::and(conditions);
        let record = Quoted(target.alias).to_string();
        let mut writer = Writer { joins: &resolver.joins, parameters, record, reach: target.reach };
        let filter = match &condition {
            Condition::Always => Predicate::Always,
            Condition::Never => Predicate::Never,
            condition => Predicate::Sql(writer.condition(condition)),
        };
        let mut term = |key: &SortKey, value: &Option<ValueExpr>| OrderTerm {
            value: match (&key.by, value) {
                (SortBy::Random, _) => "random()".to_owned(),
                (_, Some(value)) => writer.sort_value(value),
                (_, None) => format!("{}.\"_rowid_\"", writer.record),
            },
            descending: key.descending,
        };
        let order = keys.iter().map(|(key, value)| term(key, value)).collect();
        Ok(Compiled { filter, order, costly: condition.is_costly() })
    }
}
