//! `/api/collections/:collection/totp`: an authenticator app as one's second factor, taken up, looked at and given up.

use std::rc::Rc;

use backspin_core::{Env, Error, FieldError, Platform, Result, Timestamp};
use backspin_records::RequestInfo;
use backspin_schema::{App, Attempt, AuthRecord};
use backspin_settings::Settings;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::client::Client;
use crate::collection::{get_auth_collection, record_of_collection};
use crate::form::{TEXT_BYTES_MAX, check_length, null_is_empty, refuse, refused};
use crate::own_password::is_own_password;
use crate::record::{is_verified, text};
use crate::session::Identified;
use crate::totp::{Owner, Totp};
use crate::with_totp::{self, TotpProof, is_right, wrong_code};
use crate::{with_code, with_oauth2};

/// A sign-in is a proof of who somebody is for so long.
const RECENT_MS: i64 = 10 * 60_000;
const OFF: &str = "The account has no authenticator app.";

/// What is asked of who takes up an authenticator app. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TotpRequest {
    /// May be empty after a recent sign-in by another method.
    #[serde(deserialize_with = "null_is_empty")]
    pub password: String,
}

/// The caller's authenticator app: `{"enabled":false,"created":"","recoveryCodes":0}`, where `created` is when it was
/// confirmed and `recoveryCodes` how many are left. With an `id`, that of this account, for superusers.
///
/// Errors: 401 for guests, 403 for records of another collection and for an `id` of anyone but superusers, 404 for an
/// unknown collection.
pub async fn view_totp(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: Option<&str>,
) -> Result<Vec<u8>> {
    let totp = match id {
        None => Owner::of(record_of_collection(app, request, collection).await?).find_totp(app).await?,
        Some(id) => {
            let collection_id = collection_for_superuser(app, request, collection).await?;
            Owner { collection_id: &collection_id, record_id: id }.find_totp(app).await?
        }
    };
    let totp = totp.filter(Totp::is_on);
    let (created, codes) = totp.as_ref().map_or(("", 0), |totp| (&totp.confirmed, totp.recovery_codes));
    rendered(&json!({ "enabled": totp.is_some(), "created": created, "recoveryCodes": codes }))
}

/// Makes a secret for the caller and returns it, this once: `{"secret":"…","uri":"otpauth://totp/…"}`. It is in use once
/// [`confirm_totp`] got a code of it, within 15 minutes. The caller has to give the password, or to have signed in by
/// another method within the last 10 minutes: a stolen token is not enough.
///
/// Errors: 401 for guests, 403 for records of another collection, 404 for an unknown collection; 400 for a body that
/// cannot be read, a wrong password, an email that is not verified, or if there is an app in use; 429 after too many
/// wrong passwords.
pub async fn request_totp(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    identified: &Identified,
    collection: &str,
    body: Result<TotpRequest>,
) -> Result<Vec<u8>> {
    let caller = record_of_collection(app, request, collection).await?;
    let body = body?;
    let (client, settings) = surroundings(app, request).await?;
    check_is_owner(app, &settings, identified, (caller, &client), &body.password).await?;
    if text(caller, "email").is_some() && !is_verified(caller) {
        // Else somebody could put a lock before the account that the owner of the email comes for later.
        return Err(Error::bad_request("The email of the account has to be verified first."));
    }
    let Some(secret) = Owner::of(caller).add_totp(app).await? else {
        return Err(Error::bad_request(
            "The account has an authenticator app, which has to be removed first.",
        ));
    };
    let account = text(caller, "email").unwrap_or_else(|| caller.id());
    rendered(&json!({ "secret": secret.to_base32()?, "uri": secret.uri(&settings.meta.app_name, account)? }))
}

/// Puts the secret that the caller asked for into use and returns the recovery codes, this once:
/// `{"recoveryCodes":["…"]}`.
///
/// Errors: those of [`view_totp`]; 400 for a body that cannot be read, for a wrong code and if no secret waits for one;
/// 429 after too many wrong codes.
pub async fn confirm_totp(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    proof: Result<TotpProof>,
) -> Result<Vec<u8>> {
    let caller = record_of_collection(app, request, collection).await?;
    let code = proof?.code;
    let mut errors = Default::default();
    check_length(&mut errors, "code", &code, (1, TEXT_BYTES_MAX));
    refuse(errors)?;
    let (client, _) = surroundings(app, request).await?;
    let owner = Owner::of(caller);
    let totp = owner.find_totp(app).await?.filter(|totp| totp.can_be_confirmed(app.env().now()));
    let totp = totp.ok_or_else(|| Error::bad_request("No authenticator app waits to be confirmed."))?;
    let guess =
        crate::guess::Guess::of_totp(owner.collection_id, owner.record_id, &client, Default::default());
    if !guess.check(app, async || owner.uses_code(app, &totp, &code).await).await? {
        return Err(wrong_code());
    }
    let codes = owner.confirm_totp(app, &totp).await?.ok_or_else(wrong_code)?;
    rendered(&json!({ "recoveryCodes": codes }))
}

