//! Tables, views and indexes are made in the transaction that changes the schema.

use backspin_core::{Database, DatabaseError, Error, FieldError, FieldErrors, Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Index, Schema, ddl};

use crate::check::{self, Change};
use crate::plan::Plan;
use crate::view_query::{ViewQuery, ViewQueryError};

/// How many records of a new view are looked at for their ids.
const VIEW_RECORDS_CHECKED_MAX: usize = 100_000;

/// Makes the table of a new collection with its indexes.
///
/// Errors: 400 if the name is taken, or for an index that cannot be.
pub(crate) async fn make_table(transaction: &impl Transaction, collection: &Collection) -> Result<()> {
    make(transaction, &ddl::create_table(collection)).await?;
    let all: Vec<usize> = (0..collection.indexes.len()).collect();
    make_indexes(transaction, collection, &all, Change::Create).await
}

/// Makes the view of a new collection from its checked query, and runs it once.
///
/// Errors: 400 if the name is taken, if the query fails, or for ids that are empty or not unique.
pub(crate) async fn make_view(
    transaction: &impl Transaction,
    schema: &Schema,
    collection: &Collection,
    query: &ViewQuery,
) -> Result<()> {
    check_tables(transaction, schema, query).await?;
    let broken = |error| check::broken_view(Change::Create, &reason(&error), false);
    match transaction.execute(&ddl::create_view(collection, &query.select), Vec::new()).await {
        Err(error) if is_taken(&error) => return Err(check::name_of_internal_table(Change::Create)),
        made => made.map_err(broken)?,
    };
    let name = Quoted(&collection.name);
    // A statement kept prepared is only made anew if it reads a table, which not every view does.
    let sql = format!(
        r#"SELECT count(*), count(nullif("id", '')), count(DISTINCT "id")
FROM (SELECT * FROM {name} LIMIT {VIEW_RECORDS_CHECKED_MAX})
WHERE EXISTS (SELECT 1 FROM "_collections")"#
    );
    let counts = transaction.execute(&sql, Vec::new()).await.map_err(broken)?;
    let counts = counts.rows.into_iter().next().unwrap_or_default();
    let wrong = match counts.as_slice() {
        [Value::Integer(all), Value::Integer(with_id), _] if all != with_id => "empty or invalid",
        [Value::Integer(all), _, Value::Integer(distinct)] if all != distinct => "non-unique",
        _ => return Ok(()),
    };
    let reason = format!("the query could return records with {wrong} ids");
    Err(check::broken_view(Change::Create, &reason, true))
}

/// What is wrong with a query first of all: what the database says of it, or else `error`.
pub(crate) async fn why_unusable(database: &impl Database, error: ViewQueryError) -> ViewQueryError {
    let ViewQueryError::NoId { select } = &error else { return error };
    let sql = format!("SELECT 1 FROM ({select}) LIMIT 0");
    match database.execute(&sql, Vec::new()).await {
        Err(refused) => ViewQueryError::Unusable(reason(&refused)),
        Ok(_) => error,
    }
}

/// Why the database refuses a query; SQLite repeats the whole statement after it.
fn reason(error: &DatabaseError) -> String {
    let text = error.to_string();
    let reason = text.split(" in CREATE VIEW ").next().unwrap_or_default();
    reason.split(" in SELECT ").next().unwrap_or_default().to_owned()
}

/// Errors: 400 if the query names a table that is no collection's.
async fn check_tables(transaction: &impl Transaction, schema: &Schema, query: &ViewQuery) -> Result<()> {
    let sql = r#"SELECT "name" FROM "sqlite_master" WHERE "type" IN ('table', 'view')"#;
    let rows = transaction.execute(sql, Vec::new()).await?;
    for table in rows.rows.into_iter().flatten() {
        if let Value::Text(table) = table
            && schema.find_by_name(&table).is_none()
            && query.names.contains(&table.to_ascii_lowercase())
        {
            return Err(check::broken_view(Change::Create, &format!("{table} is no collection"), false));
        }
    }
    Ok(())
}

/// Carries out the plan of a change.
///
/// Errors: 400 for an index that cannot be.
pub(crate) async fn alter_table(
    transaction: &impl Transaction,
    collection: &Collection,
    plan: &Plan<'_>,
) -> Result<()> {
    for name in &plan.dropped_indexes {
        transaction.execute(&ddl::drop_index(name), Vec::new()).await?;
    }
    for field in &plan.added {
        transaction.execute(&ddl::add_column(collection, field), Vec::new()).await?;
    }
    make_indexes(transaction, collection, &plan.made_indexes, Change::Update).await
}

async fn make(transaction: &impl Transaction, sql: &str) -> Result<()> {
    match transaction.execute(sql, Vec::new()).await {
        Err(error) if is_taken(&error) => Err(check::name_of_internal_table(Change::Create)),
        made => Ok(made.map(|_| ())?),
    }
}

/// A table or view that is no collection's, made by raw SQL.
fn is_taken(error: &DatabaseError) -> bool {
    error.to_string().contains("already exists")
}

async fn make_indexes(
    transaction: &impl Transaction,
    collection: &Collection,
    positions: &[usize],
    change: Change,
) -> Result<()> {
    let mut errors = FieldErrors::default();
    for position in positions {
        let Some(index) = Index::parse(&collection.indexes[*position]) else { continue };
        if let Err(error) = transaction.execute(&index.to_string(), Vec::new()).await {
            let message = format!("Failed to create index {} - {error}.", index.name);
            errors.add(position.to_string(), FieldError::new("validation_invalid_index_expression", message));
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let fields = FieldErrors::from_iter([("indexes", FieldError::Nested(errors))]);
    Err(Error::BadRequest { message: change.failed().to_owned(), fields })
}
