//! `GET /api/sign-ins`: the log of sign-ins.

use backspin_core::{Error, Platform, RequestParameters, Result};
use backspin_schema::{App, Caller, Page};

use crate::internal_table::{list_sql, only_page};
use crate::sign_in_log::Outcome;
use crate::whose::Whose;

const ITEM_SQL: &str = r#"json_object(
    'address', "address", 'collectionRef', "collectionRef", 'count', "count", 'created', "created", 'id', "id",
    'method', "method", 'outcome', "outcome", 'recordRef', "recordRef", 'updated', "updated",
    'userAgent', "userAgent"
)"#;

/// A page of the log, the latest first, as JSON: the caller's own, or, for superusers, all or those of the query
/// parameters `collection` (name or id) and `record` (id). `outcome` is `ok`, `secondFactor`, `refused`, `wrong` or
/// `throttled`.
///
/// Errors: 401 for guests, 403 for those of somebody else, 404 for an unknown collection, 400 for a page or outcome that
/// is none.
pub async fn list_sign_ins(
    app: &App<impl Platform>,
    caller: &Caller,
    parameters: &dyn RequestParameters,
) -> Result<Vec<u8>> {
    let page = Page::of(parameters)?;
    let whose = Whose::of(app, caller, parameters).await?;
    let outcome = parameters.query("outcome").unwrap_or_default();
    if !outcome.is_empty() && !Outcome::ALL.iter().any(|known| known.as_str() == outcome) {
        let known = Outcome::ALL.map(Outcome::as_str).join(", ");
        return Err(Error::bad_request(format!("The query parameter \"outcome\" is one of {known}.")));
    }
    let sql =
        list_sql("_signIns", ITEM_SQL, &format!("{} AND ?6 IN ('', \"outcome\")", whose.condition_sql()));
    only_page(app, &sql, page, whose.parameters().into_iter().chain([outcome.as_ref().into()])).await
}
