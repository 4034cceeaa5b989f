//! `GET /api/outbox`: what has not been delivered, for superusers.

use backspin_core::{Error, Platform, Result, Value};
use backspin_schema::{App, Caller, Page};
use serde_json::Value as Json;

use super::execute;

/// One row with the page as JSON. `?4` is whether to count.
const LIST_SQL: &str = r#"SELECT json_object(
    'items', json((
        SELECT json_group_array(json_object(
            'id', "id", 'to', "to", 'subject', "subject", 'html', "html", 'created', "created", 'due', "due",
            'tries', "tries", 'state', iif("failed", 'failed', 'waiting'), 'error', "error"
        ))
        FROM (SELECT * FROM "_outbox" ORDER BY "created" DESC, "id" LIMIT ?2 OFFSET ?3)
    )),
    'page', ?1,
    'perPage', ?2,
    'totalItems', "total",
    'totalPages', iif(?4, ("total" + ?2 - 1) / ?2, -1)
)
FROM (SELECT iif(?4, (SELECT COUNT(*) FROM "_outbox"), -1) AS "total")"#;

/// The messages that wait or were given up, newest first, as a page of JSON; `links` holds what a message leads to.
///
/// Errors: 401 and 403 for anyone but superusers.
pub async fn list(app: &App<impl Platform>, caller: &Caller, page: Page) -> Result<Vec<u8>> {
    caller.require_superuser()?;
    let parameters: Vec<Value> = vec![
        page.number.into(),
        i64::from(page.size).into(),
        page.offset().into(),
        (!page.skip_total).into(),
    ];
    let Some(Value::Text(json)) = execute(app, LIST_SQL, parameters).await?.into_first() else {
        return Err(Error::internal("the list of the outbox is no text"));
    };
    let mut list: Json = serde_json::from_str(&json).map_err(|error| Error::Internal(error.into()))?;
    for item in list["items"].as_array_mut().into_iter().flatten() {
        item["links"] = links(item["html"].as_str().unwrap_or_default());
    }
    serde_json::to_vec(&list).map_err(|error| Error::Internal(error.into()))
}

/// Where the links of a page lead to.
fn links(html: &str) -> Json {
    let targets = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    targets.map(|target| Json::from(target.replace("&#39;", "'").replace("&amp;", "&"))).collect()
}
