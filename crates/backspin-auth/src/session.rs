//! From a request's token to its sender.

use backspin_core::{Env, Error, Platform, Result, Value};
use backspin_schema::collection::Token;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, AuthRecord, Caller, Collection, Snapshot, VERSION_SQL};

use crate::token::{TokenType, Unverified};

/// Who sends a request with this token. One statement; none for guests. A token that is not valid, for
/// whatever reason, makes a guest.
pub async fn identify(app: &App<impl Platform>, token: Option<&str>) -> Result<Caller> {
    let token = token.and_then(|token| Unverified::parse(token, app.env().now()));
    let Some(token) = token.filter(|token| token.claims.kind == TokenType::Auth) else {
        return Ok(Caller::Guest);
    };
    app.with_schema(async |snapshot| {
        let collection = snapshot.find_by_id(&token.claims.collection_id);
        let Some((collection, options)) = collection.and_then(|found| Some((found, found.auth()?))) else {
            // It may be a collection that was made since.
            let current = app.is_current(snapshot).await?;
            return Ok(if current { Attempt::Done(Caller::Guest) } else { Attempt::Stale });
        };
        Ok(match find_bearer(app, snapshot, collection, &options.auth_token, &token).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(record) => Attempt::Done(record.map_or(Caller::Guest, Caller::Record)),
        })
    })
    .await
}

/// The record of `collection` that the token names, if the token was signed with its key and the collection's secret
/// for `purpose`. One statement.
pub(crate) async fn find_bearer(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    collection: &Collection,
    purpose: &Token,
    token: &Unverified<'_>,
) -> Result<Attempt<Option<AuthRecord>>> {
    let sql = snapshot.memo().get_or_make(&collection.id, || Ok(Sql(sql(collection))))?;
    let row = match app.read(snapshot, &sql.0, vec![token.claims.id.as_str().into()]).await? {
        Attempt::Stale => return Ok(Attempt::Stale),
        Attempt::Done(row) => row,
    };
    let names = collection.fields.iter().map(|field| field.name.clone());
    let record = AuthRecord {
        collection_id: collection.id.clone(),
        collection_name: collection.name.clone(),
        fields: names.zip(row).collect(),
    };
    let valid = signing_key(&record, purpose).is_some_and(|key| token.is_signed_with(&key));
    Ok(Attempt::Done(valid.then_some(record)))
}

/// What signs the tokens of a record for `purpose`; `None` if it has no token key, and so none.
pub(crate) fn signing_key(record: &AuthRecord, purpose: &Token) -> Option<String> {
    match record.get("tokenKey") {
        Some(Value::Text(key)) if !key.is_empty() => Some(format!("{key}{}", purpose.secret)),
        _ => None,
    }
}

/// The error of a guest where somebody has to be signed in.
pub(crate) fn requires_token() -> Error {
    Error::Unauthorized("The request requires valid record authorization token.".to_owned())
}

struct Sql(String);

/// One row, with nulls if there is no such record.
fn sql(collection: &Collection) -> String {
    let columns: Vec<String> =
        collection.fields.iter().map(|field| format!("\"record\".{}", Quoted(&field.name))).collect();
    format!(
        "SELECT {VERSION_SQL}, {}\nFROM (SELECT 1) LEFT JOIN {} AS \"record\" ON \"record\".\"id\" = ?1",
        columns.join(", "),
        Quoted(&collection.name)
    )
}
