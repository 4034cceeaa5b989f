//! The three routes that are measured. Each is one statement, which renders the JSON of the reply.

use std::sync::LazyLock;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::store::{COLLECTIONS, Store};

const PER_PAGE_MAX: i64 = 1000;
const ID_LENGTH: usize = 15;
const ID_ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// `GET /api/collections/{collection}/records/{id}`
pub(crate) async fn view(
    State(store): State<Store>,
    Path((collection, id)): Path<(String, String)>,
) -> Response {
    let Some(statements) = statements_of(&collection) else { return StatusCode::NOT_FOUND.into_response() };
    reply(store.read(|connection| one_text(connection, &statements.view, params![id])))
}

/// The query of a list; `sort` is `rank` or `-rank`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    page: i64,
    per_page: i64,
    sort: String,
}

/// `GET /api/collections/{collection}/records`
pub(crate) async fn list(
    State(store): State<Store>,
    Path(collection): Path<String>,
    Query(page): Query<Page>,
) -> Response {
    let Some(statements) = statements_of(&collection) else { return StatusCode::NOT_FOUND.into_response() };
    let sql = match page.sort.as_str() {
        "rank" => &statements.list_ascending,
        "-rank" => &statements.list_descending,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let number = page.page.max(1);
    let per_page = page.per_page.clamp(1, PER_PAGE_MAX);
    let offset = per_page.saturating_mul(number - 1);
    reply(store.read(|connection| one_text(connection, sql, params![number, per_page, offset])))
}

/// The body of a create.
#[derive(Deserialize)]
pub(crate) struct NewPost {
    id: Option<String>,
    title: String,
    body: String,
    rank: f64,
    published: bool,
    tags: Box<RawValue>,
}

/// `POST /api/collections/{collection}/records`
pub(crate) async fn create(
    State(store): State<Store>,
    Path(collection): Path<String>,
    Json(post): Json<NewPost>,
) -> Response {
    let Some(statements) = statements_of(&collection) else { return StatusCode::NOT_FOUND.into_response() };
    let id = post.id.unwrap_or_else(new_id);
    reply(store.write(|connection| {
        let values = params![id, post.title, post.body, post.rank, post.published, post.tags.get()];
        one_text(connection, &statements.create, values)
    }))
}

/// The SQL of one collection, written once.
struct Statements {
    view: String,
    list_ascending: String,
    list_descending: String,
    create: String,
}

static STATEMENTS: LazyLock<[Statements; 2]> = LazyLock::new(|| COLLECTIONS.map(Statements::new));

fn statements_of(collection: &str) -> Option<&'static Statements> {
    let at = COLLECTIONS.iter().position(|known| *known == collection)?;
    STATEMENTS.get(at)
}

impl Statements {
    fn new(collection: &str) -> Self {
        let record = record_json(collection);
        Self {
            view: format!("SELECT {record} FROM {collection} WHERE id = ?1"),
            list_ascending: list_sql(collection, "rank ASC"),
            list_descending: list_sql(collection, "rank DESC"),
            create: format!(
                "INSERT INTO {collection} (id, title, body, rank, published, tags, created, updated)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, now, now
                FROM (SELECT strftime('%Y-%m-%d %H:%M:%fZ', 'now') AS now)
                RETURNING {record}"
            ),
        }
    }
}

fn list_sql(collection: &str, order: &str) -> String {
    let record = record_json(collection);
    format!(
        "SELECT json_object(
            'items', json((
                SELECT json_group_array({record})
                FROM (SELECT * FROM {collection} ORDER BY {order} LIMIT ?2 OFFSET ?3)
            )),
            'page', ?1,
            'perPage', ?2,
            'totalItems', total,
            'totalPages', (total + ?2 - 1) / ?2
        )
        FROM (SELECT COUNT(*) AS total FROM {collection})"
    )
}

/// The SQL expression that renders a record as PocketBase does.
fn record_json(collection: &str) -> String {
    let collection_id = crc32fast::hash(format!("base{collection}").as_bytes());
    format!(
        "json_object(
            'body', body,
            'collectionId', 'pbc_{collection_id}',
            'collectionName', '{collection}',
            'created', created,
            'id', id,
            'published', json(iif(published, 'true', 'false')),
            'rank', rank,
            'tags', json(tags),
            'title', title,
            'updated', updated
        )"
    )
}

fn one_text(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Option<String>> {
    connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()
}

fn reply(found: rusqlite::Result<Option<String>>) -> Response {
    match found {
        Ok(Some(json)) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(fault) => {
            eprintln!("{fault}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn new_id() -> String {
    std::iter::repeat_with(|| char::from(ID_ALPHABET[fastrand::usize(..ID_ALPHABET.len())]))
        .take(ID_LENGTH)
        .collect()
}
