//! `POST /api/batch`: several creates, updates, upserts and deletes, all or nothing.

mod limits;
mod parameters;
mod requests;
mod route;

use std::borrow::Cow;
use std::cell::RefCell;

use backspin_core::{Env, Error, FieldError, FieldErrors, ParameterPairs, Platform, Result, Value};
use backspin_query::Fields;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, VERSION_SQL};
use serde_json::{Map, Value as Json};

use crate::access::get_collection;
use crate::in_transaction::in_transaction;
use crate::password_hashes::PasswordHashes;
use crate::request::{ReplyShape, RequestInfo};
use crate::{create, delete, update};
pub use limits::BatchLimits;
use parameters::InnerParameters;
use requests::BatchRequest;
use route::{Action, Route};

/// How often a batch begins again with hashes of passwords that turned out to be needed.
const ATTEMPTS_MAX: usize = 3;
/// How long they may take.
const HASHING_MS_MAX: i64 = 10_000;

/// Carries out the requests of `{"requests":[{"method","url","headers"?,"body"?},…]}` in their order and
/// in one transaction. Each sees what those before it have written, and each is checked as if it came by
/// itself from the same caller. Passwords are hashed between two transactions: the first shows that all requests are
/// allowed, the second stores what they write.
///
/// Returns `[{"body":{…},"status":200},…]`; the body of a delete is null and its status 204.
///
/// Errors: 400 if the body is no batch, and if a request fails, with the position and the error of the
/// first that does; 400 if all of it takes longer than `limits` allow. 501 and 5xx of a request
/// are those of the batch. After an error nothing is stored.
pub async fn batch(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    body: Map<String, Json>,
    limits: BatchLimits,
) -> Result<Vec<u8>> {
    let requests = requests::read(body, limits.requests_max)?;
    let fields = request.parameters.query("fields").unwrap_or_default();
    let fields = Fields::parse(&fields).map_err(|error| Error::bad_request(error.to_string()))?;
    let hashes = PasswordHashes::to_be_found();
    let request = RequestInfo { hashes: Some(&hashes), ..*request };
    for _ in 0..ATTEMPTS_MAX {
        let missing = RefCell::default();
        let reply = in_transaction(app, async |inner| {
            let reply = run_all(inner, &request, &requests, limits.ms_max).await?;
            missing.replace(hashes.take_missing());
            // What is given up here is done again with the hashes.
            let is_whole = missing.borrow().is_empty();
            if is_whole { chosen(reply, &fields) } else { Err(Error::Busy) }
        })
        .await;
        let missing = missing.into_inner();
        if missing.is_empty() {
            return reply;
        }
        hash_all(app, missing, &hashes).await?;
    }
    Err(Error::Busy)
}

/// Makes the hashes of these passwords, in turn and while others can write.
///
/// Errors: 400 if it takes too long; 429 if others make too many.
async fn hash_all(app: &App<impl Platform>, passwords: Vec<String>, hashes: &PasswordHashes) -> Result<()> {
    let end_ms = app.env().now().unix_ms() + HASHING_MS_MAX;
    let hashing = backspin_settings::of(&*app.snapshot().await?)?.passwords;
    for password in passwords {
        if app.env().now().unix_ms() > end_ms {
            return Err(takes_too_long());
        }
        let hash = hashing.hash_in_turn(&password, app.platform()).await?;
        hashes.insert(password, hash);
    }
    Ok(())
}

/// The updates of the batch in `body` that come with an old password: collection, id, and body of each. What is no batch
/// has none.
pub fn changes_of_passwords(body: &Map<String, Json>) -> Vec<(String, String, &Map<String, Json>)> {
    let requests = body.get("requests").and_then(Json::as_array).into_iter().flatten();
    let change = |request: &Json| {
        let text = |key: &str| request.get(key).and_then(Json::as_str).unwrap_or_default();
        let route = Route::find(text("method"), text("url"))?;
        let id = match route.action {
            Action::Update(id) => id,
            Action::Upsert => with_id(request.get("body")?.as_object()?).1?,
            Action::Create | Action::Delete(_) => return None,
        };
        Some((route.collection, id))
    };
    let with_body = requests.filter_map(|request| {
        let body = request.get("body")?.as_object()?;
        body.contains_key("oldPassword").then_some(())?;
        change(request).map(|(collection, id)| (collection, id, body))
    });
    with_body.collect()
}

async fn run_all(
    app: &App<impl Platform>,
    outer: &RequestInfo<'_>,
    requests: &[BatchRequest],
    ms_max: i64,
) -> Result<Vec<u8>> {
    let end_ms = app.env().now().unix_ms() + ms_max;
    let mut reply = vec![b'['];
    for (position, request) in requests.iter().enumerate() {
        if app.env().now().unix_ms() > end_ms {
            return Err(takes_too_long());
        }
        let body = run(app, outer, request).await.map_err(|error| request_failed(position, error))?;
        if position > 0 {
            reply.push(b',');
        }
        let status = if body.is_some() { 200 } else { 204 };
        reply.extend_from_slice(b"{\"body\":");
        reply.extend(body.unwrap_or_else(|| b"null".to_vec()));
        reply.extend_from_slice(format!(",\"status\":{status}}}").as_bytes());
    }
    reply.push(b']');
    Ok(reply)
}

