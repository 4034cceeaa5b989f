//! Tables of accounts that are no collections: made when they are first written, listed as pages.

use backspin_core::{Database, DatabaseError, Error, Platform, Result, Rows, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Page};

/// A statement of one row: the page as JSON in PocketBase's shape, of `item` for each row of `table` where `condition`
/// holds, the latest first. `?1` to `?3` are number, size and offset of the page, negative offsets mean that nothing is
/// counted; `condition` and `item` have the parameters from `?4` on.
pub(crate) fn list_sql(table: &str, item: &str, condition: &str) -> String {
    let table = Quoted(table);
    format!(
        r#"SELECT json_object(
    'items', json((
        SELECT json_group_array({item})
        FROM (
            SELECT * FROM {table}
            WHERE {condition}
            ORDER BY "created" DESC, "id"
            LIMIT ?2 OFFSET max(?3, -1 - ?3)
        )
    )),
    'page', ?1,
    'perPage', ?2,
    'totalItems', "total",
    'totalPages', iif("total" < 0, -1, ("total" + ?2 - 1) / ?2)
)
FROM (SELECT iif(?3 < 0, -1, (SELECT count(*) FROM {table} WHERE {condition})) AS "total")"#
    )
}

/// Runs a statement of [`list_sql`]. An empty page if the table was not made yet.
pub(crate) async fn only_page(
    app: &App<impl Platform>,
    sql: &str,
    page: Page,
    parameters: impl IntoIterator<Item = Value>,
) -> Result<Vec<u8>> {
    let offset = if page.skip_total { -1 - page.offset() } else { page.offset() };
    let own = [page.number, i64::from(page.size), offset].map(Value::from);
    let parameters = own.into_iter().chain(parameters).collect();
    match app.database().query(sql, parameters).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            let total = if page.skip_total { -1 } else { 0 };
            let (number, size) = (page.number, page.size);
            Ok(format!(
                r#"{{"items":[],"page":{number},"perPage":{size},"totalItems":{total},"totalPages":{total}}}"#
            )
            .into_bytes())
        }
        rows => match rows?.into_first() {
            Some(Value::Text(json)) => Ok(json.into_bytes()),
            _ => Err(Error::internal("a list of an internal table is no text")),
        },
    }
}

/// Runs a statement that writes; if the table is missing, it is made first by the statements `made_by`.
pub(crate) async fn execute(
    app: &App<impl Platform>,
    made_by: &[&str],
    sql: &str,
    parameters: Vec<Value>,
) -> Result<Rows> {
    match app.database().execute(sql, parameters.clone()).await {
        Err(DatabaseError::NoSuchTable(_)) => {
            for statement in made_by {
                app.database().execute(statement, Vec::new()).await?;
            }
            Ok(app.database().execute(sql, parameters).await?)
        }
        rows => Ok(rows?),
    }
}

/// No rows if the table was not made yet.
pub(crate) fn or_nothing(rows: Result<Rows, DatabaseError>) -> Result<Rows> {
    match rows {
        Err(DatabaseError::NoSuchTable(_)) => Ok(Rows::default()),
        rows => Ok(rows?),
    }
}
