//! Another email for an account, proved by a token that is mailed to it, and by the password.
//!
//! `POST /api/collections/:collection/request-email-change` and `…/confirm-email-change`

use std::rc::Rc;

use backspin_core::{Error, FieldError, FieldErrors, Platform, Result};
use backspin_mail::{Values, render};
use backspin_records::{AccountKey, RequestInfo};
use backspin_schema::collection::AuthOptions;
use backspin_schema::value::{required, to_stored};
use backspin_schema::{App, Attempt, AuthRecord, Collection, SUPERUSERS_ID, Snapshot};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::account_change::{AccountChange, Changed, change_account};
use crate::client::Client;
use crate::collection::{get_auth_collection, record_of_collection};
use crate::form::{check_email, check_length, null_is_empty, refuse, refused};
use crate::found::{Found, found, open};
use crate::mail_request::{MailRequest, admit, send};
use crate::mailed_token::{Bearer, Purpose, claim, invalid};
use crate::own_password::is_own_password;
use crate::rate_limit::{Endpoint, check_rate};
use crate::record::text;

const REQUEST: Endpoint = Endpoint { path: "request-email-change", actions: &["requestEmailChange"] };
const CONFIRM: Endpoint = Endpoint { path: "confirm-email-change", actions: &["confirmEmailChange"] };
const FAILED: &str = "Failed to confirm email change.";
/// As PocketBase counts it here.
const PASSWORD_BYTES_MAX: usize = 100;

/// The body of a request for another email. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewEmail {
    #[serde(deserialize_with = "null_is_empty")]
    pub new_email: String,
}

/// The token that came to the new email, and the password. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmedEmail {
    #[serde(deserialize_with = "null_is_empty")]
    pub token: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub password: String,
}

/// Mails a token to the new email of the caller.
///
/// Errors: 401 for guests, 403 for records of another collection, 404 if it is no auth collection; 400 for superusers,
/// for a body that cannot be read, for what is no email, and for one that this or another account has; 429 for too
/// much mail asked for from one network.
pub async fn request_email_change(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<NewEmail>,
) -> Result<()> {
    check_rate(app, request, collection, REQUEST).await?;
    let caller = record_of_collection(app, request, collection).await?;
    open(app, collection, not_for_superusers).await?;
    let email = body?.new_email;
    let other = find_other(app, request, collection, caller, &email).await?;
    if other.account.is_some() {
        let error = FieldError::new("validation_invalid_new_email", "Invalid new email address.");
        return Err(refused("newEmail", error));
    }
    admit(app, &other.client(request)?).await?;
    let (collection, options) = (&other.collection, other.options()?);
    let old = text(caller, "email").unwrap_or_default();
    let token =
        Purpose::EmailChange.issue(app, (collection, options), Some(caller), old, Some(&email)).await?;
    let values = Values { token: Some(&token), record: Some((collection, caller)), ..Values::default() };
    let settings = other.settings()?;
    let message = render(&options.confirm_email_change_template, &email, &settings, &values)?;
    let mail = MailRequest::for_account("email change", &collection.id, caller.id(), message);
    send(app, mail).await
}

