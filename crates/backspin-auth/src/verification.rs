//! Proving that the email of an account is its owner's.
//!
//! `POST /api/collections/:collection/request-verification` and `…/confirm-verification`

use backspin_core::{Error, FieldError, Platform, Result};
use backspin_records::RequestInfo;
use backspin_schema::collection::AuthOptions;
use backspin_schema::value::required;
use backspin_schema::{App, Attempt, Collection, SUPERUSERS_ID};
use serde::Deserialize;

use crate::account_change::{AccountChange, Changed, change_account};
use crate::collection::get_auth_collection;
use crate::form::{null_is_empty, refused};
use crate::found::open;
use crate::mail_request::MailedLink;
use crate::mailed_token::{Purpose, claim, invalid};
use crate::rate_limit::{Endpoint, check_rate};
use crate::record::{is_verified, text};

const LINK: MailedLink = MailedLink {
    endpoint: Endpoint { path: "request-verification", actions: &["requestVerification"] },
    gate: not_for_superusers,
    purpose: Purpose::Verification,
    name: "verification",
    template: |options| &options.verification_template,
    is_for: |record| !is_verified(record),
};
const CONFIRM: Endpoint = Endpoint { path: "confirm-verification", actions: &["confirmVerification"] };

/// The body of a request for mail. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    #[serde(deserialize_with = "null_is_empty")]
    pub email: String,
}

/// What came by mail. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MailedToken {
    #[serde(deserialize_with = "null_is_empty")]
    pub token: String,
}

/// Mails a token to the account with this email, unless it is verified already or was sent one in the last two
/// minutes. The reply does not tell which of these it is, nor whether there is such an account.
///
/// Errors: 404 if it is no auth collection; 400 for superusers, for a body that cannot be read and for what is no
/// email; 429 for too much mail asked for from one network.
pub async fn request_verification(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<Address>,
) -> Result<()> {
    LINK.request(app, request, collection, body).await
}

/// Verifies the email of the account that the token was mailed to. Nothing changes if it is verified already.
///
/// Errors: 404 if it is no auth collection; 400 for superusers, for a body that cannot be read, and for a token that
/// is over, of another collection or purpose, or was mailed to an email that the account has no more.
pub async fn confirm_verification(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<MailedToken>,
) -> Result<()> {
    check_rate(app, request, collection, CONFIRM).await?;
    open(app, collection, not_for_superusers).await?;
    let token = body?.token;
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        not_for_superusers(collection, options)?;
        if token.is_empty() {
            return Err(refused("token", required()));
        }
        if claim(&token, "email").is_none() {
            let error = FieldError::new("validation_invalid_token_claims", "Missing email token claim.");
            return Err(refused("token", error));
        }
        let bearer = match Purpose::Verification.find(app, snapshot, collection, &token).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(bearer) => bearer.map_err(|error| refused("token", error))?,
        };
        if text(&bearer.record, "email") != Some(&bearer.email) {
            let message = "The record email doesn't match with the requested token claims.";
            return Err(refused("token", FieldError::new("validation_token_email_mismatch", message)));
        }
        if is_verified(&bearer.record) {
            return Ok(Attempt::Done(()));
        }
        let change = AccountChange { verifies: true, ..AccountChange::default() };
        Ok(match change_account(app, snapshot, collection, &bearer.record, change).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Changed::Done) => Attempt::Done(()),
            Attempt::Done(Changed::Outdated | Changed::Taken) => return Err(refused("token", invalid())),
        })
    })
    .await
}

fn not_for_superusers(collection: &Collection, _options: &AuthOptions) -> Result<()> {
    match collection.id == SUPERUSERS_ID {
        true => Err(Error::bad_request("All superusers are verified by default.")),
        false => Ok(()),
    }
}
