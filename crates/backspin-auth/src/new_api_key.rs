//! `POST /api/api-keys`: a key is made, and its secret shown this once.

use backspin_core::{Env, Error, FieldError, FieldErrors, Platform, Result, Timestamp, Value, id};
use backspin_schema::value::required;
use backspin_schema::{App, Attempt, AuthRecord, Caller, Scopes, Snapshot};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::api_key::{ApiKey, stamp};
use crate::api_keys::write;
use crate::form::{check_length, refuse, refused};
use crate::session::{Identified, find_record, requires_token};
use crate::{impersonate, refresh};

const NAME_BYTES_MAX: usize = 100;
const SCOPES_MAX: usize = 200;
/// What a refusal repeats of a scope.
const SHOWN_CHARS: usize = 80;
const OF_ACCOUNT_MAX: i64 = 100;
const DAY_MS: i64 = 86_400_000;
/// Without a date, and at the latest.
const EXPIRES_DAYS: i64 = 90;
const EXPIRES_DAYS_MAX: i64 = 3660;
/// How long what is over is still shown.
const SHOWN_DAYS: i64 = 30;
/// How lately a user has to have signed in to make a key, so that a stolen session is not turned into one.
const SIGNED_IN_MS_MAX: i64 = 3_600_000;

/// Nothing if the account has [`OF_ACCOUNT_MAX`] that are not over.
const CREATE_SQL: &str = r#"INSERT INTO "_apiKeys"
("id", "hash", "name", "collectionRef", "recordRef", "stamp", "scopes", "created", "expires")
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE ?10 > (
    SELECT count(*) FROM "_apiKeys"
    WHERE "collectionRef" = ?4 AND "recordRef" = ?5 AND "expires" > ?8
)
RETURNING 1"#;

const SWEEP_SQL: &str = r#"DELETE FROM "_apiKeys"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "expires" < ?3"#;

/// A key as it is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewApiKey {
    /// What it is for, 1 to 100 bytes.
    pub name: Option<String>,
    /// Such as `posts:list`, `posts:*`, `*:view` or `changes`; at least one, at most 200.
    pub scopes: Option<Vec<String>>,
    /// When it ends; without it, in 90 days.
    pub expires: Option<String>,
    /// For superusers: the collection (name or id) and the id of the account that the key is for.
    pub collection: Option<String>,
    pub record: Option<String>,
}

/// Makes a key and returns it as JSON, with the secret itself in `key`, which is shown this once. Superusers make keys
/// for every account, users for their own.
///
/// Errors: 401 for guests; 403 for users who want a key for somebody else, and for those who have not signed in within
/// the last hour; 400 with the refused fields, and for an account that has 100 keys.
pub async fn create_api_key(
    app: &App<impl Platform>,
    identified: &Identified,
    body: Result<NewApiKey>,
) -> Result<Vec<u8>> {
    let now = app.env().now();
    let caller = may_create(identified, now)?;
    let new = body?;
    let owner = owner(app, &identified.caller, caller, &new).await?;
    let (name, expires) = new.check(now)?;
    let (scopes, shown_scopes) = app.with_schema(async |snapshot| new.scopes(snapshot)).await?;
    let bound = stamp(&owner).ok_or_else(|| Error::internal("the owner of an API key has no token key"))?;
    let key = ApiKey::random(app.env());
    let (id, created) = (id::record_id(app.env()), now.to_string());
    let oldest = now.plus_ms(-SHOWN_DAYS * DAY_MS).to_string();
    let (collection, record) = (owner.collection_id.as_str(), owner.id());
    let swept = [collection, record, &oldest].map(Value::from).into();
    write(app, SWEEP_SQL, swept).await?;
    let stored = scopes.to_stored();
    let texts = [&id, &key.hash(), name, collection, record, &bound, &stored, &created, &expires];
    let parameters = texts.map(Value::from).into_iter().chain([OF_ACCOUNT_MAX.into()]).collect();
    if write(app, CREATE_SQL, parameters).await?.into_first().is_none() {
        let message = format!("The account has {OF_ACCOUNT_MAX} API keys. Delete those that are not needed.");
        return Err(Error::bad_request(message));
    }
    let reply = json!({
        "collectionRef": collection, "created": created, "expires": expires, "id": id, "key": key.as_str(),
        "name": name, "recordRef": record, "scopes": shown_scopes, "used": "",
    });
    serde_json::to_vec(&reply).map_err(|error| Error::Internal(error.into()))
}

