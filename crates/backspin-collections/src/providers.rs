//! `GET /api/collections/meta/oauth2-providers`

use backspin_core::Result;
use backspin_oauth2::{logo, offered};
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

/// The identity providers that a collection can have, as a JSON array of `{"name","displayName","logo"}`.
///
/// Errors: 401, 403.
pub fn providers(caller: &Caller) -> Result<String> {
    caller.require_superuser()?;
    let provider = |(name, display_name): (&str, &str)| json!({ "name": name, "displayName": display_name, "logo": logo(display_name) });
    Ok(offered().map(provider).collect::<Json>().to_string())
}

/// Whether a collection can have the provider of this name.
pub(crate) fn is_provider(name: &str) -> bool {
    offered().any(|(known, _)| known == name)
}
