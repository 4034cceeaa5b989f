//! What the database says of a view: whether its query can be run, names only collections, and yields ids.

use backspin_core::{Database, DatabaseError, Platform, Result, Rows, Transaction, Value};
use backspin_migrations::{Step, StepKind};
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

/// Whether the ids of the views with new queries are known to be sound. A query may take as long as it likes, and nobody is
/// to wait for it with what they write: so it is run as a read, before the change takes the lock.
///
/// Errors: 400 if a view that is all that changes yields ids that are empty or not unique.
pub(super) async fn check_ids_before(app: &App<impl Platform>, prepared: &Prepared) -> Result<bool> {
    let is_alone = prepared.defined.len() == 1 && !prepared.plan.steps().iter().any(changes_table);
    let mut all_sound = true;
    for (view, select) in new_views(prepared) {
        let columns: Vec<String> = view.fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
        let sql =
            format!("WITH {} ({}) AS ({select}) {}", Quoted(&view.name), columns.join(", "), ids_sql(view));
        match app.database().query(&sql, Vec::new()).await {
            Ok(counts) if is_alone => check_counts(prepared, counts)?,
            // It reads what changes with it, or is not there yet. At least it comes to an end, or fails at once.
            Ok(_) | Err(_) => all_sound = false,
        }
    }
    Ok(all_sound)
}

/// Errors: 400 if a view with a new query yields ids that are empty or not unique.
pub(super) async fn check_ids(transaction: &impl Transaction, prepared: &Prepared) -> Result<()> {
    for (view, _) in new_views(prepared) {
        // A statement kept prepared is only made anew if it reads a table, which not every view does.
        let sql = ids_sql(view) + "\nWHERE EXISTS (SELECT 1 FROM \"_collections\")";
        let counts = transaction.execute(&sql, Vec::new()).await;
        let counts = counts.map_err(|error| check::broken_view(change(prepared), &reason(&error), false))?;
        check_counts(prepared, counts)?;
    }
    Ok(())
}

/// Counts the records of a view, those with an id, and the ids.
fn ids_sql(view: &Collection) -> String {
    let name = Quoted(&view.name);
    format!(
        r#"SELECT count(*), count(nullif("id", '')), count(DISTINCT "id")
FROM (SELECT * FROM {name} LIMIT {RECORDS_CHECKED_MAX})"#
    )
}

fn check_counts(prepared: &Prepared, counts: Rows) -> Result<()> {
    let counts = counts.rows.into_iter().next().unwrap_or_default();
    let wrong = match counts.as_slice() {
        [Value::Integer(all), Value::Integer(with_id), _] if all != with_id => "empty or invalid",
        [Value::Integer(all), _, Value::Integer(distinct)] if all != distinct => "non-unique",
        _ => return Ok(()),
    };
    let reason = format!("the query could return records with {wrong} ids");
    Err(check::broken_view(change(prepared), &reason, true))
}

/// The views that are defined with a new query, and what they are made of.
fn new_views(prepared: &Prepared) -> impl Iterator<Item = (&Collection, &String)> {
    let (before, after) = (prepared.plan.collections_before(), prepared.plan.collections());
    prepared.defined.iter().filter_map(|position| {
        let view = &after[*position];
        let old = before.iter().find(|old| old.id == view.id);
        let is_new = old.is_none_or(|old| old.view_query() != view.view_query());
        prepared.selects.get(position).filter(|_| is_new).map(|select| (view, select))
    })
}

fn changes_table(step: &Step) -> bool {
    !matches!(step.kind, StepKind::DropView | StepKind::CreateView | StepKind::ChangeOptions)
}

fn change(prepared: &Prepared) -> Change {
    match prepared.told {
        Told::One(change) => change,
        Told::Many => Change::Update,
    }
}
