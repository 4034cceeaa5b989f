//! A new password for who has forgotten it, by mail.
//!
//! `POST /api/collections/:collection/request-password-reset` and `…/confirm-password-reset`

use backspin_core::{Error, FieldError, FieldErrors, Platform, Result};
use backspin_records::RequestInfo;
use backspin_schema::collection::AuthOptions;
use backspin_schema::field::FieldOptions;
use backspin_schema::value::{required, to_stored};
use backspin_schema::{App, Attempt, Collection, Snapshot};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::account_change::{AccountChange, Changed, change_account};
use crate::client::Client;
use crate::collection::get_auth_collection;
use crate::form::{TEXT_BYTES_MAX, check_length, null_is_empty, refuse, refused};
use crate::found::open;
use crate::guess::forget_passwords;
use crate::known_device;
use crate::mail_request::MailedLink;
use crate::mailed_token::{Bearer, Purpose, invalid};
use crate::rate_limit::{Endpoint, check_rate};
use crate::record::text;
use crate::verification::Address;

const LINK: MailedLink = MailedLink {
    endpoint: Endpoint { path: "request-password-reset", actions: &["requestPasswordReset"] },
    gate: has_passwords,
    purpose: Purpose::PasswordReset,
    name: "password reset",
    template: |options| &options.reset_password_template,
    is_for: |_| true,
};
const CONFIRM: Endpoint = Endpoint { path: "confirm-password-reset", actions: &["confirmPasswordReset"] };
const FAILED: &str = "Failed to set new password.";

/// The token that came by mail, and the new password twice. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewPassword {
    #[serde(deserialize_with = "null_is_empty")]
    pub token: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub password: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub password_confirm: String,
}

/// Mails a token to the account with this email, unless it was sent one in the last two minutes. The reply does not
/// tell whether there is such an account.
///
/// Errors: 404 if it is no auth collection; 400 if it has no passwords, for a body that cannot be read and for what
/// is no email; 429 for too much mail asked for from one network.
pub async fn request_password_reset(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<Address>,
) -> Result<()> {
    LINK.request(app, request, collection, body).await
}

/// Gives the account that the token was mailed to a new password. All its sessions end, and its email is verified if
/// it is still the one that got the mail. The token cannot be used again. Guesses at its email are forgotten, and the
/// device is one that the account has been used from.
///
/// Errors: 404 if it is no auth collection; 400 for a body that cannot be read, for a token that is over or of another
/// collection or purpose, and for a password that the collection does not take.
pub async fn confirm_password_reset(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    body: Result<NewPassword>,
) -> Result<()> {
    check_rate(app, request, collection, CONFIRM).await?;
    open(app, collection, |_, _| Ok(())).await?;
    let form = body?;
    app.with_schema(async |snapshot| {
        let (collection, _) = get_auth_collection(snapshot, collection)?;
        let mut errors = FieldErrors::default();
        let bearer = match form.token.is_empty() {
            true => Err(required()),
            false => match Purpose::PasswordReset.find(app, snapshot, collection, &form.token).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(bearer) => bearer,
            },
        };
        let bearer = bearer.map_err(|error| errors.add("token", error)).ok();
        form.check(collection, &mut errors);
        refuse(errors)?;
        let Some(bearer) = bearer else { return Err(refused("token", invalid())) };
        check_password(snapshot, collection, &form.password)?;
        let settings = backspin_settings::of(snapshot)?;
        let change = AccountChange {
            password_hash: Some(settings.passwords.hash_in_turn(&form.password, app.platform()).await?),
            verifies: text(&bearer.record, "email") == Some(&bearer.email),
            ..AccountChange::default()
        };
        Ok(match change_account(app, snapshot, collection, &bearer.record, change).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Changed::Done) => {
                let client = Client::of(request.parameters, &settings.trusted_proxy);
                welcome(app, &bearer, &client).await?;
                Attempt::Done(())
            }
            Attempt::Done(Changed::Outdated | Changed::Taken) => return Err(refused("token", invalid())),
        })
    })
    .await
}

/// Lets in at once who has brought the token from the mail, whatever others have guessed before. Other names that the
/// account has are not forgiven: they may be somebody else's email.
async fn welcome(app: &App<impl Platform>, bearer: &Bearer, client: &Client) -> Result<()> {
    let record = &bearer.record;
    known_device::remember(app, record, client).await?;
    match text(record, "email").filter(|email| *email == bearer.email) {
        Some(email) => forget_passwords(app, &record.collection_id, email, client).await,
        None => Ok(()),
    }
}

impl NewPassword {
    fn check(&self, collection: &Collection, errors: &mut FieldErrors) {
        let min = match collection.find_field("password").map(|field| &field.options) {
            Some(FieldOptions::Password(options)) => usize::try_from(options.min).unwrap_or(1).max(1),
            _ => 1,
        };
        check_length(errors, "password", &self.password, (min, TEXT_BYTES_MAX));
        if self.password_confirm.is_empty() {
            errors.add("passwordConfirm", required());
        } else if self.password_confirm != self.password {
            let error = FieldError::new("validation_values_mismatch", "Values don't match.");
            errors.add("passwordConfirm", error);
        }
    }
}

/// Errors: 400 if the collection's field does not take the password.
fn check_password(snapshot: &Snapshot, collection: &Collection, password: &str) -> Result<()> {
    let Some(field) = collection.find_field("password") else { return Err(Error::not_found()) };
    match to_stored(snapshot, field, &Json::from(password))? {
        Ok(_) => Ok(()),
        Err(error) => FieldErrors::from_iter([("password", error)]).into_result(FAILED),
    }
}

fn has_passwords(_collection: &Collection, options: &AuthOptions) -> Result<()> {
    match options.password_auth.enabled {
        true => Ok(()),
        false => {
            Err(Error::bad_request("The collection is not configured to allow password authentication."))
        }
    }
}
