//! `POST /api/collections/:collection/auth-with-password`: a password in, a token out.

use backspin_core::{Database, Error, FieldError, FieldErrors, PasswordHasher, Platform, Result, Value};
use backspin_records::{AccountKey, Claimed, ReplyShape, RequestInfo, find_account_or_decoy};
use backspin_schema::collection::AuthOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, AuthRecord, Collection, SUPERUSERS_ID, log};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::collection::get_auth_collection;
use crate::decoy;
use crate::form::{TEXT_BYTES_MAX, check_length, null_is_empty, refuse};
use crate::found::{Found, open};
use crate::guess::Guess;
use crate::rate_limit::{Endpoint, check_rate};
use crate::record::text;
use crate::sign_in::{SignIn, let_in};
use crate::sign_in_log::SignInAttempt;
use crate::superuser::create_first_superuser;
use crate::throttle::Device;

const ENDPOINT: Endpoint = Endpoint { path: "auth-with-password", actions: &["authWithPassword", "auth"] };
/// As `_mfas` knows it.
pub(crate) const METHOD: &str = "password";

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

/// Signs in to an auth collection. `body` is what the auth rule sees as such; `credentials` are in it too, or why they
/// cannot be read.
///
/// On a database without superusers, the one of the variables `superuser_email` and `superuser_password` is made
/// first. A password that is kept in an outdated form is kept in the current one from then on.
///
/// Errors: 400 for wrong credentials, and the same for unknown ones; 403 where the collection does not allow
/// passwords or the auth rule refuses the account; 404 if it is no auth collection; 429 after too many failed attempts;
/// 400 for an `mfaId` that cannot be used here; 400 for an `expand` or `fields` that cannot be read.
pub async fn with_password(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    credentials: Result<Credentials>,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<SignIn> {
    check_rate(app, request, collection, ENDPOINT).await?;
    open(app, collection, has_passwords).await?;
    let credentials = credentials?;
    let (mut found, mut decoy_hash) = find(app, request, collection, &credentials, body).await?;
    if found.account.is_none() && found.collection.id == SUPERUSERS_ID {
        create_first_superuser(app).await?;
        // Again, whoever made it: many may sign in first at once.
        (found, decoy_hash) = find(app, request, collection, &credentials, body).await?;
    }
    let (hashing, nobody) = (found.hashing()?, found.hashing()?.nobody());
    let hash = match found.record() {
        Some(record) => text(record, "password"),
        None => decoy_hash.as_deref(),
    };
    let hash = hash.unwrap_or(&nobody);
    let matches = is_right(app, request, &found, &credentials, hash).await?;
    let account = found.account.as_ref().filter(|_| matches);
    let account = account.ok_or_else(|| Error::bad_request("Failed to authenticate."))?;
    if hashing.is_outdated(hash) {
        let new = hashing.hash_in_turn(&credentials.password, app.platform()).await?;
        renew_hash(app, &found.collection, &account.record, hash, new).await?;
    }
    let_in(app, request, (&found, account), METHOD, body, shape).await
}

/// The account, and the password hash that is compared where there is none.
async fn find(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    credentials: &Credentials,
    body: &Map<String, Json>,
) -> Result<(Found, Option<String>)> {
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        has_passwords(collection, options)?;
        check(credentials, options)?;
        let fields = match &credentials.identity_field {
            field if field.is_empty() => options.password_auth.identity_fields.as_slice(),
            field => std::slice::from_ref(field),
        };
        let key = AccountKey::Identity { value: &credentials.identity, fields };
        let place = decoy::place(collection, options, &credentials.identity, fields)?;
        let key = (key, place.as_str());
        Ok(match find_account_or_decoy(app, snapshot, request, collection, key, METHOD, body).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(Claimed { account, decoy_hash }) => {
                let (snapshot, collection) = (snapshot.clone(), collection.clone());
                Attempt::Done((Found { snapshot, collection, account }, decoy_hash))
            }
        })
    })
    .await
}

/// Whether the password is that of `hash`.
///
/// Errors: 429 if there were too many attempts, or if there are too many at once.
async fn is_right(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    found: &Found,
    credentials: &Credentials,
    hash: &str,
) -> Result<bool> {
    let client = found.client(request)?;
    let collection_id = &found.collection.id;
    let record_id = found.record().map_or("", |record| record.id());
    let fingerprint = client.fingerprint();
    let device = Device { collection_id, record_id, fingerprint: &fingerprint };
    let guess = Guess::of_password(collection_id, &credentials.identity, &client, device);
    // An unknown account has no password, and whoever has that of its decoy is not let in by it.
    let verify = async || {
        let matches = app.platform().hasher().verify(&credentials.password, hash).await?;
        Ok(matches && found.account.is_some())
    };
    let attempt = SignInAttempt { collection_id, record_id, method: METHOD, client: &client };
    attempt.log_failure(app, guess.check_by_hash(app, found.hashing()?, verify).await).await
}

/// Errors: 403 if the collection does not allow passwords.
fn has_passwords(_collection: &Collection, options: &AuthOptions) -> Result<()> {
    match options.password_auth.enabled {
        true => Ok(()),
        false => {
            let message = "The collection is not configured to allow password authentication.";
            Err(Error::Forbidden(message.to_owned()))
        }
    }
}

fn check(credentials: &Credentials, options: &AuthOptions) -> Result<()> {
    let mut errors = FieldErrors::default();
    check_length(&mut errors, "identity", &credentials.identity, (1, TEXT_BYTES_MAX));
    check_length(&mut errors, "password", &credentials.password, (1, TEXT_BYTES_MAX));
    let field = &credentials.identity_field;
    if !field.is_empty() && !options.password_auth.identity_fields.contains(field) {
        errors.add("identityField", FieldError::new("validation_in_invalid", "Must be a valid value."));
    }
    refuse(errors)
}

/// Keeps the password in the current form, unless it was changed meanwhile. Sessions go on.
async fn renew_hash(
    app: &App<impl Platform>,
    collection: &Collection,
    record: &AuthRecord,
    old: &str,
    new: String,
) -> Result<()> {
    let table = Quoted(&collection.name);
    let actor = log::by_update(&collection.name, "?4 || '/' || ?2");
    let sql =
        format!("UPDATE {table}\nSET \"password\" = ?1, {actor}\nWHERE \"id\" = ?2 AND \"password\" = ?3");
    let parameters: Vec<Value> =
        vec![new.into(), record.id().into(), old.into(), collection.id.as_str().into()];
    app.database().execute(&sql, parameters).await?;
    Ok(())
}
