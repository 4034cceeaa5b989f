//! `POST /api/collections`

use backspin_core::{Env, Error, FieldError, FieldErrors, Platform, Result, Transaction};
use serde_json::{Map, Value as Json};

use crate::{check, draft, to_json};
use backspin_schema::Index;
use backspin_schema::{App, Caller, Collection, change_schema, ddl, store, system};

/// Creates a collection and its table from PocketBase's JSON, and returns its JSON.
///
/// Errors: 400 with the refused parts by name, 401, 403.
pub async fn create(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    caller.require_superuser()?;
    let mut collection = draft::read(body)?;
    draft::complete(&mut collection);
    system::stamp(&mut collection, app.env().now());
    system::fill_secrets(&mut collection, app.env());
    app.with_schema(async |snapshot| {
        check::new_collection(&collection, snapshot)?;
        change_schema(app, snapshot, async |transaction| {
            store::insert(transaction, &collection).await?;
            make_table(transaction, &collection).await?;
            make_indexes(transaction, &collection).await
        })
        .await
    })
    .await?;
    to_json(&collection)
}

async fn make_table(transaction: &impl Transaction, collection: &Collection) -> Result<()> {
    match transaction.execute(&ddl::create_table(collection), Vec::new()).await {
        // A table that is no collection's, made by raw SQL.
        Err(error) if error.to_string().contains("already exists") => Err(check::name_of_internal_table()),
        made => Ok(made.map(|_| ())?),
    }
}

async fn make_indexes(transaction: &impl Transaction, collection: &Collection) -> Result<()> {
    let mut errors = FieldErrors::default();
    for (position, index) in collection.indexes.iter().enumerate() {
        let Some(index) = Index::parse(index) else { continue };
        if let Err(error) = transaction.execute(&index.to_string(), Vec::new()).await {
            let message = format!("Failed to create index {} - {error}.", index.name);
            errors.add(position.to_string(), FieldError::new("validation_invalid_index_expression", message));
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let fields = FieldErrors::from_iter([("indexes", FieldError::Nested(errors))]);
    Err(Error::BadRequest { message: check::FAILED.to_owned(), fields })
}
