//! `POST /api/collections/meta/dry-run-view`

mod preview;

use backspin_core::{Database, Env, Error, FieldError, ParameterPairs, Platform, Result, Value, id};
use backspin_records::{ListQuery, ReplyShape, RequestInfo};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, Collection, Page, Schema, Snapshot};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json, json};

use crate::change::{Wanted, prepare};
use crate::check::INVALID_QUERY;
use crate::draft;
use crate::view_query::ViewQuery;
use preview::Preview;

const UNREADABLE: &str = "An error occurred while loading the submitted data.";
const INVALID: &str = "An error occurred while validating the submitted data.";
const SAMPLE: Page = Page { number: 1, size: 10, skip_total: true };
/// How many records are looked at for their ids.
const RECORDS_CHECKED_MAX: usize = 100_000;
const NAME_RANDOM_CHARS: usize = 5;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What a view of `{"query":"SELECT …"}` would have: `{"fields":[…],"sample":[…]}`, with up to 10 records of
/// a collection whose name begins with `temp_view_`. Nothing is written, nobody has to wait.
///
/// Errors: 400 with what is wrong in the query; 401, 403.
pub async fn dry_run_view(
    app: &App<impl Platform>,
    caller: &Caller,
    body: Map<String, Json>,
) -> Result<String> {
    caller.require_superuser()?;
    let query = match body.get("query") {
        None | Some(Json::Null) => "",
        Some(Json::String(query)) => query,
        Some(_) => return Err(Error::bad_request(UNREADABLE)),
    };
    if query.is_empty() {
        return Err(Error::field(INVALID, "query", "validation_required", "Cannot be blank."));
    }
    let described = describe(query, app.env())?;
    app.with_schema(async |snapshot| {
        let wanted = Wanted::with(snapshot, described.clone());
        let prepared = prepare(app, snapshot, wanted).await.map_err(refused)?;
        let Some(view) = prepared.subject() else { return Err(Error::not_found()) };
        let select = match ViewQuery::read(snapshot, query) {
            Ok(query) => query.select,
            Err(error) => return Err(invalid(&error.reason())),
        };
        let preview = Preview::new(app, view, &select);
        check_ids(preview.database(), view).await?;
        let sample = sample(preview, snapshot, caller, view).await?;
        if !app.is_current(snapshot).await? {
            return Ok(Attempt::Stale);
        }
        Ok(Attempt::Done(json!({ "fields": view.fields, "sample": sample }).to_string()))
    })
    .await
}

fn describe(query: &str, env: &impl Env) -> Result<Collection> {
    let name = format!("temp_view_{}", id::random_string(env, NAME_RANDOM_CHARS, ALPHABET));
    let view = [("type", "view"), ("name", &name), ("viewQuery", query)];
    draft::create(
        view.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect(),
        env,
        &SecretKey::default(),
    )
}

/// The first records of the view, as its list would have them.
async fn sample(
    preview: Preview<'_, impl Platform>,
    snapshot: &Snapshot,
    caller: &Caller,
    view: &Collection,
) -> Result<Json> {
    let collections = snapshot.collections().iter().chain([view]).cloned().collect();
    let schema = Snapshot::new(snapshot.version().to_owned(), Schema::new(collections));
    let app = App::with_snapshot(preview, schema.into());
    let info = RequestInfo::new(caller, "GET", &ParameterPairs::NONE);
    let query = ListQuery { page: SAMPLE, sort: "", filter: "", shape: ReplyShape::default() };
    let list = backspin_records::list(&app, &info, &view.name, &query).await?;
    let mut list: Json = serde_json::from_slice(&list).map_err(|error| Error::Internal(error.into()))?;
    Ok(list["items"].take())
}

/// Errors: 400 for ids that are empty or not unique, or for what only shows when the query is run.
async fn check_ids(database: &impl Database, view: &Collection) -> Result<()> {
    let sql = format!(
        r#"SELECT count(*), count(nullif("id", '')), count(DISTINCT "id")
FROM (SELECT "id" FROM {} LIMIT {RECORDS_CHECKED_MAX})"#,
        Quoted(&view.name)
    );
    let counts = database.query(&sql, Vec::new()).await.map_err(|error| {
        let text = error.to_string();
        invalid(text.split(" in WITH ").next().unwrap_or_default())
    })?;
    match counts.rows.first().map(Vec::as_slice) {
        Some([Value::Integer(all), Value::Integer(with_id), _]) if all != with_id => {
            Err(invalid("the query could return records with empty or invalid ids"))
        }
        Some([Value::Integer(all), _, Value::Integer(distinct)]) if all != distinct => {
            Err(invalid("the query could return records with non-unique ids"))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a definition, as what is wrong with its query.
fn refused(error: Error) -> Error {
    let Error::BadRequest { fields, .. } = &error else { return error };
    match fields.get("viewQuery") {
        Some(FieldError::Leaf { message, .. }) => {
            invalid(message.strip_prefix(INVALID_QUERY).unwrap_or(message))
        }
        _ => error,
    }
}

fn invalid(reason: &str) -> Error {
    Error::bad_request(format!("Invalid view query. Raw error: \n{}.", reason.trim_end_matches('.')))
}
