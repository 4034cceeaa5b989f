//! `GET /api/collections/:collection/auth-methods`: how somebody can sign in.

use backspin_core::{Error, Platform, Result};
use backspin_query::Fields;
use backspin_schema::collection::AuthOptions;
use backspin_schema::{App, Attempt};
use serde_json::{Value as Json, json};

use crate::collection::get_auth_collection;

/// The ways to sign in to an auth collection as JSON, or of it what `fields` asks for. One statement.
///
/// Errors: 404 if it is no auth collection, 400 for `fields` that cannot be read.
pub async fn auth_methods(app: &App<impl Platform>, collection: &str, fields: &str) -> Result<Vec<u8>> {
    let methods = app.with_schema(async |snapshot| {
        let (_, options) = get_auth_collection(snapshot, collection)?;
        let current = app.is_current(snapshot).await?;
        Ok(if current { Attempt::Done(to_json(options)) } else { Attempt::Stale })
    });
    let methods = Fields::parse(fields)?.pick(methods.await?);
    serde_json::to_vec(&methods).map_err(|error| Error::Internal(error.into()))
}

/// What is switched off tells nothing of its settings. Identity providers are off here whatever the settings, for this
/// version cannot sign anybody in by them. The last three keys are for clients of
/// PocketBase before 0.23.
fn to_json(options: &AuthOptions) -> Json {
    let password = options.password_auth.enabled;
    let identity_fields = if password { options.password_auth.identity_fields.as_slice() } else { &[] };
    let duration = |enabled: bool, seconds: i64| if enabled { seconds } else { 0 };
    let (mfa, otp) = (&options.mfa, &options.otp);
    let has = |field: &str| identity_fields.iter().any(|other| other == field);
    json!({
        "password": { "identityFields": identity_fields, "enabled": password },
        "oauth2": { "providers": [], "enabled": false },
        "mfa": { "enabled": mfa.enabled, "duration": duration(mfa.enabled, mfa.duration) },
        "otp": { "enabled": otp.enabled, "duration": duration(otp.enabled, otp.duration) },
        "authProviders": [],
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    })
}
