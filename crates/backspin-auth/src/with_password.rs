//! `POST /api/collections/:collection/auth-with-password`: a password in, a token out.

use backspin_core::{Database, Error, FieldError, FieldErrors, Platform, Result, Value};
use backspin_password::{NOBODY, is_outdated};
use backspin_records::{Account, AccountKey, ReplyShape, RequestInfo, find_account};
use backspin_schema::collection::AuthOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, AuthRecord, Collection, SUPERUSERS_ID, Snapshot, value};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json, json};

use crate::collection::get_auth_collection;
use crate::issue::{Grant, reply};
use crate::second_factor::{complete, mfa_id, remember};
use crate::superuser::create_first_superuser;

/// Of an identity and of a password, as PocketBase counts them here.
const CREDENTIAL_BYTES_MAX: usize = 255;
/// As `_mfas` knows it.
const METHOD: &str = "password";

/// What somebody gives to be let in. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Credentials {
    /// The value of an identity field, such as the email.
    #[serde(deserialize_with = "null_is_empty")]
    pub identity: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub password: String,
    /// The identity field; empty to try each that the collection has.
    #[serde(deserialize_with = "null_is_empty")]
    pub identity_field: String,
}

/// What a right password leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// `{"record":{…},"token":"…"}`
    Done(Vec<u8>),
    /// `{"mfaId":"…"}`: somebody has to sign in by another method too, and to send this id along.
    SecondFactor(Vec<u8>),
}

/// Signs in to an auth collection. `body` is what the auth rule sees as such; `credentials` are in it too, or why they
/// cannot be read.
///
/// On a database without superusers, the one of the variables `superuser_email` and `superuser_password` is made
/// first. A password that is kept in an outdated form is kept in the current one from then on.
///
/// Errors: 400 for wrong credentials, and the same for unknown ones; 403 where the collection does not allow
/// passwords or the auth rule refuses the account; 404 if it is no auth collection; 400 for an `mfaId` that cannot be
/// used here; 400 for an `expand` or `fields` that cannot be read.
pub async fn with_password(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    credentials: Result<Credentials>,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<SignIn> {
    app.with_schema(async |snapshot| open_collection(snapshot, collection).map(|_| Attempt::Done(())))
        .await?;
    let credentials = credentials?;
    let mut attempt = find(app, request, collection, &credentials, body).await?;
    if attempt.account.is_none() && attempt.collection.id == SUPERUSERS_ID {
        create_first_superuser(app).await?;
        // Again, whoever made it: many may sign in first at once.
        attempt = find(app, request, collection, &credentials, body).await?;
    }
    let Found { collection, account } = attempt;
    let hash = account.as_ref().and_then(|account| text(&account.record, "password")).unwrap_or(NOBODY);
    let matches = backspin_password::verify(&credentials.password, hash)?;
    let account = account.as_ref().filter(|_| matches);
    let account = account.ok_or_else(|| Error::bad_request("Failed to authenticate."))?;
    if is_outdated(hash) {
        renew_hash(app, &collection, &account.record, hash, &credentials.password).await?;
    }
    if !account.is_allowed {
        return Err(refused_by_rule());
    }
    let options = collection.auth().ok_or_else(Error::not_found)?;
    if account.asks_second_factor {
        let id = mfa_id(body, request.parameters)?;
        if id.is_empty() {
            let id = remember(app, &account.record, &options.mfa, METHOD).await?;
            return Ok(SignIn::SecondFactor(json!({ "mfaId": id }).to_string().into_bytes()));
        }
        complete(app, &account.record, &options.mfa, METHOD, &id).await?;
    }
    let token = Grant::of(options).issue(app.env(), &account.record, options)?;
    reply(app, request, account.record.clone(), &token, shape).await.map(SignIn::Done)
}

/// The error of an account that may not sign in now.
pub(crate) fn refused_by_rule() -> Error {
    Error::Forbidden("The request doesn't satisfy the collection requirements to authenticate.".to_owned())
}

/// Whom the credentials name, with the collection as it was then.
struct Found {
    collection: Collection,
    account: Option<Account>,
}

async fn find(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    credentials: &Credentials,
    body: &Map<String, Json>,
) -> Result<Found> {
    app.with_schema(async |snapshot| {
        let (collection, options) = open_collection(snapshot, collection)?;
        check(credentials, options)?;
        let fields = match &credentials.identity_field {
            field if field.is_empty() => options.password_auth.identity_fields.as_slice(),
            field => std::slice::from_ref(field),
        };
        let key = AccountKey::Identity { value: &credentials.identity, fields };
        Ok(match find_account(app, snapshot, request, collection, key, "password", body).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(account) => Attempt::Done(Found { collection: collection.clone(), account }),
        })
    })
    .await
}

/// The auth collection of this id or name.
///
/// Errors: 404 if there is none, 403 if it does not allow passwords.
fn open_collection<'a>(
    snapshot: &'a Snapshot,
    id_or_name: &str,
) -> Result<(&'a Collection, &'a AuthOptions)> {
    let (collection, options) = get_auth_collection(snapshot, id_or_name)?;
    if !options.password_auth.enabled {
        let message = "The collection is not configured to allow password authentication.";
        return Err(Error::Forbidden(message.to_owned()));
    }
    Ok((collection, options))
}

fn check(credentials: &Credentials, options: &AuthOptions) -> Result<()> {
    let mut errors = FieldErrors::default();
    let max = CREDENTIAL_BYTES_MAX;
    for (name, text) in [("identity", &credentials.identity), ("password", &credentials.password)] {
        if text.is_empty() {
            errors.add(name, value::required());
        } else if text.len() > max {
            let message = format!("The length must be between 1 and {max}.");
            let params = json!({ "max": max, "min": 1 });
            errors.add(name, FieldError::with_params("validation_length_out_of_range", message, params));
        }
    }
    let field = &credentials.identity_field;
    if !field.is_empty() && !options.password_auth.identity_fields.contains(field) {
        errors.add("identityField", FieldError::new("validation_in_invalid", "Must be a valid value."));
    }
    errors.into_result("An error occurred while validating the submitted data.")
}

/// Keeps the password in the current form, unless it was changed meanwhile. Sessions go on.
async fn renew_hash(
    app: &App<impl Platform>,
    collection: &Collection,
    record: &AuthRecord,
    old: &str,
    password: &str,
) -> Result<()> {
    let table = Quoted(&collection.name);
    let sql = format!("UPDATE {table}\nSET \"password\" = ?1\nWHERE \"id\" = ?2 AND \"password\" = ?3");
    let new = backspin_password::hash(password, app.env())?;
    let parameters: Vec<Value> = vec![new.into(), record.id().into(), old.into()];
    app.database().execute(&sql, parameters).await?;
    Ok(())
}

fn text<'a>(record: &'a AuthRecord, field: &str) -> Option<&'a str> {
    match record.get(field) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
