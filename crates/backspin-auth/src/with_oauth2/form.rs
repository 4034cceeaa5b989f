//! What a client brings back from an identity provider.

use backspin_core::{FieldError, FieldErrors, Result};
use backspin_oauth2::Provider;
use backspin_schema::collection::OAuth2Provider;
use backspin_schema::value::required;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json, json};

use crate::form::null_is_empty;
use backspin_core::Error;

/// As PocketBase counts it.
const NAME_BYTES_MAX: usize = 100;
/// A code, a verifier or a URL. Providers stay far below.
const VALUE_BYTES_MAX: usize = 8 << 10;

/// A code of an identity provider, and what the sign-in began with. Absent keys and `null` are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProviderCode {
    #[serde(deserialize_with = "null_is_empty")]
    pub provider: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub code: String,
    /// Empty if the sign-in began without PKCE.
    #[serde(deserialize_with = "null_is_empty")]
    pub code_verifier: String,
    /// Where the provider has sent the user back to.
    #[serde(rename = "redirectURL", deserialize_with = "null_is_empty")]
    pub redirect_url: String,
    /// The same, as clients of PocketBase before 0.23 write it.
    #[serde(rename = "redirectUrl", deserialize_with = "null_is_empty")]
    pub legacy_redirect_url: String,
    /// The fields of the account, if it has to be made.
    #[serde(deserialize_with = "null_is_none")]
    pub create_data: Map<String, Json>,
}

impl ProviderCode {
    /// The provider, if all of this is valid.
    ///
    /// Errors: 400 with the refused fields.
    pub(super) fn check(&self, providers: &[OAuth2Provider]) -> Result<Provider> {
        let mut errors = FieldErrors::default();
        let longest = [
            ("provider", &self.provider, NAME_BYTES_MAX),
            ("code", &self.code, VALUE_BYTES_MAX),
            ("codeVerifier", &self.code_verifier, VALUE_BYTES_MAX),
            ("redirectURL", self.redirect_url(), VALUE_BYTES_MAX),
        ];
        for (name, text, max) in longest {
            if text.is_empty() && matches!(name, "provider" | "code") {
                errors.add(name, required());
            } else if text.len() > max {
                let message = format!("The length must be no more than {max}.");
                let params = json!({ "max": max, "min": 0 });
                errors.add(name, FieldError::with_params("validation_length_too_long", message, params));
            }
        }
        let provider =
            providers.iter().find(|provider| provider.name == self.provider).and_then(Provider::of);
        if provider.is_none() {
            let name = &self.provider;
            let message = format!("Provider with name {name} is missing or is not enabled.");
            let params = json!({ "name": name });
            errors.add("provider", FieldError::with_params("validation_invalid_provider", message, params));
        }
        let message = "An error occurred while loading the submitted data.";
        match provider {
            Some(provider) if errors.is_empty() => Ok(provider),
            _ => Err(Error::BadRequest { message: message.to_owned(), fields: errors }),
        }
    }

    pub(super) fn redirect_url(&self) -> &String {
        if self.redirect_url.is_empty() { &self.legacy_redirect_url } else { &self.redirect_url }
    }
}

fn null_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Json>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