/// The reply of one request; `None` if it has no content.
async fn run(
    app: &App<impl Platform>,
    outer: &RequestInfo<'_>,
    request: &BatchRequest,
) -> Result<Option<Vec<u8>>> {
    let route = Route::find(&request.method, &request.url)
        .ok_or_else(|| Error::bad_request("Something went wrong while processing your request."))?;
    let headers = own_headers(request);
    let own = ParameterPairs { query: &route.query, headers: &headers };
    let parameters = InnerParameters { own, outer: outer.parameters };
    let info = RequestInfo { context: "batch", parameters: &parameters, ..*outer };
    let shape = ReplyShape::of(&parameters);
    let collection = route.collection.as_str();
    let (body, id_in_body) = with_id(&request.body);
    check_collection(app, collection).await?;

    let create = async || {
        let info = RequestInfo { method: "POST", ..info };
        create(app, &info, collection, &body, &shape).await.map(Some)
    };
    let update = async |id: &str| {
        let info = RequestInfo { method: "PATCH", ..info };
        update(app, &info, collection, id, &body, &shape).await.map(Some)
    };
    match &route.action {
        Action::Create => create().await,
        Action::Update(id) => update(id).await,
        Action::Upsert => match id_in_body {
            Some(id) if exists(app, collection, &id).await? => update(&id).await,
            _ => create().await,
        },
        Action::Delete(id) => {
            let info = RequestInfo { method: "DELETE", ..info };
            delete(app, &info, collection, id).await.map(|()| None)
        }
    }
}

/// The headers of a request of a batch. Who asks is settled by the batch, and what the server says of the
/// connection is not for clients to say.
fn own_headers(request: &BatchRequest) -> Vec<(String, String)> {
    let own =
        request.headers.iter().map(|(name, value)| (name.to_lowercase().replace('-', "_"), value.clone()));
    own.filter(|(name, _)| name != "authorization" && !name.starts_with("spin_")).collect()
}

/// The body, and the id that it names. A number becomes its text.
fn with_id(body: &Map<String, Json>) -> (Cow<'_, Map<String, Json>>, Option<String>) {
    let (body, id) = match body.get("id") {
        Some(Json::Number(number)) => {
            let id = number.to_string();
            let mut body = body.clone();
            body.insert("id".to_owned(), id.as_str().into());
            (Cow::Owned(body), Some(id))
        }
        Some(Json::String(id)) => (Cow::Borrowed(body), Some(id.clone())),
        _ => (Cow::Borrowed(body), None),
    };
    (body, id.filter(|id| !id.is_empty()))
}

fn takes_too_long() -> Error {
    Error::bad_request("Batch transaction failed: it took too long. Send fewer requests.")
}

/// Errors: 404 if there is no such collection.
async fn check_collection(app: &App<impl Platform>, collection: &str) -> Result<()> {
    app.with_schema(async |snapshot| get_collection(snapshot, collection).map(|_| Attempt::Done(()))).await
}

async fn exists(app: &App<impl Platform>, collection: &str, id: &str) -> Result<bool> {
    app.with_schema(async |snapshot| {
        let table = Quoted(&get_collection(snapshot, collection)?.name);
        let sql = format!("SELECT {VERSION_SQL}, EXISTS (SELECT 1 FROM {table} WHERE \"id\" = ?1)");
        Ok(match app.read(snapshot, &sql, vec![id.into()]).await? {
            Attempt::Stale => Attempt::Stale,
            Attempt::Done(row) => Attempt::Done(row == [Value::Integer(1)]),
        })
    })
    .await
}

/// The error of a batch whose request at `position` has failed. What passes by itself or is a fault of ours is so for the
/// whole batch.
pub fn request_failed(position: usize, error: Error) -> Error {
    if error.status() >= 500 {
        return error;
    }
    let of_request = FieldError::Request {
        code: "batch_request_failed".to_owned(),
        message: "Batch request failed.".to_owned(),
        response: Box::new(error.envelope()),
    };
    let requests = FieldErrors::from_iter([(position.to_string(), of_request)]);
    let fields = FieldErrors::from_iter([("requests", FieldError::Nested(requests))]);
    Error::BadRequest { message: "Batch transaction failed.".to_owned(), fields }
}

/// The parts of the reply that `fields` asks for.
fn chosen(reply: Vec<u8>, fields: &Fields) -> Result<Vec<u8>> {
    if fields.is_empty() {
        return Ok(reply);
    }
    let reply: Json = serde_json::from_slice(&reply).map_err(|error| Error::Internal(error.into()))?;
    Ok(fields.pick(reply).to_string().into_bytes())
}
