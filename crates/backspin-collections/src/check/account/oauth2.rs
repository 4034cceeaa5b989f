//! Sign-in through other identity providers.

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::collection::{OAuth2, OAuth2Provider};
use backspin_schema::{Field, FieldOptions, Schema, Snapshot, value};
use serde_json::json;

use super::super::{add, nested, required};
use crate::providers::is_provider;

pub(super) fn check(options: &OAuth2) -> Result<(), FieldError> {
    if !options.enabled {
        return Ok(());
    }
    let mut errors = FieldErrors::default();
    for (position, provider) in options.providers.iter().enumerate() {
        let mut wrong = FieldErrors::default();
        add(&mut wrong, "name", name(provider, &options.providers[..position]));
        for (part, text) in [("clientId", &provider.client_id), ("clientSecret", &provider.client_secret)] {
            add(&mut wrong, part, if text.is_empty() { Err(required()) } else { Ok(()) });
        }
        for (part, url) in [
            ("authURL", &provider.auth_url),
            ("tokenURL", &provider.token_url),
            ("userInfoURL", &provider.user_info_url),
        ] {
            add(&mut wrong, part, self::url(url));
        }
        if !wrong.is_empty() {
            errors.add(position.to_string(), FieldError::Nested(wrong));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(nested("providers", FieldError::Nested(errors))) }
}

fn name(provider: &OAuth2Provider, before: &[OAuth2Provider]) -> Result<(), FieldError> {
    let name = &provider.name;
    let wrong = |code, message| Err(FieldError::with_params(code, message, json!({ "name": name })));
    if name.is_empty() {
        return Err(required());
    }
    if !is_provider(name) {
        return wrong(
            "validation_missing_provider",
            format!("Invalid or missing provider with name {name}."),
        );
    }
    if before.iter().any(|other| other.name == *name) {
        return wrong(
            "validation_duplicated_provider",
            format!("The provider {name} is already registered."),
        );
    }
    Ok(())
}

/// Empty, or what a field of the type `url` takes.
fn url(url: &str) -> Result<(), FieldError> {
    let field =
        Field { options: FieldOptions::Url(Default::default()), required: false, ..crate::draft::id_field() };
    let snapshot = Snapshot::new(String::new(), Schema::default());
    match value::to_stored(&snapshot, &field, &url.into()) {
        Ok(Ok(_)) => Ok(()),
        _ => Err(FieldError::new("validation_is_url", "Must be a valid URL.")),
    }
}
