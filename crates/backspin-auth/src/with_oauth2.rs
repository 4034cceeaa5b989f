//! `POST /api/collections/:collection/auth-with-oauth2`: a code of an identity provider in, a token out.

mod exchange;
mod form;
mod link;
mod link_alert;
mod new_account;
mod owner;

pub use form::ProviderCode;

use backspin_core::{Env, Error, Outbound, Platform, Result};
use backspin_oauth2::{ProvidedUser, Provider, Tokens, take_redirect_name};
use backspin_records::{AccountKey, ReplyShape, RequestInfo, in_transaction};
use backspin_schema::collection::{AuthOptions, secret_place};
use backspin_schema::{App, Attempt, Collection, SUPERUSERS_ID};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json, json};

use crate::collection::get_auth_collection;
use crate::found::{found, open};
use crate::rate_limit::{Endpoint, check_rate};
use crate::sign_in::{SignIn, let_in_with_meta};
use exchange::{Begun, user_of};
use new_account::Credentials;
use owner::{Comer, find_or_make_owner};

const ENDPOINT: Endpoint = Endpoint { path: "auth-with-oauth2", actions: &["authWithOAuth2", "auth"] };
/// As `_mfas` and the rules know it.
pub(crate) const METHOD: &str = "oauth2";

/// Signs in to an auth collection as the user of an identity provider, who is the owner of the account that is linked to
/// it, of the one that the caller is signed in to, or of the one with the same email that the provider has verified, in
/// this order. If there is none it is made, as the collection's create rule allows.
///
/// An account whose email nobody had verified is taken back from whoever may have made it before the owner of the email
/// came: it loses its password, its sessions and the providers that were linked to it. An account that has one user of a
/// provider does not get another.
///
/// `body` is what the auth rule sees as such; `code` is in it too, or why it cannot be read.
///
/// Errors: 400 for a code that the provider does not take, a user that it does not tell, or one whom the account cannot be
/// linked to; those of creating a record;
/// 403 where the collection has no identity providers or the auth rule refuses the account; 404 if it is no auth
/// collection; 429 by the limits of the settings; 400 for an `mfaId` that cannot be used here; 400 for an `expand` or
/// `fields` that cannot be read.
pub async fn with_oauth2(
    app: &App<impl Platform>,
    outbound: &impl Outbound,
    request: &RequestInfo<'_>,
    collection: &str,
    code: Result<ProviderCode>,
    body: &Map<String, Json>,
    shape: &ReplyShape<'_>,
) -> Result<SignIn> {
    check_rate(app, request, collection, ENDPOINT).await?;
    open(app, collection, has_providers).await?;
    let code = code?;
    let provider = find_provider(app, collection, &code).await?;

    let begun = Begun { code: &code, now: app.env().now() };
    let (tokens, mut user) = user_of(app.env(), outbound, &provider, begun).await?;
    if user.name.is_empty() && provider.answers_by_form() {
        user.name = take_redirect_name(app, &code.code).await?;
    }
    let credentials = Credentials::new(app, collection, &code.create_data).await?;
    let (name, display_name) = (provider.name.as_str(), provider.display_name.as_str());
    let create_data = &code.create_data;
    let comer = Comer { provider: name, display_name, user: &user, create_data, credentials };
    let owner =
        in_transaction(app, async |inner| find_or_make_owner(inner, request, collection, &comer).await);
    let owner = owner.await?;

    let account = app.with_schema(async |snapshot| {
        let (collection, _) = get_auth_collection(snapshot, collection)?;
        found(app, request, snapshot, collection, AccountKey::Id(&owner.id), (METHOD, body)).await
    });
    let found = account.await?;
    let account = found.account.as_ref().ok_or_else(Error::not_found)?;
    let meta = meta(app.env(), &tokens, user, owner.is_new);
    let_in_with_meta(app, request, (&found, account), METHOD, body, shape, Some(&meta)).await
}

/// Errors: 403 if the collection does not allow identity providers; superusers are never made by them.
fn has_providers(collection: &Collection, options: &AuthOptions) -> Result<()> {
    match options.oauth2.enabled && collection.id != SUPERUSERS_ID {
        true => Ok(()),
        false => {
            let message = "The collection is not configured to allow OAuth2 authentication.";
            Err(Error::Forbidden(message.to_owned()))
        }
    }
}

/// The provider that `code` is from.
///
/// Errors: 400 for a form that is not valid, or a provider that the collection does not have; 500 if its secret was sealed
/// with another key.
async fn find_provider(app: &App<impl Platform>, collection: &str, code: &ProviderCode) -> Result<Provider> {
    let key = SecretKey::of(app.env()).await?;
    app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        has_providers(collection, options)?;
        let mut provider = code.check(&options.oauth2.providers)?;
        let place = secret_place(&collection.id, &provider.name);
        provider.secret = key.unseal_text(&provider.secret, &place)?;
        // No other statement before the provider is asked tells whether these are still the settings.
        Ok(if app.is_current(snapshot).await? { Attempt::Done(provider) } else { Attempt::Stale })
    })
    .await
}

/// What the provider has told, with the keys of PocketBase.
fn meta(env: &impl Env, tokens: &Tokens, user: ProvidedUser, is_new: bool) -> Json {
    let expiry = match tokens.seconds {
        ..=0 => String::new(),
        seconds => env.now().plus_ms(seconds.saturating_mul(1000)).to_string(),
    };
    json!({
        "accessToken": tokens.access_token,
        "avatarURL": user.avatar_url,
        "avatarUrl": user.avatar_url,
        "email": user.email,
        "expiry": expiry,
        "id": user.id,
        "isNew": is_new,
        "name": user.name,
        "rawUser": user.raw,
        "refreshToken": tokens.refresh_token,
        "username": user.username,
    })
}
