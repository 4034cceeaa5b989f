//! `GET /api/collections/:collection/records`

use std::rc::Rc;

use backspin_core::{Env, Error, Platform, Result, Value};
use backspin_query::{Filter, FilterLimits, OrderTerm, Parameters, Predicate, Query, Reach, Sort};
use backspin_schema::quote::Quoted;
use backspin_schema::{Action, App, Attempt, Collection, Page, Snapshot, VERSION_SQL};

use crate::access::{RuleTarget, broken_rule, condition, get_collection, parse_rule};
use crate::expand::ExpandNode;
use crate::plan::Plan;
use crate::render::{RenderedRow, Renderer};
use crate::request::{ReplyShape, RequestInfo};

/// Which records, and in which order.
#[derive(Clone, Debug)]
pub struct ListQuery<'a> {
    pub page: Page,
    /// `-created,title`; empty for the order of creation.
    pub sort: &'a str,
    /// `title ~ 'a' && owner.name = 'b'`; empty for all.
    pub filter: &'a str,
    pub shape: ReplyShape<'a>,
}

/// A page of records as JSON: `{"items":[…],"page":1,"perPage":30,"totalItems":n,"totalPages":n}`.
///
/// Errors: 400 for a filter, sort, `expand` or `fields` that cannot be, 403, 404.
pub async fn list(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    query: &ListQuery<'_>,
) -> Result<Vec<u8>> {
    app.with_schema(async |snapshot| {
        let collection = get_collection(snapshot, collection)?;
        request.caller.require_scope(collection, Action::List)?;
        let rule = condition(collection.list_rule.as_deref(), request.caller)?;
        let filter = match query.filter {
            "" => None,
            filter => Some(Filter::parse(filter, &FilterLimits::CLIENT)?),
        };
        let plan = list_plan(snapshot, request, collection, rule, filter.as_ref(), query)?;
        let page = query.page;
        let own = [i64::from(page.size), page.offset(), page.number].map(Value::from);
        let literals = filter.as_ref().map_or(&[][..], |filter| &filter.literals);
        let parameters = plan.values(own, request, app.env().now(), literals);
        Ok(match app.read(snapshot, &plan.sql, parameters).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(row) => match row.into_iter().next() {
                Some(Value::Text(json)) => Attempt::Done(plan.finish_list(json)?),
                _ => return Err(Error::internal("the list was not rendered")),
            },
        })
    })
    .await
}

fn list_plan(
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    collection: &Collection,
    rule: Option<&str>,
    filter: Option<&Filter>,
    query: &ListQuery<'_>,
) -> Result<Rc<Plan>> {
    let ReplyShape { expand, fields } = &query.shape;
    let caller = request.reach();
    let shape = filter.map(Filter::shape).unwrap_or_default();
    let skip_total = query.page.skip_total;
    let key =
        format!("{:?}", ("list", &collection.id, caller, skip_total, shape, query.sort, expand, fields));
    Plan::get(snapshot, &key, || {
        let (expand, fields) = query.shape.parse()?;
        let mut parameters = Parameters::after(OWN_PARAMETERS);
        let chosen = Chosen::compile(snapshot, request, collection, rule, filter, query, &mut parameters)?;
        let mut renderer = Renderer::new(snapshot, request, &mut parameters);
        renderer.expanded_max = Some(EXPANDED_MAX);
        let nodes = ExpandNode::resolve(snapshot, request, collection, &expand);
        let row = RenderedRow { collection, alias: ROW, context: "default" };
        let record = renderer.record(row, &nodes, &fields);
        let cut_to = renderer.is_coarse.then_some(fields);
        Ok(Plan::new(chosen.list_sql(&record, skip_total), parameters, cut_to))
    })
}

/// Size, offset and number of the page.
const OWN_PARAMETERS: usize = 3;
/// Records that one path of `expand` leads to from a record, at most: a million from a page.
const EXPANDED_MAX: &str = "(1000000 / ?1)";
/// The alias of the records.
const ROW: &str = "record";
/// The records that are found once. No collection can have this name.
const FOUND: &str = "\"@found\"";

/// Which records of a collection, in which order.
struct Chosen<'a> {
    collection: &'a Collection,
    filter: Predicate,
    order: Vec<OrderTerm>,
    /// Whether the filter is better evaluated once, for the count and the page together.
    once: bool,
}

