//! `POST /api/collections/:collection/auth-refresh`: a later token for who is signed in.

use backspin_core::{Env, Platform, Result};
use backspin_records::{AccountKey, ReplyShape, RequestInfo, find_account};
use backspin_schema::collection::AuthOptions;
use backspin_schema::{App, Attempt, AuthRecord};
use serde_json::{Map, Value as Json};

use crate::collection::{get_auth_collection, record_of_collection};
use crate::issue::{Grant, reply};
use crate::rate_limit::{Endpoint, check_rate};
use crate::session::requires_token;
use crate::sign_in::refused_by_rule;
use crate::token::Unverified;

const ENDPOINT: Endpoint = Endpoint { path: "auth-refresh", actions: &["authRefresh"] };

/// Returns `{"record":{…},"token":"…"}` for the caller, whose token is `token`. One that is not refreshable comes
/// back as it is. `body` is what the auth rule sees as such.
///
/// Errors: 401 for guests, 403 for records of another collection and those that the auth rule refuses, 404 for
/// an unknown collection, 400 for a body, `expand` or `fields` that cannot be read.
pub async fn refresh(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    token: Option<&str>,
    collection: &str,
    body: Result<Map<String, Json>>,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    check_rate(app, request, collection, ENDPOINT).await?;
    let caller = record_of_collection(app, request, collection).await?;
    let body = body?;
    let token = app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        if options.auth_rule.as_deref() != Some("") {
            let key = AccountKey::Id(caller.id());
            match find_account(app, snapshot, request, collection, key, "default", &body).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(Some(account)) if account.is_allowed => {}
                Attempt::Done(Some(_)) => return Err(refused_by_rule()),
                Attempt::Done(None) => return Err(requires_token()),
            }
        }
        exchange(app.env(), token.unwrap_or_default(), caller, options).map(Attempt::Done)
    });
    reply(app, request, caller.clone(), &token.await?, shape).await
}

/// A new token for one that is refreshable, else the same.
fn exchange(env: &impl Env, token: &str, record: &AuthRecord, options: &AuthOptions) -> Result<String> {
    match Unverified::parse(token, env.now()) {
        None => Err(requires_token()),
        Some(old) if old.claims.refreshable == Some(true) => Grant::of(options).issue(env, record, options),
        Some(_) => Ok(token.to_owned()),
    }
}
