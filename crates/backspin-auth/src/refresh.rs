//! `POST /api/collections/:collection/auth-refresh`: a later token for who is signed in.

use backspin_core::{Platform, Result};
use backspin_query::Fields;
use backspin_records::{AccountKey, ReplyShape, RequestInfo, find_account};
use backspin_schema::{App, Attempt};
use serde_json::{Map, Value as Json};

use crate::client::Client;
use crate::collection::{get_auth_collection, record_of_collection};
use crate::issue::{Grant, reply, reply_with_record};
use crate::rate_limit::{Endpoint, check_rate};
use crate::session::{Identified, requires_token};
use crate::sessions;
use crate::sign_in::refused_by_rule;

const ENDPOINT: Endpoint = Endpoint { path: "auth-refresh", actions: &["authRefresh"] };
/// How a session came to be whose first token was given out by PocketBase.
pub(crate) const METHOD: &str = "refresh";

/// Returns `{"record":{…},"token":"…"}` for the caller of `request`, who is `identified` by `token`. One that is not
/// refreshable comes back as it is. The session goes on; a token that names none begins one. `body` is what the auth
/// rule sees as such. No statement without an auth rule if [`crate::identify_to_show`] has identified the caller and the
/// session has gone on lately.
///
/// Errors: 401 for guests, 403 for records of another collection and those that the auth rule refuses, 404 for
/// an unknown collection, 400 for a body, `expand` or `fields` that cannot be read.
pub async fn refresh(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    (identified, token): (&Identified, Option<&str>),
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
        if !identified.is_refreshable {
            return Ok(Attempt::Done(token.unwrap_or_default().to_owned()));
        }
        let grant = Grant::of(options);
        let ends = grant.ends(app.env());
        let settings = backspin_settings::of(snapshot)?;
        let client = Client::of(request.parameters, &settings.trusted_proxy);
        let token = match &identified.session {
            Some(session) => {
                session.extend(app, &client, ends).await?;
                grant.issue(app, caller, options, &session.id).await
            }
            None => {
                let id = sessions::start(app, caller, METHOD, &client, ends).await?;
                grant.issue(app, caller, options, &id).await
            }
        };
        token.map(Attempt::Done)
    });
    let token = token.await?;
    match &identified.shown {
        Some(record) if shape.expand.is_empty() => {
            reply_with_record(record, &token, None, &Fields::parse(&shape.fields)?)
        }
        _ => reply(app, request, caller.clone(), &token, shape).await,
    }
}
