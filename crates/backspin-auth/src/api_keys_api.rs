//! `GET` and `DELETE /api/api-keys`: which there are, and taking them back.

use backspin_core::{Database, Error, Platform, RequestParameters, Result};
use backspin_schema::{App, Caller, Page, Scopes};
use serde_json::Value as Json;

use crate::internal_table::{list_sql, only_page, or_nothing};
use crate::whose::Whose;

const ITEM_SQL: &str = r#"json_object(
    'collectionRef', "collectionRef", 'created', "created", 'expires', "expires", 'id', "id", 'name', "name",
    'recordRef', "recordRef", 'scopes', "scopes", 'used', "used"
)"#;

const DELETE_SQL: &str = r#"DELETE FROM "_apiKeys"
WHERE "id" = ?1 AND (?2 OR ("collectionRef" = ?3 AND "recordRef" = ?4))
RETURNING 1"#;

/// A page of keys, the latest first, as JSON without the secrets: the caller's, or, for superusers, all or those of the
/// query parameters `collection` (name or id) and `record` (id). `used` is empty for one that was never used. What has
/// ended is shown for 30 days at least.
///
/// Errors: 401 for guests, 403 for those of somebody else, 404 for an unknown collection, 400 for a page that is none.
pub async fn list_api_keys(
    app: &App<impl Platform>,
    caller: &Caller,
    parameters: &dyn RequestParameters,
) -> Result<Vec<u8>> {
    let page = Page::of(parameters)?;
    let whose = Whose::of(app, caller, parameters).await?;
    let sql = list_sql("_apiKeys", ITEM_SQL, whose.condition_sql());
    let list = only_page(app, &sql, page, whose.parameters()).await?;
    let fault = |error: serde_json::Error| Error::Internal(error.into());
    let mut list: Json = serde_json::from_slice(&list).map_err(fault)?;
    let snapshot = app.snapshot().await?;
    for item in list["items"].as_array_mut().into_iter().flatten() {
        item["scopes"] = Scopes::from_stored(item["scopes"].as_str().unwrap_or_default()).to_json(&snapshot);
    }
    serde_json::to_vec(&list).map_err(fault)
}

/// Takes a key of the caller's back, or anybody's for superusers: it is refused from now on.
///
/// Errors: 401 for guests, 404 if there is no such key of the caller's.
pub async fn delete_api_key(app: &App<impl Platform>, caller: &Caller, id: &str) -> Result<()> {
    let own = Whose::own(caller)?;
    let parameters = [id.into(), caller.is_superuser().into()].into_iter().chain(own.parameters()).collect();
    match or_nothing(app.database().execute(DELETE_SQL, parameters).await)?.into_first() {
        Some(_) => Ok(()),
        None => Err(Error::not_found()),
    }
}
