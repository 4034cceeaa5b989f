//! The second factor: a sign-in by one method is remembered for a while in `_mfas`, until a sign-in by another
//! method completes it.

use std::borrow::Cow;

use backspin_core::{Database, Env, Error, Platform, RequestParameters, Result, Timestamp, Value, id};
use backspin_schema::collection::Mfa;
use backspin_schema::{App, AuthRecord, Collection};
use serde_json::{Map, Value as Json};

const FORGET_SQL: &str = r#"DELETE FROM "_mfas"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "created" < ?3"#;

const REMEMBER_SQL: &str = r#"INSERT INTO "_mfas"
("id", "collectionRef", "recordRef", "method", "created", "updated")
VALUES (?1, ?2, ?3, ?4, ?5, ?5)"#;

const COMPLETE_SQL: &str = r#"DELETE FROM "_mfas"
WHERE "id" = ?1 AND "collectionRef" = ?2 AND "recordRef" = ?3 AND "created" >= ?4 AND "method" != ?5
RETURNING 1"#;

const OWN_SQL: &str = r#"SELECT "collectionRef" = ?2 AND "recordRef" = ?3
FROM "_mfas"
WHERE "id" = ?1 AND "created" >= ?4"#;

const FIRST_SQL: &str = r#"SELECT "recordRef" FROM "_mfas"
WHERE "id" = ?1 AND "collectionRef" = ?2 AND "created" >= ?3 AND "method" != ?4"#;

/// How long it is remembered where the collection does not say.
const DURATION_SECONDS: i64 = 600;

/// Remembers that the record has proved itself by `method`, for as long as the collection says. Returns the id to come
/// back with. What was remembered too long ago is forgotten.
pub(crate) async fn remember(
    app: &App<impl Platform>,
    record: &AuthRecord,
    options: &Mfa,
    method: &str,
) -> Result<String> {
    let id = id::record_id(app.env());
    let (collection, since) = (record.collection_id.as_str(), oldest(app.env(), options));
    let expired: Vec<Value> = vec![collection.into(), record.id().into(), since.into()];
    app.database().execute(FORGET_SQL, expired).await?;
    let now = app.env().now().to_string();
    let new = [id.as_str(), collection, record.id(), method, &now].map(Value::from);
    app.database().execute(REMEMBER_SQL, new.into()).await?;
    Ok(id)
}

/// Takes what was remembered under `id`, which can be done once, as the first factor of the record beside `method`.
///
/// Errors: 400 if it is unknown, over, of another record, or of the same method.
pub(crate) async fn complete(
    app: &App<impl Platform>,
    record: &AuthRecord,
    options: &Mfa,
    method: &str,
    id: &str,
) -> Result<()> {
    let since = oldest(app.env(), options);
    let asked: Vec<Value> = [id, &record.collection_id, record.id(), &since].map(Value::from).into();
    let taken = app.database().execute(COMPLETE_SQL, [asked.clone(), vec![method.into()]].concat()).await?;
    if taken.into_first().is_some() {
        return Ok(());
    }
    Err(match app.database().query(OWN_SQL, asked).await?.into_first() {
        None => invalid_first_factor(),
        Some(Value::Integer(1)) => Error::bad_request("A different authentication method is required."),
        Some(_) => Error::bad_request("Invalid MFA session."),
    })
}

/// The id of the record that is remembered under `id`, by another method than `method`.
///
/// Errors: 400 if there is none.
pub(crate) async fn first_factor_of(
    app: &App<impl Platform>,
    collection: &Collection,
    options: &Mfa,
    method: &str,
    id: &str,
) -> Result<String> {
    let since = oldest(app.env(), options);
    let asked: Vec<Value> = [id, &collection.id, &since, method].map(Value::from).into();
    match app.database().query(FIRST_SQL, asked).await?.into_first() {
        Some(Value::Text(record_id)) => Ok(record_id),
        _ => Err(invalid_first_factor()),
    }
}

/// The error of an id under which nothing is remembered.
pub(crate) fn invalid_first_factor() -> Error {
    Error::bad_request("Invalid or expired MFA session.")
}

/// The `mfaId` of a request: of its body, or else of its query; empty for none.
///
/// Errors: 400 if it is no text.
pub(crate) fn mfa_id<'a>(
    body: &'a Map<String, Json>,
    parameters: &'a dyn RequestParameters,
) -> Result<Cow<'a, str>> {
    match body.get("mfaId") {
        Some(Json::String(id)) if !id.is_empty() => Ok(id.into()),
        None | Some(Json::Null | Json::String(_)) => Ok(parameters.query("mfaId").unwrap_or_default()),
        Some(_) => Err(Error::bad_request("Failed to read MFA Id.")),
    }
}

/// The first moment that is still remembered.
fn oldest(env: &impl Env, options: &Mfa) -> String {
    let seconds = if options.duration > 0 { options.duration } else { DURATION_SECONDS };
    let ms = seconds.saturating_mul(1000);
    Timestamp::from_unix_ms(env.now().unix_ms().saturating_sub(ms)).to_string()
}
