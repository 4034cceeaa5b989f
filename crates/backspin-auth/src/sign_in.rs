//! Signing in with a password.

use backspin_core::{Env, Error, FieldError, FieldErrors, Platform, Result, Value, limits};
use backspin_password::NOBODY;
use backspin_records::{Sight, record_json_sql};
use backspin_schema::collection::AuthOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Collection, SUPERUSERS_ID, Snapshot, VERSION_SQL, value};
use serde::Deserialize;
use serde_json::json;

use crate::superuser::create_first_superuser;
use crate::token::{Claims, TokenType};

const SECRET_CHARS_MAX: usize = 255;

/// What somebody gives to be let in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Credentials {
    /// The value of an identity field, such as the email.
    pub identity: String,
    pub password: String,
    /// The identity field; empty to try each that the collection has.
    pub identity_field: String,
}

/// Signs in to an auth collection and returns `{"record":{…},"token":"…"}` as JSON.
///
/// On a database without superusers, the one of the variables `superuser_email` and
/// `superuser_password` is made first. Errors: 400 for wrong credentials, and the same for unknown ones;
/// 403 where the collection does not allow passwords; 404 if it is no auth collection.
pub async fn with_password(
    app: &App<impl Platform>,
    collection: &str,
    credentials: &Credentials,
) -> Result<Vec<u8>> {
    let account = match find(app, collection, credentials).await? {
        None if collection_is_superusers(app, collection).await? => {
            create_first_superuser(app).await?;
            // Again, whoever made it: many may sign in first at once.
            find(app, collection, credentials).await?
        }
        found => found,
    };
    let hash = account.as_ref().map_or(NOBODY, |account| account.hash.as_str());
    let matches = backspin_password::verify(&credentials.password, hash)?;
    let account = account.filter(|_| matches).ok_or_else(|| Error::bad_request("Failed to authenticate."))?;
    let token = account.claims.sign(&account.key);
    Ok(format!(r#"{{"record":{},"token":"{token}"}}"#, account.json).into_bytes())
}

struct Account {
    hash: String,
    /// The record as its owner sees it.
    json: String,
    /// Signs the tokens of this account.
    key: String,
    claims: Claims,
}

async fn find(
    app: &App<impl Platform>,
    collection: &str,
    credentials: &Credentials,
) -> Result<Option<Account>> {
    app.with_schema(async |snapshot| {
        let (collection, options) = auth_collection(snapshot, collection)?;
        check_options(options)?;
        check(credentials, options)?;
        let sql = sql(collection, options, &credentials.identity_field);
        let row = match app.read(snapshot, &sql, vec![credentials.identity.as_str().into()]).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(row) => row,
        };
        let mut row = row.into_iter().map(|value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        });
        let mut next = || row.next().flatten();
        let (Some(id), Some(hash), Some(token_key), Some(json)) = (next(), next(), next(), next()) else {
            return Ok(Attempt::Done(None));
        };
        Ok(Attempt::Done(Some(Account {
            hash,
            json,
            key: format!("{token_key}{}", options.auth_token.secret),
            claims: Claims {
                collection_id: collection.id.clone(),
                exp: app.env().now().unix_seconds() + options.auth_token.duration,
                id,
                refreshable: true,
                kind: TokenType::Auth,
            },
        })))
    })
    .await
}

fn auth_collection<'a>(
    snapshot: &'a Snapshot,
    id_or_name: &str,
) -> Result<(&'a Collection, &'a AuthOptions)> {
    let not_found = |what: &str| Error::NotFound(format!("Missing or invalid {what}collection context."));
    let collection = snapshot.find(id_or_name).ok_or_else(|| not_found(""))?;
    Ok((collection, collection.auth().ok_or_else(|| not_found("auth "))?))
}

fn check_options(options: &AuthOptions) -> Result<()> {
    if !options.password_auth.enabled {
        let message = "The collection is not configured to allow password authentication.";
        return Err(Error::Forbidden(message.to_owned()));
    }
    if options.mfa.enabled || options.auth_rule.as_deref() != Some("") {
        let message = "This version cannot check a second factor or a rule at sign-in yet.";
        return Err(Error::Unsupported(message.to_owned()));
    }
    Ok(())
}

fn check(credentials: &Credentials, options: &AuthOptions) -> Result<()> {
    let mut errors = FieldErrors::default();
    for (name, text, max) in [
        ("identity", &credentials.identity, limits::IDENTITY_CHARS_MAX),
        ("password", &credentials.password, SECRET_CHARS_MAX),
    ] {
        if text.is_empty() {
            errors.add(name, value::required());
        } else if text.chars().count() > max {
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

/// One row: id, password hash, token key and JSON of the first identity field's match, or nulls.
fn sql(collection: &Collection, options: &AuthOptions, identity_field: &str) -> String {
    let table = Quoted(&collection.name);
    let fields = options.password_auth.identity_fields.iter();
    let fields = fields.filter(|field| identity_field.is_empty() || identity_field == *field);
    let matches: String = fields
        .map(|field| format!("(SELECT \"_rowid_\" FROM {table} WHERE {} = ?1), ", Quoted(field)))
        .collect();
    let json = record_json_sql(collection, "record", Sight::Owner);
    format!(
        r#"SELECT {VERSION_SQL}, "record"."id", "record"."password", "record"."tokenKey", {json}
FROM (SELECT 1) LEFT JOIN {table} AS "record" ON "record"."_rowid_" = coalesce({matches}NULL, NULL)"#
    )
}

async fn collection_is_superusers(app: &App<impl Platform>, id_or_name: &str) -> Result<bool> {
    Ok(app.snapshot().await?.find(id_or_name).is_some_and(|collection| collection.id == SUPERUSERS_ID))
}