impl NewApiKey {
    /// The name, and when it ends.
    ///
    /// Errors: 400 with the refused fields.
    fn check(&self, now: Timestamp) -> Result<(&str, String)> {
        let mut errors = FieldErrors::default();
        let name = self.name.as_deref().unwrap_or_default();
        check_length(&mut errors, "name", name, (1, NAME_BYTES_MAX));
        match self.scopes.as_ref().map_or(0, Vec::len) {
            0 => errors.add("scopes", required()),
            1..=SCOPES_MAX => {}
            _ => {
                let message = format!("There must be at most {SCOPES_MAX}.");
                errors.add("scopes", FieldError::new("validation_length_too_long", message));
            }
        }
        let last = now.plus_ms(EXPIRES_DAYS_MAX * DAY_MS);
        let expires = match self.expires.as_deref().unwrap_or_default() {
            "" => Some(now.plus_ms(EXPIRES_DAYS * DAY_MS)),
            text => Timestamp::parse(text).filter(|moment| (now..=last).contains(moment)),
        };
        if expires.is_none() {
            let message = format!("Must be a date to come, {EXPIRES_DAYS_MAX} days from now at the latest.");
            errors.add("expires", FieldError::new("validation_invalid_date", message));
        }
        refuse(errors)?;
        Ok((name, expires.unwrap_or(now).to_string()))
    }

    /// The scopes, and how they are shown.
    ///
    /// Errors: 400 for what is none.
    fn scopes(&self, snapshot: &Snapshot) -> Result<Attempt<(Scopes, Json)>> {
        let names: Vec<&str> = self.scopes.iter().flatten().map(String::as_str).collect();
        let scopes = Scopes::parse(&names, snapshot).map_err(|bad| {
            let bad: String = bad.chars().take(SHOWN_CHARS).collect();
            let message =
                format!("{bad:?} is no scope. Scopes are like posts:list, posts:*, *:view or changes.");
            refused("scopes", FieldError::new("validation_invalid_scope", message))
        })?;
        let shown = scopes.to_json(snapshot);
        Ok(Attempt::Done((scopes, shown)))
    }
}

/// The caller, if it is one who makes keys.
fn may_create(identified: &Identified, now: Timestamp) -> Result<&AuthRecord> {
    let Caller::Record(record) = &identified.caller else { return Err(requires_token()) };
    let is_fresh = identified.session.as_ref().is_some_and(|session| {
        session.created >= now.plus_ms(-SIGNED_IN_MS_MAX).to_string()
            && !matches!(session.method.as_str(), impersonate::METHOD | refresh::METHOD)
    });
    match identified.caller.is_superuser() || is_fresh {
        true => Ok(record),
        false => Err(Error::Forbidden("Sign in again to make an API key.".to_owned())),
    }
}

/// Whom the key is for.
async fn owner(
    app: &App<impl Platform>,
    caller: &Caller,
    own: &AuthRecord,
    new: &NewApiKey,
) -> Result<AuthRecord> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (collection, record) = match (given(&new.collection), given(&new.record)) {
        (None, None) => return Ok(own.clone()),
        (Some(_), None) => return Err(refused("record", required())),
        (None, Some(_)) => return Err(refused("collection", required())),
        (Some(collection), Some(record)) => (collection, record),
    };
    let unknown = |field, message: &str| refused(field, FieldError::new("validation_invalid_owner", message));
    let found = app.with_schema(async |snapshot| {
        let Some(collection) = snapshot.find(&collection).filter(|found| found.is_auth()) else {
            caller.require_superuser()?;
            return Err(unknown("collection", "There is no such auth collection."));
        };
        if collection.id != own.collection_id || record != own.id() {
            caller.require_superuser()?;
        }
        Ok(match find_record(app, snapshot, collection, &record).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(None) => return Err(unknown("record", "There is no such account.")),
            Attempt::Done(Some(owner)) => Attempt::Done(owner),
        })
    });
    found.await
}
