//! `POST /api/collections/:collection/auth-with-totp`: after the first factor, a code of an authenticator app or a
//! recovery code; a token for it.

use backspin_core::{Error, FieldErrors, Platform, Result};
use backspin_records::{AccountKey, ReplyShape, RequestInfo};
use backspin_schema::collection::AuthOptions;
use backspin_schema::value::required;
use backspin_schema::{App, AuthRecord, Collection};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::client::Client;
use crate::collection::get_auth_collection;
use crate::form::{TEXT_BYTES_MAX, check_length, null_is_empty, refuse};
use crate::found::{Found, found, open};
use crate::guess::Guess;
use crate::rate_limit::{Endpoint, check_rate};
use crate::second_factor::{first_factor_of, invalid_first_factor, mfa_id};
use crate::sign_in::{SignIn, let_in};
use crate::sign_in_log::SignInAttempt;
use crate::throttle::Device;
use crate::totp::Owner;

const ENDPOINT: Endpoint = Endpoint { path: "auth-with-totp", actions: &["authWithTOTP", "auth"] };
/// As `_mfas` knows it.
pub(crate) const METHOD: &str = "totp";

/// What shows that somebody has the authenticator app of an account: its code, or else a recovery code. Absent keys and
/// `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TotpProof {
    #[serde(deserialize_with = "null_is_empty")]
    pub code: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub recovery_code: String,
}

/// Completes a sign-in to an auth collection whose first factor is remembered under the `mfaId` of `body` (or of the
/// query). A code is good for one time, within half a minute of its own. `body` is what the auth rule sees as such.
///
/// Errors: 400 for a code that is wrong, over or used, for an `mfaId` that is none of this collection, is over or was
/// used, and for an account without an authenticator app; 403 if the auth rule refuses the account; 404 if it is no auth
/// collection; 429 after too many failed attempts; 400 for an `expand` or `fields` that cannot be read.
pub async fn with_totp(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    proof: Result<TotpProof>,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<SignIn> {
    check_rate(app, request, collection, ENDPOINT).await?;
    open(app, collection, any).await?;
    let (proof, id) = (proof?, mfa_id(body, request.parameters)?);
    let mut errors = proof.errors();
    if id.is_empty() {
        errors.add("mfaId", required());
    }
    refuse(errors)?;
    let found = owner(app, request, collection, &id, body).await?;
    let account = found.account.as_ref().ok_or_else(invalid_first_factor)?;
    let client = found.client(request)?;
    let attempt = SignInAttempt {
        collection_id: &found.collection.id,
        record_id: account.record.id(),
        method: METHOD,
        client: &client,
    };
    let is_right = attempt.log_failure(app, is_right(app, &client, &account.record, &proof).await);
    match is_right.await? {
        true => let_in(app, request, (&found, account), METHOD, body, shape).await,
        false => Err(wrong_code()),
    }
}

/// Whether the proof is that of the record, which uses it up.
///
/// Errors: 429 after too many failed attempts.
pub(crate) async fn is_right(
    app: &App<impl Platform>,
    client: &Client,
    record: &AuthRecord,
    proof: &TotpProof,
) -> Result<bool> {
    let owner = Owner::of(record);
    let fingerprint = client.fingerprint();
    let Owner { collection_id, record_id } = owner;
    let device = Device { collection_id, record_id, fingerprint: &fingerprint };
    let uses = async || match owner.find_totp(app).await? {
        Some(totp) if totp.is_on() && !proof.code.is_empty() => {
            owner.uses_code(app, &totp, &proof.code).await
        }
        Some(totp) if totp.is_on() => owner.uses_recovery_code(app, &proof.recovery_code).await,
        _ => Ok(false),
    };
    Guess::of_totp(collection_id, record_id, client, device).check(app, uses).await
}

impl TotpProof {
    /// One of the two is required; if both are given the code is it.
    pub(crate) fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        match (self.code.as_str(), self.recovery_code.as_str()) {
            ("", recovery_code) if !recovery_code.is_empty() => {
                check_length(&mut errors, "recoveryCode", recovery_code, (1, TEXT_BYTES_MAX));
            }
            (code, _) => check_length(&mut errors, "code", code, (1, TEXT_BYTES_MAX)),
        }
        errors
    }
}

pub(crate) fn wrong_code() -> Error {
    Error::bad_request("Invalid or expired code.")
}

/// The account whose first factor is remembered under `id`.
///
/// Errors: 400 if there is none.
async fn owner(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    body: &Map<String, Json>,
) -> Result<Found> {
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        let record_id = first_factor_of(app, collection, &options.mfa, METHOD, id).await?;
        let key = AccountKey::Id(&record_id);
        found(app, request, snapshot, collection, key, (METHOD, body)).await
    })
    .await
}

/// Which methods a collection has makes no difference: who has an app is asked for its code.
fn any(_collection: &Collection, _options: &AuthOptions) -> Result<()> {
    Ok(())
}
