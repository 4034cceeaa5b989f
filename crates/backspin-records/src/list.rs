//! `GET /api/collections/:collection/records`

use backspin_core::{Error, Platform, Result, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, Collection, Page, Snapshot, VERSION_SQL};

use crate::access::{check_rule, get_collection};
use crate::render::{Sight, record_json_sql};
use crate::request::{ReplyShape, RequestInfo};
use crate::sort::order_by_sql;

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
/// Errors: 400 for a sort that cannot be, 403, 404.
pub async fn list(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    query: &ListQuery<'_>,
) -> Result<Vec<u8>> {
    let caller = request.caller;
    query.shape.refuse()?;
    app.with_schema(async |snapshot| {
        let plan = Plan::get(snapshot, caller, collection, query)?;
        let page = query.page;
        let mut parameters: Vec<Value> =
            vec![i64::from(page.size).into(), page.offset().into(), page.number.into()];
        parameters.extend(plan.sight.parameter(caller));
        Ok(match app.read(snapshot, &plan.sql, parameters).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(row) => match row.into_iter().next() {
                Some(Value::Text(json)) => Attempt::Done(json.into_bytes()),
                _ => return Err(Error::internal("the list was not rendered")),
            },
        })
    })
    .await
}

const CALLER_PARAMETER: usize = 4;

struct Plan {
    sql: String,
    sight: Sight,
}

impl Plan {
    fn get(
        snapshot: &Snapshot,
        caller: &Caller,
        collection: &str,
        query: &ListQuery<'_>,
    ) -> Result<std::rc::Rc<Plan>> {
        let collection = get_collection(snapshot, collection)?;
        check_rule(collection.list_rule.as_deref(), caller)?;
        let sight = Sight::of(caller, collection, CALLER_PARAMETER);
        let key = format!("{}/{sight:?}/{}/{}", collection.id, query.page.skip_total, query.sort);
        snapshot.memo().get_or_make(&key, || {
            let order_by = order_by_sql(collection, query.sort, sight)?;
            Ok(Plan { sql: sql(collection, &order_by, sight, query.page.skip_total), sight })
        })
    }
}

/// The inner query finds the page by row number alone, so that an index can serve the order and the
/// skipped records are never read.
fn sql(collection: &Collection, order_by: &str, sight: Sight, skip_total: bool) -> String {
    let table = Quoted(&collection.name);
    let record = record_json_sql(collection, "record", sight);
    let (total, pages, from) = if skip_total {
        ("-1", "-1", String::new())
    } else {
        (
            r#""total"."count""#,
            r#"("total"."count" + ?1 - 1) / ?1"#,
            format!("\nFROM (SELECT count(*) AS \"count\" FROM {table}) AS \"total\""),
        )
    };
    format!(
        r#"SELECT {VERSION_SQL}, format('{{"items":[%s],"page":%d,"perPage":%d,"totalItems":%d,"totalPages":%d}}',
    coalesce((
        SELECT group_concat("json")
        FROM (
            SELECT {record} AS "json"
            FROM (SELECT "_rowid_" AS "place" FROM {table} ORDER BY {order_by} LIMIT ?1 OFFSET ?2) AS "page"
            CROSS JOIN {table} AS "record" ON "record"."_rowid_" = "page"."place"
        )
    ), ''), ?3, ?1, {total}, {pages}){from}"#
    )
}
