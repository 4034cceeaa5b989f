//! `GET /api/collections`

use std::rc::Rc;

use backspin_core::{Env, Error, ParameterPairs, Platform, Result, Value};
use backspin_query::{
    Fields, Filter, FilterLimits, Parameters, Predicate, Query, QueryError, QueryErrorKind, Reach,
    RequestValues, Sort, Target,
};
use backspin_schema::collection::{BaseOptions, CollectionKind};
use backspin_schema::field::{AutodateOptions, BoolOptions, FieldOptions, TextOptions};
use backspin_schema::{App, Attempt, Caller, Collection, Field, Page, Schema, Snapshot, VERSION_SQL};
use serde_json::Map;

use crate::{pick, to_json};

/// Which collections, in which order, and what of each.
#[derive(Clone, Copy, Debug)]
pub struct ListQuery<'a> {
    pub page: Page,
    /// `type = 'auth' && name ~ 'user'`; empty for all.
    pub filter: &'a str,
    /// `-created,name`; empty for the order of creation.
    pub sort: &'a str,
    pub fields: &'a Fields,
}

/// A page of the collections as JSON: `{"items":[…],"page":1,"perPage":30,"totalItems":n,"totalPages":n}`.
///
/// They are filtered and sorted by `id`, `name`, `type`, `system`, `created` and `updated`, and sorted by
/// `@rowid` and `@random`.
///
/// Errors: 400 for a filter or sort that cannot be, 401, 403.
pub async fn list(app: &App<impl Platform>, caller: &Caller, query: ListQuery<'_>) -> Result<String> {
    caller.require_superuser()?;
    app.with_schema(async |snapshot| {
        let filter = match query.filter {
            "" => None,
            filter => Some(Filter::parse(filter, &FilterLimits::CLIENT).map_err(refused)?),
        };
        let plan = Plan::get(snapshot, filter.as_ref(), query)?;
        let literals = filter.as_ref().map_or(&[][..], |filter| &filter.literals);
        let parameters = plan.values(query.page, app.env(), literals);
        Ok(match app.read(snapshot, &plan.sql, parameters).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(row) => Attempt::Done(reply(snapshot, query, row)?),
        })
    })
    .await
}

/// The statement of a list: it returns the ids of the page as a JSON array, and the count of all.
struct Plan {
    sql: String,
    parameters: Parameters,
}

/// Size and offset of the page.
const OWN_PARAMETERS: usize = 2;
const ALIAS: &str = "collection";

impl Plan {
    fn get(snapshot: &Snapshot, filter: Option<&Filter>, query: ListQuery<'_>) -> Result<Rc<Self>> {
        let shape = filter.map(Filter::shape).unwrap_or_default();
        let key = format!("{:?}", (shape, query.sort, query.page.skip_total));
        snapshot.memo().get_or_make(&key, || Plan::make(filter, query))
    }

    fn make(filter: Option<&Filter>, query: ListQuery<'_>) -> Result<Self> {
        let (schema, table) = (Schema::default(), table());
        let target = Target {
            schema: &schema,
            collection: &table,
            alias: ALIAS,
            stored: true,
            auth: None,
            context: "default",
            reach: Reach::Many,
        };
        let sort = Sort::parse(query.sort)?;
        let mut parameters = Parameters::after(OWN_PARAMETERS);
        let whole = Query { filter, sort: Some(&sort), ..Query::default() };
        let compiled = whole.compile(&target, &mut parameters).map_err(refused)?;
        let condition = match compiled.filter {
            Predicate::Always => "1".to_owned(),
            Predicate::Never => "0".to_owned(),
            Predicate::Sql(sql) => sql,
        };
        let mut order: Vec<String> = compiled.order.iter().map(ToString::to_string).collect();
        if order.is_empty() {
            order.push(format!("{ALIAS}.\"_rowid_\""));
        }
        let order = order.join(", ");
        let total = match query.page.skip_total {
            true => "-1".to_owned(),
            false => format!("(SELECT count(*) FROM \"_collections\" AS {ALIAS} WHERE {condition})"),
        };
        let sql = format!(
            r#"SELECT {VERSION_SQL}, json_group_array("page"."id"), {total}
FROM (
    SELECT {ALIAS}."id" FROM "_collections" AS {ALIAS}
    WHERE {condition}
    ORDER BY {order}
    LIMIT ?1 OFFSET ?2
) AS "page""#
        );
        Ok(Plan { sql, parameters })
    }

    fn values(&self, page: Page, env: &impl Env, literals: &[Value]) -> Vec<Value> {
        let request = RequestValues {
            method: "GET",
            now: env.now(),
            auth: None,
            parameters: &ParameterPairs::NONE,
            body: &Map::new(),
            literals,
        };
        let mut values: Vec<Value> = vec![i64::from(page.size).into(), page.offset().into()];
        values.extend(self.parameters.evaluate(&request));
        values
    }
}

/// What of `_collections` a client may filter and sort by.
fn table() -> Collection {
    let text = || FieldOptions::Text(TextOptions::default());
    let date = || FieldOptions::Autodate(AutodateOptions::default());
    let fields = [
        ("id", text()),
        ("name", text()),
        ("type", text()),
        ("system", FieldOptions::Bool(BoolOptions {})),
        ("created", date()),
        ("updated", date()),
    ];
    let field = |(name, options): (&str, FieldOptions)| Field { system: true, ..Field::new(name, options) };
    Collection {
        id: String::new(),
        list_rule: None,
        view_rule: None,
        create_rule: None,
        update_rule: None,
        delete_rule: None,
        name: "_collections".to_owned(),
        kind: CollectionKind::Base(BaseOptions {}),
        fields: fields.into_iter().map(field).collect(),
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        system: true,
    }
}

/// Nothing of the request and no record has a part in this.
fn refused(error: QueryError) -> Error {
    match error.kind {
        QueryErrorKind::Invalid => error.into(),
        QueryErrorKind::SuperusersOnly => {
            Error::bad_request("Collections cannot be filtered or sorted by @request or @collection.")
        }
    }
}

fn reply(snapshot: &Snapshot, query: ListQuery<'_>, row: Vec<Value>) -> Result<String> {
    let [Value::Text(ids), Value::Integer(total)] = row.as_slice() else {
        return Err(Error::internal("the list of collections was not made"));
    };
    let ids: Vec<String> = serde_json::from_str(ids).map_err(|error| Error::Internal(error.into()))?;
    let found = ids.iter().filter_map(|id| snapshot.find_by_id(id));
    let items: Vec<String> =
        found.map(|collection| pick(to_json(collection)?, query.fields)).collect::<Result<_>>()?;
    let Page { number, size, .. } = query.page;
    let pages = if *total < 0 { *total } else { (total + i64::from(size) - 1) / i64::from(size) };
    let items = items.join(",");
    Ok(format!(
        r#"{{"items":[{items}],"page":{number},"perPage":{size},"totalItems":{total},"totalPages":{pages}}}"#
    ))
}
