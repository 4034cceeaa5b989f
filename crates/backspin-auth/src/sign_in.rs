//! The end of a sign-in by whatever method: the auth rule, the second factor, the device, the token.

use backspin_core::{Error, Platform, Result};
use backspin_records::{Account, ReplyShape, RequestInfo};
use backspin_schema::{App, SUPERUSERS_ID};
use backspin_settings::ClientAddress;
use serde_json::{Map, Value as Json, json};

use crate::device::remember_device;
use crate::found::Found;
use crate::issue::{Grant, reply_with_meta};
use crate::second_factor::{complete, mfa_id, remember};
use crate::sign_in_log::{Outcome, SignInAttempt};
use crate::totp::Owner;
use crate::{sessions, with_totp};

/// What it leads to that somebody has proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// `{"record":{…},"token":"…"}`
    Done(Vec<u8>),
    /// `{"mfaId":"…"}`: somebody has to sign in by another method too, and to send this id along. One who has an
    /// authenticator app has to do so by that.
    SecondFactor(Vec<u8>),
}

/// Lets `account` in, which has proved itself by `method`. `body` may hold the `mfaId` of a first factor.
///
/// Errors: 403 if the auth rule refuses the account; 400 for an `mfaId` that cannot be used here, and for an `expand` or
/// `fields` that cannot be read.
pub(crate) async fn let_in(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    (found, account): (&Found, &Account),
    method: &str,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<SignIn> {
    let_in_with_meta(app, request, (found, account), method, body, shape, None).await
}

/// As [`let_in`], and the reply has `meta` beside the record and the token.
pub(crate) async fn let_in_with_meta(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    (found, account): (&Found, &Account),
    method: &str,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
    meta: Option<&Json>,
) -> Result<SignIn> {
    let client = found.client(request)?;
    let attempt = SignInAttempt {
        collection_id: &found.collection.id,
        record_id: account.record.id(),
        method,
        client: &client,
    };
    if !account.is_allowed {
        attempt.log(app, Outcome::Refused).await?;
        return Err(refused_by_rule());
    }
    if found.collection.id == SUPERUSERS_ID {
        let address = ClientAddress::parse(&client.address);
        if let Err(error) = found.settings()?.check_superuser_address(address) {
            attempt.log(app, Outcome::Refused).await?;
            return Err(error);
        }
    }
    let options = found.options()?;
    let has_totp = Owner::of(&account.record).has_totp(app).await?;
    if account.asks_second_factor || has_totp {
        let id = mfa_id(body, request.parameters)?;
        if id.is_empty() {
            let id = remember(app, &account.record, &options.mfa, method).await?;
            attempt.log(app, Outcome::SecondFactor).await?;
            return Ok(SignIn::SecondFactor(json!({ "mfaId": id }).to_string().into_bytes()));
        }
        if has_totp && method != with_totp::METHOD {
            // Whoever has chosen an app is not let in by two other methods.
            return Err(Error::bad_request("A code of the authenticator app is required."));
        }
        if let Err(error) = complete(app, &account.record, &options.mfa, method, &id).await {
            attempt.log(app, Outcome::Wrong).await?;
            return Err(error);
        }
    }
    remember_device(app, found, &account.record, &client).await?;
    let grant = Grant::of(options);
    let session = sessions::start(app, &account.record, method, &client, grant.ends(app.env())).await?;
    attempt.log(app, Outcome::Ok).await?;
    let token = grant.issue(app, &account.record, options, &session).await?;
    reply_with_meta(app, request, account.record.clone(), &token, shape, meta).await.map(SignIn::Done)
}

/// The error of an account that may not sign in now.
pub(crate) fn refused_by_rule() -> Error {
    Error::Forbidden("The request doesn't satisfy the collection requirements to authenticate.".to_owned())
}
