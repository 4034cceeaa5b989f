//! `GET /api/collections/:collection/auth-methods`: how somebody can sign in.

use backspin_core::{Env, Error, Platform, Result};
use backspin_oauth2::{Authorization, Provider, logo};
use backspin_query::Fields;
use backspin_schema::collection::AuthOptions;
use backspin_schema::{App, Attempt, SUPERUSERS_ID};
use serde_json::{Value as Json, json};

use crate::collection::get_auth_collection;

/// The ways to sign in to an auth collection as JSON, or of it what `fields` asks for. One statement.
///
/// Errors: 404 if it is no auth collection, 400 for `fields` that cannot be read.
pub async fn auth_methods(app: &App<impl Platform>, collection: &str, fields: &str) -> Result<Vec<u8>> {
    let methods = app.with_schema(async |snapshot| {
        let (collection, options) = get_auth_collection(snapshot, collection)?;
        let current = app.is_current(snapshot).await?;
        Ok(if current {
            Attempt::Done(to_json(options, collection.id == SUPERUSERS_ID, app.env()))
        } else {
            Attempt::Stale
        })
    });
    let methods = Fields::parse(fields)?.pick(methods.await?);
    serde_json::to_vec(&methods).map_err(|error| Error::Internal(error.into()))
}

/// What is switched off tells nothing of its settings. The last three keys are for clients of PocketBase before 0.23.
fn to_json(options: &AuthOptions, is_superusers: bool, env: &impl Env) -> Json {
    let password = options.password_auth.enabled;
    let identity_fields = if password { options.password_auth.identity_fields.as_slice() } else { &[] };
    let duration = |enabled: bool, seconds: i64| if enabled { seconds } else { 0 };
    let (mfa, otp) = (&options.mfa, &options.otp);
    // A superuser is nobody that an identity provider could make.
    let oauth2 = options.oauth2.enabled && !is_superusers;
    let providers = if oauth2 { options.oauth2.providers.as_slice() } else { &[] };
    let providers: Vec<Json> =
        providers.iter().filter_map(Provider::of).map(|provider| begin(&provider, env)).collect();
    let has = |field: &str| identity_fields.iter().any(|other| other == field);
    json!({
        "password": { "identityFields": identity_fields, "enabled": password },
        "oauth2": { "providers": &providers, "enabled": oauth2 },
        "mfa": { "enabled": mfa.enabled, "duration": duration(mfa.enabled, mfa.duration) },
        "otp": { "enabled": otp.enabled, "duration": duration(otp.enabled, otp.duration) },
        "authProviders": providers,
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    })
}

/// The beginning of a sign-in by an identity provider. `authUrl` is for clients that know the URL by that name.
fn begin(provider: &Provider, env: &impl Env) -> Json {
    let begun = Authorization::new(provider, env);
    json!({
        "name": provider.name,
        "displayName": provider.display_name,
        "logo": logo(&provider.display_name),
        "state": begun.state,
        "authURL": begun.url,
        "authUrl": begun.url,
        "codeVerifier": begun.code_verifier,
        "codeChallenge": begun.code_challenge,
        "codeChallengeMethod": begun.code_challenge_method(),
    })
}
