//! `/api/sessions`: who is signed in where, and signing out.

use backspin_core::{Database, Env, Error, Platform, RequestParameters, Result, Value};
use backspin_schema::{App, Page};

use crate::internal_table::{list_sql, only_page, or_nothing};
use crate::session::Identified;
use crate::whose::Whose;

const ITEM_SQL: &str = r#"json_object(
    'address', "address", 'collectionRef', "collectionRef", 'created', "created",
    'current', json(iif("id" = ?6, 'true', 'false')), 'expires', "expires", 'id', "id", 'method', "method",
    'recordRef', "recordRef", 'used', "used", 'userAgent', "userAgent"
)"#;

const IS_OPEN_SQL: &str = r#""expires" > ?7"#;

const END_SQL: &str = r#"DELETE FROM "_sessions"
WHERE "id" = ?1 AND (?2 OR ("collectionRef" = ?3 AND "recordRef" = ?4))
RETURNING 1"#;

const END_ALL_SQL: &str = r#"DELETE FROM "_sessions"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "id" != ?3"#;

/// What stands for the session of the request itself.
const CURRENT: &str = "current";

/// A page of the open sessions, the latest first, as JSON: the caller's, or, for superusers, all or those of the query
/// parameters `collection` (name or id) and `record` (id). The one of the request itself is `current`.
///
/// Errors: 401 for guests, 403 for those of somebody else, 404 for an unknown collection, 400 for a page that is none.
pub async fn list_sessions(
    app: &App<impl Platform>,
    identified: &Identified,
    parameters: &dyn RequestParameters,
) -> Result<Vec<u8>> {
    let page = Page::of(parameters)?;
    let whose = Whose::of(app, &identified.caller, parameters).await?;
    let sql = list_sql("_sessions", ITEM_SQL, &format!("{} AND {IS_OPEN_SQL}", whose.condition_sql()));
    let more = [Value::from(identified.session_id()), app.env().now().to_string().into()];
    only_page(app, &sql, page, whose.parameters().into_iter().chain(more)).await
}

/// Ends a session of the caller, or of anybody for superusers: its tokens are refused from now on. `current` is the one
/// of the request itself.
///
/// Errors: 401 for guests, 404 if there is no such session of the caller's.
pub async fn end_session(app: &App<impl Platform>, identified: &Identified, id: &str) -> Result<()> {
    let own = Whose::own(&identified.caller)?;
    let id = if id == CURRENT { identified.session_id() } else { id };
    let is_superuser = identified.caller.is_superuser();
    let parameters = [id.into(), is_superuser.into()].into_iter().chain(own.parameters()).collect();
    match or_nothing(app.database().execute(END_SQL, parameters).await)?.into_first() {
        Some(_) => Ok(()),
        None => Err(Error::not_found()),
    }
}

/// Ends all sessions of the caller, or all others than that of the request itself where the query parameter `others` is
/// true. Superusers may end those of another account by `collection` and `record`.
///
/// Errors: 401 for guests, 403 for those of somebody else, 404 for an unknown collection, 400 for a parameter that
/// cannot be read, or for one of `collection` and `record` without the other.
pub async fn end_sessions(
    app: &App<impl Platform>,
    identified: &Identified,
    parameters: &dyn RequestParameters,
) -> Result<()> {
    let spared = match parameters.query("others").as_deref() {
        None | Some("" | "0" | "false") => "",
        Some("1" | "true") => identified.session_id(),
        Some(_) => return Err(Error::bad_request("The query parameter \"others\" is true or false.")),
    };
    let account = match Whose::of(app, &identified.caller, parameters).await? {
        Whose::Everybody => Whose::own(&identified.caller)?,
        Whose::Collection(_) => {
            return Err(Error::bad_request("Name the account: the query parameter \"record\" is missing."));
        }
        account => account,
    };
    let parameters = account.parameters().into_iter().chain([spared.into()]).collect();
    or_nothing(app.database().execute(END_ALL_SQL, parameters).await)?;
    Ok(())
}
