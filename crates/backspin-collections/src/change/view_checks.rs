//! What the database says of a view: whether its query can be run, names only collections, and yields ids.

use backspin_core::{Database, DatabaseError, Platform, Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Collection, Schema, Snapshot};

use super::prepare::Prepared;
use super::wanted::Told;
use crate::check::{self, Change};
use crate::view_query;

/// How many records of a new view are looked at for their ids.
const RECORDS_CHECKED_MAX: usize = 100_000;

/// Why the database refuses a query; SQLite repeats the whole statement after it.
pub(super) fn reason(error: &DatabaseError) -> String {
    let text = error.to_string();
    let statement = [" in CREATE ", " in SELECT ", " in WITH "].iter().filter_map(|start| text.find(start));
    text[..statement.min().unwrap_or(text.len())].to_owned()
}

/// Errors: 400 if the query of a view names a table that is no collection's.
pub(super) async fn check_tables(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    wanted: &Schema,
    view: &Collection,
) -> Result<()> {
    let Some(query) = view.view_query() else { return Ok(()) };
    let named = view_query::named(query);
    let sql = r#"SELECT "name" FROM "sqlite_master" WHERE "type" IN ('table', 'view')"#;
    let rows = app.database().query(sql, Vec::new()).await?;
    for table in rows.rows.into_iter().flatten() {
        let Value::Text(table) = table else { continue };
        let is_known = wanted.find_by_name(&table).or_else(|| snapshot.find_by_name(&table)).is_some();
        if !is_known && named.contains(&table.to_lowercase()) {
            let change = match snapshot.find_by_id(&view.id) {
                Some(_) => Change::Update,
                None => Change::Create,
            };
            return Err(check::broken_view(change, &format!("{table} is no collection"), false));
        }
    }
    Ok(())
}

/// Errors: 400 if a view with a new query yields ids that are empty or not unique.
pub(super) async fn check_ids(transaction: &impl Transaction, prepared: &Prepared) -> Result<()> {
    for position in &prepared.defined {
        let view = &prepared.plan.collections()[*position];
        let before = prepared.plan.collections_before().iter().find(|before| before.id == view.id);
        let is_new = before.is_none_or(|before| before.view_query() != view.view_query());
        if !view.is_view() || !is_new {
            continue;
        }
        let change = match prepared.told {
            Told::One(change) => change,
            Told::Many => Change::Update,
        };
        let name = Quoted(&view.name);
        // A statement kept prepared is only made anew if it reads a table, which not every view does.
        let sql = format!(
            r#"SELECT count(*), count(nullif("id", '')), count(DISTINCT "id")
FROM (SELECT * FROM {name} LIMIT {RECORDS_CHECKED_MAX})
WHERE EXISTS (SELECT 1 FROM "_collections")"#
        );
        let counts = transaction.execute(&sql, Vec::new()).await;
        let counts = counts.map_err(|error| check::broken_view(change, &reason(&error), false))?;
        let counts = counts.rows.into_iter().next().unwrap_or_default();
        let wrong = match counts.as_slice() {
            [Value::Integer(all), Value::Integer(with_id), _] if all != with_id => "empty or invalid",
            [Value::Integer(all), _, Value::Integer(distinct)] if all != distinct => "non-unique",
            _ => continue,
        };
        let reason = format!("the query could return records with {wrong} ids");
        return Err(check::broken_view(change, &reason, true));
    }
    Ok(())
}