/// Gives the account that asked for it the email that the token was mailed to, which is verified by that. All its
/// sessions end. The token cannot be used again.
///
/// Errors: 404 if it is no auth collection; 400 for superusers, for a body that cannot be read, for a token that is
/// over or of another collection or purpose, for a wrong password, and for an email that another account has by now; 429
/// after too many wrong passwords.
pub async fn confirm_email_change(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<ConfirmedEmail>,
) -> Result<()> {
    check_rate(app, request, collection, CONFIRM).await?;
    open(app, collection, not_for_superusers).await?;
    let form = body?;
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        not_for_superusers(collection, options)?;
        let mut errors = FieldErrors::default();
        let bearer = match bearer(app, request, snapshot, collection, &form.token).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(bearer) => bearer.map_err(|error| errors.add("token", error)).ok(),
        };
        check_length(&mut errors, "password", &form.password, (1, PASSWORD_BYTES_MAX));
        let is_right = match bearer.as_ref().filter(|_| !form.password.is_empty()) {
            None => false,
            Some(bearer) => {
                let settings = backspin_settings::of(snapshot)?;
                let client = Client::of(request.parameters, &settings.trusted_proxy);
                is_own_password(app, &settings, &client, &bearer.record, &form.password).await?
            }
        };
        if !is_right {
            let message = "Missing or invalid auth record password.";
            errors.add("password", FieldError::new("validation_invalid_password", message));
        }
        refuse(errors)?;
        let Some(bearer) = bearer else { return Err(refused("token", invalid())) };
        let email = bearer.new_email.unwrap_or_default();
        check_new_email(snapshot, collection, &email)?;
        let change = AccountChange { email: Some(&email), verifies: true, ..AccountChange::default() };
        Ok(match change_account(app, snapshot, collection, &bearer.record, change).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Changed::Done) => Attempt::Done(()),
            Attempt::Done(Changed::Outdated) => return Err(refused("token", invalid())),
            Attempt::Done(Changed::Taken) => return Err(refused("token", taken())),
        })
    })
    .await
}

/// Whoever has the new email already.
///
/// Errors: 400 for what is no email, or the caller's own.
async fn find_other(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    caller: &AuthRecord,
    email: &str,
) -> Result<Found> {
    let fields = ["email".to_owned()];
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        not_for_superusers(collection, options)?;
        let mut errors = FieldErrors::default();
        check_email(snapshot, &mut errors, "newEmail", email)?;
        if text(caller, "email") == Some(email) {
            errors.add("newEmail", FieldError::new("validation_not_in_invalid", "Must not be in list."));
        }
        refuse(errors)?;
        let key = AccountKey::Identity { value: email, fields: &fields };
        found(app, request, snapshot, collection, key, ("default", &Map::new())).await
    })
    .await
}

/// Who brings the token, if nobody else has the new email.
async fn bearer(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    snapshot: &Rc<Snapshot>,
    collection: &Collection,
    token: &str,
) -> Result<Attempt<Result<Bearer, FieldError>>> {
    if token.is_empty() {
        return Ok(Attempt::Done(Err(required())));
    }
    let Some(email) = claim(token, "newEmail") else {
        let message = "Invalid token payload - newEmail must be set.";
        return Ok(Attempt::Done(Err(FieldError::new("validation_invalid_token_payload", message))));
    };
    let bearer = match Purpose::EmailChange.find(app, snapshot, collection, token).await? {
        Attempt::Done(Ok(bearer)) => bearer,
        refused => return Ok(refused),
    };
    let fields = ["email".to_owned()];
    let key = AccountKey::Identity { value: &email, fields: &fields };
    Ok(match found(app, request, snapshot, collection, key, ("default", &Map::new())).await? {
        Attempt::Stale => Attempt::Stale,
        Attempt::Done(Found { account: Some(_), .. }) => Attempt::Done(Err(taken())),
        Attempt::Done(_) => Attempt::Done(Ok(bearer)),
    })
}

/// Errors: 400 if the collection's field does not take the email.
fn check_new_email(snapshot: &Snapshot, collection: &Collection, email: &str) -> Result<()> {
    let Some(field) = collection.find_field("email") else { return Err(Error::not_found()) };
    match to_stored(snapshot, field, &Json::from(email))? {
        Ok(_) => Ok(()),
        Err(error) => FieldErrors::from_iter([("email", error)]).into_result(FAILED),
    }
}

fn taken() -> FieldError {
    FieldError::new("validation_invalid_token_email", "The new email address is invalid.")
}

fn not_for_superusers(collection: &Collection, _options: &AuthOptions) -> Result<()> {
    match collection.id == SUPERUSERS_ID {
        true => Err(Error::bad_request("All superusers can change their emails directly.")),
        false => Ok(()),
    }
}