/// Replaces the caller's recovery codes and returns the new ones, this once: `{"recoveryCodes":["…"]}`.
///
/// Errors: those of [`view_totp`]; 400 for a body that cannot be read, for a wrong code, and if there is no app in use; 429
/// after too many wrong codes.
pub async fn renew_recovery_codes(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    proof: Result<TotpProof>,
) -> Result<Vec<u8>> {
    let caller = proved(app, request, collection, proof).await?;
    let codes = Owner::of(caller).renew_recovery_codes(app).await?;
    rendered(&json!({ "recoveryCodes": codes.ok_or_else(|| Error::bad_request(OFF))? }))
}

/// Gives up the caller's authenticator app and the recovery codes.
///
/// Errors: as [`renew_recovery_codes`].
pub async fn disable_totp(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    proof: Result<TotpProof>,
) -> Result<()> {
    let caller = proved(app, request, collection, proof).await?;
    Owner::of(caller).remove_totp(app).await?;
    Ok(())
}

/// Takes away the authenticator app of somebody who has lost it and the recovery codes. For superusers.
///
/// Errors: 401 for guests, 403 for all who are no superusers, 404 for an unknown collection or an account without one.
pub async fn remove_totp(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
) -> Result<()> {
    let collection_id = collection_for_superuser(app, request, collection).await?;
    match (Owner { collection_id: &collection_id, record_id: id }).remove_totp(app).await? {
        true => Ok(()),
        false => Err(Error::not_found()),
    }
}

/// The caller, who has brought a code or a recovery code.
async fn proved<'a>(
    app: &App<impl Platform>,
    request: &RequestInfo<'a>,
    collection: &str,
    proof: Result<TotpProof>,
) -> Result<&'a AuthRecord> {
    let caller = record_of_collection(app, request, collection).await?;
    let proof = proof?;
    refuse(proof.errors())?;
    if !Owner::of(caller).has_totp(app).await? {
        return Err(Error::bad_request(OFF));
    }
    let (client, _) = surroundings(app, request).await?;
    match is_right(app, &client, caller, &proof).await? {
        true => Ok(caller),
        false => Err(wrong_code()),
    }
}

/// Errors: 400 if neither the password nor the session shows that it is the owner; 429 after too many wrong passwords.
async fn check_is_owner(
    app: &App<impl Platform>,
    settings: &Settings,
    identified: &Identified,
    (caller, client): (&AuthRecord, &Client),
    password: &str,
) -> Result<()> {
    if password.is_empty() && is_recent(identified, app.env().now()) {
        return Ok(());
    }
    let mut errors = Default::default();
    check_length(&mut errors, "password", password, (1, TEXT_BYTES_MAX));
    refuse(errors)?;
    match is_own_password(app, settings, client, caller, password).await? {
        true => Ok(()),
        false => {
            let message = "Missing or invalid auth record password.";
            Err(refused("password", FieldError::new("validation_invalid_password", message)))
        }
    }
}

/// Whether the session began lately by a proof that cannot be given again, as a password can. An older token that was
/// exchanged, or that a superuser made, proves nothing.
fn is_recent(identified: &Identified, now: Timestamp) -> bool {
    let Some(session) = &identified.session else { return false };
    let is_proof =
        matches!(session.method.as_str(), with_code::METHOD | with_oauth2::METHOD | with_totp::METHOD);
    let since = now.plus_ms(-RECENT_MS);
    is_proof && Timestamp::parse(&session.created).is_some_and(|created| created >= since)
}

/// The collection's id.
async fn collection_for_superuser(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
) -> Result<String> {
    request.caller.require_superuser()?;
    app.with_schema(async |snapshot| {
        Ok(Attempt::Done(get_auth_collection(snapshot, collection)?.0.id.clone()))
    })
    .await
}

/// Where the request comes from, and the settings.
async fn surroundings(app: &App<impl Platform>, request: &RequestInfo<'_>) -> Result<(Client, Rc<Settings>)> {
    app.with_schema(async |snapshot| {
        let settings = backspin_settings::of(snapshot)?;
        let client = Client::of(request.parameters, &settings.trusted_proxy);
        Ok(Attempt::Done((client, settings)))
    })
    .await
}

fn rendered(reply: &Json) -> Result<Vec<u8>> {
    serde_json::to_vec(reply).map_err(|error| Error::Internal(error.into()))
}
