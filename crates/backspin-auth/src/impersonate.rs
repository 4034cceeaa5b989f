//! `POST /api/collections/:collection/impersonate/:id`: a superuser takes on another account.

use backspin_core::{Error, FieldError, FieldErrors, Platform, Result};
use backspin_records::{AccountKey, ReplyShape, RequestInfo, find_account};
use backspin_schema::{App, Attempt};
use serde_json::{Map, Value as Json, json};

use crate::client::Client;
use crate::collection::get_auth_collection;
use crate::issue::{Grant, reply};
use crate::sessions;
use crate::sign_in_log::{Outcome, SignInAttempt};

/// The longest that a token can last: 292 years, as in PocketBase.
const DURATION_SECONDS_MAX: i64 = 9_223_372_036;
/// As `_sessions` knows it.
pub(crate) const METHOD: &str = "impersonate";
const UNREADABLE: &str = "An error occurred while loading the submitted data.";

/// Returns `{"record":{…},"token":"…"}` for the record, with a token that cannot be refreshed. The body's
/// `duration` is in seconds; without one, or with 0, the token lasts as long as others of the collection.
///
/// Errors: 401 for guests, 403 for all who are no superusers, 404 for an unknown record or one that is no account,
/// 400 for a body, duration, `expand` or `fields` that cannot be used.
pub async fn impersonate(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    body: Result<Map<String, Json>>,
    shape: &ReplyShape<'_>,
) -> Result<Vec<u8>> {
    request.caller.require_superuser()?;
    let duration = body.and_then(|body| duration_seconds(&body));
    let found = app.with_schema(async |snapshot| {
        // PocketBase has these words for every collection that is not there.
        let (collection, options) = get_auth_collection(snapshot, collection)
            .map_err(|_| Error::NotFound("Missing or invalid auth collection context.".to_owned()))?;
        let key = AccountKey::Id(id);
        let account =
            match find_account(app, snapshot, request, collection, key, "default", &Map::new()).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(account) => account.ok_or_else(Error::not_found)?,
            };
        let settings = backspin_settings::of(snapshot)?;
        let client = Client::of(request.parameters, &settings.trusted_proxy);
        Ok(Attempt::Done((account.record, options.clone(), client)))
    });
    let (record, options, client) = found.await?;
    let seconds = duration?.unwrap_or(options.auth_token.duration);
    let grant = Grant { seconds, refreshable: false };
    let session = sessions::start(app, &record, METHOD, &client, grant.ends(app.env())).await?;
    let (collection_id, record_id) = (&record.collection_id, record.id());
    let attempt = SignInAttempt { collection_id, record_id, method: METHOD, client: &client };
    attempt.log(app, Outcome::Ok).await?;
    let token = grant.issue(app, &record, &options, &session).await?;
    reply(app, request, record, &token, shape).await
}

/// The body's `duration`; `None` for the collection's own.
fn duration_seconds(body: &Map<String, Json>) -> Result<Option<i64>> {
    let seconds = match body.get("duration") {
        None | Some(Json::Null) => 0,
        Some(duration) => duration.as_i64().ok_or_else(|| Error::bad_request(UNREADABLE))?,
    };
    let out_of_range = |code, message: String, threshold: i64| {
        let error = FieldError::with_params(code, message, json!({ "threshold": threshold }));
        let errors = FieldErrors::from_iter([("duration", error)]);
        errors.into_result("An error occurred while validating the submitted data.").map(|()| None)
    };
    match seconds {
        0 => Ok(None),
        ..0 => {
            let message = "Must be no less than 0.".to_owned();
            out_of_range("validation_min_greater_equal_than_required", message, 0)
        }
        1..=DURATION_SECONDS_MAX => Ok(Some(seconds)),
        _ => {
            let message = format!("Must be no greater than {DURATION_SECONDS_MAX}.");
            out_of_range("validation_max_less_equal_than_required", message, DURATION_SECONDS_MAX)
        }
    }
}
