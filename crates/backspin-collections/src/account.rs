//! What an auth collection has whatever a client asks for: the fields of accounts and their indexes.

use backspin_core::{Env, Result};
use backspin_schema::collection::{CollectionKind, secret_place};
use backspin_schema::field::{BoolOptions, DomainOptions, FieldOptions, PasswordOptions, TextOptions};
use backspin_schema::{Collection, Field, Index, SUPERUSERS_ID, system};
use backspin_secrets::SecretKey;

const PASSWORD_CHARS_MIN: i64 = 8;
const TOKEN_KEY_CHARS_MIN: i64 = 30;
const TOKEN_KEY_CHARS_MAX: i64 = 60;
const TOKEN_KEY_PATTERN: &str = "[a-zA-Z0-9]{50}";

/// Adds the fields and indexes that are missing, and sets what must be so. New indexes are named after
/// `index_id`.
pub(crate) fn complete(collection: &mut Collection, before: &[Field], index_id: &str) {
    if !collection.is_auth() {
        return;
    }
    for required in fields() {
        add(&mut collection.fields, required, before);
    }
    add_indexes(collection, index_id);
    let names: Vec<String> = collection.fields.iter().map(|field| field.name.clone()).collect();
    let is_superusers = collection.id == SUPERUSERS_ID;
    let CollectionKind::Auth(options) = &mut collection.kind else { return };
    if is_superusers {
        // They must always be able to sign in.
        options.password_auth.enabled = true;
        options.oauth2.enabled = false;
        // A code by email alone does not let in somebody who may do everything.
        options.mfa.enabled |= options.otp.enabled;
    }
    let mapped = &mut options.oauth2.mapped_fields;
    for name in [&mut mapped.id, &mut mapped.name, &mut mapped.username, &mut mapped.avatar_url] {
        if !names.contains(name) {
            name.clear();
        }
    }
}

/// Seals the secrets of identity providers. Those that a client has left out, for it never gets to see them, stay as they
/// are in `before`.
pub(crate) fn seal_secrets(
    collection: &mut Collection,
    before: Option<&Collection>,
    key: &SecretKey,
) -> Result<()> {
    let CollectionKind::Auth(options) = &mut collection.kind else { return Ok(()) };
    let old = before.and_then(Collection::auth).map(|old| &old.oauth2.providers[..]).unwrap_or_default();
    for provider in &mut options.oauth2.providers {
        let stored = old.iter().find(|old| old.name == provider.name).map(|old| old.client_secret.as_str());
        let stored = stored.unwrap_or_default();
        provider.client_secret = match provider.client_secret.as_str() {
            "" => stored.to_owned(),
            secret => key.seal_changed(secret, stored, &secret_place(&collection.id, &provider.name))?,
        };
    }
    Ok(())
}

/// Who may sign in has changed: everybody has to sign in anew.
pub(crate) fn end_sessions(collection: &mut Collection, before: &Collection, env: &impl Env) {
    let (CollectionKind::Auth(options), Some(old)) = (&mut collection.kind, before.auth()) else { return };
    // Without a rule nobody may, with an empty one everybody; PocketBase takes both for the same here.
    if options.auth_rule.as_deref().unwrap_or_default() != old.auth_rule.as_deref().unwrap_or_default() {
        options.auth_token.secret.clear();
        system::fill_secrets(collection, env);
    }
}

/// In the order in which they are added.
fn fields() -> [Field; 5] {
    let password = PasswordOptions { min: PASSWORD_CHARS_MIN, ..PasswordOptions::default() };
    let token_key = TextOptions {
        min: TOKEN_KEY_CHARS_MIN,
        max: TOKEN_KEY_CHARS_MAX,
        autogenerate_pattern: TOKEN_KEY_PATTERN.to_owned(),
        ..TextOptions::default()
    };
    [
        field("password", true, true, FieldOptions::Password(password)),
        field("tokenKey", true, true, FieldOptions::Text(token_key)),
        field("email", false, true, FieldOptions::Email(DomainOptions::default())),
        field("emailVisibility", false, false, FieldOptions::Bool(BoolOptions {})),
        field("verified", false, false, FieldOptions::Bool(BoolOptions {})),
    ]
}

fn field(name: &str, hidden: bool, required: bool, options: FieldOptions) -> Field {
    Field { system: true, hidden, required, ..Field::new(name, options) }
}

/// A field of that name stays, with its options if it is of the right type.
fn add(fields: &mut Vec<Field>, mut required: Field, before: &[Field]) {
    let Some(field) = fields.iter_mut().find(|field| field.name == required.name) else {
        if let Some(old) = before.iter().find(|old| old.name == required.name) {
            required.id.clone_from(&old.id);
        }
        fields.push(required);
        return;
    };
    if field.type_name() != required.type_name() {
        required.id.clone_from(&field.id);
        *field = required;
        return;
    }
    field.system = true;
    match required.name.as_str() {
        "password" | "tokenKey" => (field.hidden, field.required) = (true, true),
        "email" => field.hidden = false,
        _ => {}
    }
}

/// Tokens are found by their key, and people by their email.
fn add_indexes(collection: &mut Collection, index_id: &str) {
    for (column, condition) in [("tokenKey", ""), ("email", "`email` != ''")] {
        if !is_unique(collection, column) {
            let index = Index {
                unique: true,
                name: format!("idx_{column}_{index_id}"),
                table: collection.name.clone(),
                columns: column.to_owned(),
                condition: condition.to_owned(),
            };
            collection.indexes.push(index.to_string());
        }
    }
}

/// Whether a unique index is on this column alone.
pub(crate) fn is_unique(collection: &Collection, column: &str) -> bool {
    let mut indexes = collection.indexes.iter().filter_map(|index| Index::parse(index));
    indexes.any(|index| {
        index.unique && index.single_column().is_some_and(|name| name.eq_ignore_ascii_case(column))
    })
}
