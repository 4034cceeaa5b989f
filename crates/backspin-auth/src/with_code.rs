//! `POST /api/collections/:collection/auth-with-otp`: a one-time password in, a token out.

use backspin_core::{Error, FieldErrors, PasswordHasher, Platform, Result, id};
use backspin_password::Hashing;
use backspin_records::{AccountKey, ReplyShape, RequestInfo};
use backspin_schema::{App, Attempt};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::account_change::{AccountChange, Changed, change_account};
use crate::client::Client;
use crate::code::{Code, Requests, has_codes};
use crate::collection::get_auth_collection;
use crate::form::{TEXT_BYTES_MAX, check_length, null_is_empty, refuse};
use crate::found::{Found, found, open};
use crate::guess::Guess;
use crate::rate_limit::{Endpoint, check_rate};
use crate::record::{is_verified, text};
use crate::sign_in::{SignIn, let_in};
use crate::sign_in_log::SignInAttempt;
use crate::throttle::Device;

const ENDPOINT: Endpoint = Endpoint { path: "auth-with-otp", actions: &["authWithOTP", "auth"] };
/// As `_mfas` knows it.
pub(crate) const METHOD: &str = "otp";
/// As PocketBase counts it here.
const CODE_BYTES_MAX: usize = 71;
/// Of the password that takes the place of one that somebody else may have set.
const RANDOM_PASSWORD_CHARS: usize = 40;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The id that [`crate::request_code`] returned, and the code that came by mail. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailedCode {
    #[serde(deserialize_with = "null_is_empty")]
    pub otp_id: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub password: String,
}

/// Signs in to an auth collection. A code can be used once, and tried five times. If the email is not verified yet it is
/// by this; then the password is replaced unless a second factor is asked for, because whoever has set it may not be the
/// owner of the email. `body` is what the
/// auth rule sees as such.
///
/// Errors: 400 for a code that is wrong, over, used, or none; 403 where the collection has no one-time passwords or the
/// auth rule refuses the account; 404 if it is no auth collection; 429 for too many tries; 400 for an `mfaId` that cannot
/// be used here; 400 for an `expand` or `fields` that cannot be read.
pub async fn with_code(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    credentials: Result<MailedCode>,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<SignIn> {
    check_rate(app, request, collection, ENDPOINT).await?;
    open(app, collection, has_codes).await?;
    let credentials = credentials?;
    let mut errors = FieldErrors::default();
    check_length(&mut errors, "otpId", &credentials.otp_id, (1, TEXT_BYTES_MAX));
    check_length(&mut errors, "password", &credentials.password, (1, CODE_BYTES_MAX));
    refuse(errors)?;

    let code = take(app, request, collection, &credentials).await?.ok_or_else(wrong_code)?;
    let found = owner(app, request, collection, &code, body).await?;
    let account = found.account.as_ref().ok_or_else(wrong_code)?;
    let_in(app, request, (&found, account), METHOD, body, shape).await
}

/// The code of this id, if it is right, which uses it up.
///
/// Errors: 429 if there were too many attempts, or if there are too many at once.
async fn take(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    given: &MailedCode,
) -> Result<Option<Code>> {
    let Tried { collection_id, client, hashing, code } =
        find(app, request, collection, &given.otp_id).await?;
    let record_id = code.as_ref().map_or("", |code| &code.record_id);
    let fingerprint = client.fingerprint();
    let device = Device { collection_id: &collection_id, record_id, fingerprint: &fingerprint };
    let requests = code.as_ref().map(|code| Requests::of(&collection_id, &code.sent_to, &client));
    let guess = Guess::of_code(&collection_id, &given.otp_id, &client, requests, device);
    let takes = async || {
        let nobody = hashing.nobody();
        let hash = code.as_ref().map_or(&nobody, |code| &code.hash);
        let matches = app.platform().hasher().verify(&given.password, hash).await?;
        match code.as_ref().filter(|_| matches) {
            Some(code) => code.take(app).await,
            None => Ok(false),
        }
    };
    let attempt = SignInAttempt { collection_id: &collection_id, record_id, method: METHOD, client: &client };
    let is_right = attempt.log_failure(app, guess.check_by_hash(app, hashing, takes).await).await?;
    Ok(code.filter(|_| is_right))
}

/// An attempt with the code of an id, if there is such a code.
struct Tried {
    collection_id: String,
    client: Client,
    hashing: Hashing,
    code: Option<Code>,
}

async fn find(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    otp_id: &str,
) -> Result<Tried> {
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        has_codes(collection, options)?;
        let settings = backspin_settings::of(snapshot)?;
        let client = Client::of(request.parameters, &settings.trusted_proxy);
        let code = Code::find(app, collection, &options.otp, otp_id).await?;
        let (collection_id, hashing) = (collection.id.clone(), settings.passwords);
        Ok(Attempt::Done(Tried { collection_id, client, hashing, code }))
    })
    .await
}

/// The account that the code was mailed to, whose email is verified by that.
async fn owner(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    code: &Code,
    body: &Map<String, Json>,
) -> Result<Found> {
    app.with_schema(async |snapshot| {
        let (collection, _) = get_auth_collection(snapshot, collection)?;
        let find = async || {
            found(app, request, snapshot, collection, AccountKey::Id(&code.record_id), (METHOD, body)).await
        };
        let owner = match find().await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(owner) => owner,
        };
        let proves = |record: &&_| !is_verified(record) && text(record, "email") == Some(&code.sent_to);
        let Some(record) = owner.record().filter(proves) else { return Ok(Attempt::Done(owner)) };
        // Where a second factor is asked for, the password alone lets nobody in.
        let is_password_enough = owner.account.as_ref().is_none_or(|account| !account.asks_second_factor);
        let password_hash = match is_password_enough {
            false => None,
            true => {
                let password = id::random_string(app.env(), RANDOM_PASSWORD_CHARS, ALPHABET);
                Some(owner.hashing()?.hash_in_turn(&password, app.platform()).await?)
            }
        };
        let change = AccountChange { password_hash, verifies: true, ..AccountChange::default() };
        match change_account(app, snapshot, collection, record, change).await? {
            Attempt::Stale => Ok(Attempt::Stale),
            Attempt::Done(Changed::Done) => find().await,
            Attempt::Done(Changed::Outdated | Changed::Taken) => Err(wrong_code()),
        }
    })
    .await
}

fn wrong_code() -> Error {
    Error::bad_request("Invalid or expired OTP.")
}