impl<'a> Chosen<'a> {
    fn compile(
        snapshot: &Snapshot,
        request: &RequestInfo<'_>,
        collection: &'a Collection,
        rule: Option<&str>,
        filter: Option<&Filter>,
        query: &ListQuery<'_>,
        parameters: &mut Parameters,
    ) -> Result<Self> {
        let (rule, sort) = (rule.map(parse_rule).transpose()?, Sort::parse(query.sort)?);
        let target =
            RuleTarget { collection, alias: ROW, stored: true, reach: Reach::Many, context: "default" };
        let target = target.of_query(snapshot, request);
        let scopes = request.caller.scopes();
        let whole = Query { rule: rule.as_ref(), filter, sort: Some(&sort), scopes };
        let compiled = whole.compile(&target, parameters).map_err(|error| {
            let rule_alone = Query { rule: rule.as_ref(), ..Query::default() };
            match rule_alone.compile(&target, &mut Parameters::new()) {
                Ok(_) => error.into(),
                Err(_) => broken_rule(),
            }
        })?;
        let once = compiled.costly && !query.page.skip_total;
        Ok(Self { collection, filter: compiled.filter, order: compiled.order, once })
    }

    fn list_sql(&self, record: &str, skip_total: bool) -> String {
        let (total, pages, counted) = if skip_total {
            ("-1", "-1", String::new())
        } else {
            let total = r#"("total"."count" + ?1 - 1) / ?1"#;
            (r#""total"."count""#, total, format!("\nFROM ({}) AS \"total\"", self.count_sql()))
        };
        let found = self.found_sql();
        let rows = self.page_sql();
        format!(
            r#"{found}SELECT {VERSION_SQL}, format('{{"items":[%s],"page":%d,"perPage":%d,"totalItems":%d,"totalPages":%d}}',
    coalesce((
        SELECT group_concat("json")
        FROM (
            SELECT {record} AS "json"
            FROM {rows}
        )
    ), ''), ?3, ?1, {total}, {pages}){counted}"#
        )
    }

    /// The places of all records that are found, with what they are sorted by, if they are to be found once.
    fn found_sql(&self) -> String {
        if !self.once {
            return String::new();
        }
        let place = if self.collection.is_view() { "*" } else { "\"_rowid_\" AS \"@place\"" };
        let keys: String =
            self.order.iter().enumerate().map(|(i, term)| format!(", {} AS \"@{i}\"", term.value)).collect();
        let (table, filter) = (Quoted(&self.collection.name), self.where_sql());
        format!(
            "WITH {FOUND} AS MATERIALIZED (\n    SELECT {ROW}.{place}{keys} FROM {table} AS {ROW}{filter}\n)\n"
        )
    }

    fn count_sql(&self) -> String {
        match self.once {
            true => format!("SELECT count(*) AS \"count\" FROM {FOUND}"),
            false => format!(
                "SELECT count(*) AS \"count\" FROM {} AS {ROW}{}",
                Quoted(&self.collection.name),
                self.where_sql()
            ),
        }
    }

    /// The records of the page. It is found by row number alone, so that an index can serve the order and the
    /// skipped records are never read. A view has no row numbers.
    fn page_sql(&self) -> String {
        let table = Quoted(&self.collection.name);
        let (filter, order) = (self.where_sql(), self.order_sql());
        let place = if self.collection.is_view() { "*" } else { "\"_rowid_\" AS \"@place\"" };
        let page = match (self.once, self.collection.is_view()) {
            (true, true) => format!("SELECT * FROM {FOUND}{order} LIMIT ?1 OFFSET ?2"),
            (true, false) => format!("SELECT \"@place\" FROM {FOUND}{order} LIMIT ?1 OFFSET ?2"),
            (false, _) => {
                format!("SELECT {ROW}.{place} FROM {table} AS {ROW}{filter}{order} LIMIT ?1 OFFSET ?2")
            }
        };
        if self.collection.is_view() {
            format!("({page}) AS {ROW}")
        } else {
            format!(
                "({page}) AS \"page\"\n            CROSS JOIN {table} AS {ROW} ON {ROW}.\"_rowid_\" = \"page\".\"@place\""
            )
        }
    }

    fn where_sql(&self) -> String {
        match &self.filter {
            Predicate::Always => String::new(),
            Predicate::Never => " WHERE 0".to_owned(),
            Predicate::Sql(filter) => format!(" WHERE {filter}"),
        }
    }

    /// Without a sort, records come in the order of their creation.
    fn order_sql(&self) -> String {
        let terms: Vec<String> = match (self.order.as_slice(), self.once) {
            ([], _) if self.collection.is_view() => return String::new(),
            ([], true) => vec!["\"@place\"".to_owned()],
            ([], false) => vec![format!("{ROW}.\"_rowid_\"")],
            (order, true) => {
                order.iter().enumerate().map(|(i, term)| format!("\"@{i}\" {}", term.direction())).collect()
            }
            (order, false) => order.iter().map(ToString::to_string).collect(),
        };
        format!(" ORDER BY {}", terms.join(", "))
    }
}
