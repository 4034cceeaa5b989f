//! An account for a user who has none.

use backspin_core::{Error, Platform, Result, Value, id, limits};
use backspin_oauth2::ProvidedUser;
use backspin_password::Hashing;
use backspin_records::{AccountKey, PasswordHashes, ReplyShape, RequestInfo, create, is_unique};
use backspin_schema::value::to_stored;
use backspin_schema::{App, Attempt, FieldOptions};
use serde_json::{Map, Value as Json};

use super::METHOD;
use super::owner::Comer;
use crate::collection::get_auth_collection;
use crate::found::found;

const PASSWORD_CHARS: usize = 40;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The credentials of an account that may have to be made, hashed before the transaction in which that is known: it keeps
/// others from writing.
pub(super) struct Credentials {
    /// For an account that `createData` gives none. Nobody can sign in with it, for its hash is that of no password.
    unusable: String,
    hashes: PasswordHashes,
}

impl Credentials {
    /// Errors: 429 if too many passwords are being hashed.
    pub(super) async fn new(
        app: &App<impl Platform>,
        collection: &str,
        create_data: &Map<String, Json>,
    ) -> Result<Self> {
        let snapshot = app.snapshot().await?;
        let (collection, _) = get_auth_collection(&snapshot, collection)?;
        let hashing: Hashing = backspin_settings::of(&snapshot)?.passwords;
        let unusable = id::random_string(app.env(), PASSWORD_CHARS, ALPHABET);
        let hashes = PasswordHashes::default();
        hashes.insert(unusable.clone(), hashing.nobody());
        for field in &collection.fields {
            if matches!(field.options, FieldOptions::Password(_))
                && let Some(given) = create_data.get(&field.name)
                // What is no text is stored as one: the hash is found by that.
                && let Ok(Value::Text(password)) = to_stored(&snapshot, field, given)?
                && (1..=limits::PASSWORD_BYTES_MAX).contains(&password.len())
                && !hashes.has(&password)
            {
                let hash = hashing.hash_in_turn(&password, app.platform()).await?;
                hashes.insert(password, hash);
            }
        }
        Ok(Credentials { unusable, hashes })
    }
}

/// Creates the record from `create_data`, and from what the provider tells where that says nothing. Returns its id.
///
/// Errors: those of creating a record, whose rule sees the context `oauth2`.
pub(super) async fn make_account(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection_id: &str,
    Comer { user, create_data, credentials, .. }: &Comer<'_>,
) -> Result<String> {
    let mut fields = (*create_data).clone();
    if fields.get("email").and_then(Json::as_str).unwrap_or_default().is_empty() {
        let email = if user.email.is_empty() { &user.unverified_email } else { &user.email };
        fields.insert("email".to_owned(), email.as_str().into());
    }
    for (field, text) in mapped(app, request, collection_id, user).await? {
        fields.entry(field).or_insert(text.into());
    }
    if !fields.contains_key("password") {
        for name in ["password", "passwordConfirm"] {
            fields.insert(name.to_owned(), credentials.unusable.as_str().into());
        }
    }
    let hashes = Some(&credentials.hashes);
    let request = RequestInfo { method: "POST", context: METHOD, hashes, ..*request };
    let shape = ReplyShape { expand: "".into(), fields: "id".into() };
    let made = create(app, &request, collection_id, &fields, &shape).await?;
    let made: Json = serde_json::from_slice(&made).map_err(|error| Error::Internal(error.into()))?;
    let id = made.get("id").and_then(Json::as_str);
    id.map(str::to_owned).ok_or_else(|| Error::internal("a record that was made has no id"))
}

/// The fields that the collection gives to what the provider tells. A user name that somebody has is left out where no two
/// can have it, and so is a picture for which there is a field of files.
async fn mapped(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection_id: &str,
    user: &ProvidedUser,
) -> Result<Vec<(String, String)>> {
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection_id)?;
        let to = &options.oauth2.mapped_fields;
        let mut mapped = vec![(to.id.clone(), user.id.clone()), (to.name.clone(), user.name.clone())];
        let takes_files = |name: &str| {
            let field = collection.find_field(name);
            field.is_some_and(|field| matches!(field.options, FieldOptions::File(_)))
        };
        if !takes_files(&to.avatar_url) {
            mapped.push((to.avatar_url.clone(), user.avatar_url.clone()));
        }
        let username = (to.username.clone(), user.username.clone());
        if !is_unique(collection, &to.username) {
            mapped.push(username);
        } else if collection.find_field(&to.username).is_some() && !user.username.is_empty() {
            let fields = [to.username.clone()];
            let key = AccountKey::Identity { value: &user.username, fields: &fields };
            match found(app, request, snapshot, collection, key, (METHOD, &Map::new())).await? {
                Attempt::Stale => return Ok(Attempt::Stale),
                Attempt::Done(found) if found.account.is_some() => {}
                Attempt::Done(_) => mapped.push(username),
            }
        }
        mapped.retain(|(field, text)| !field.is_empty() && !text.is_empty());
        Ok(Attempt::Done(mapped))
    })
    .await
}
