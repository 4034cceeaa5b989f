//! `DELETE /api/collections/:collection`

use backspin_core::{Error, Platform, Result, Transaction};
use backspin_schema::{App, Caller, Collection, Snapshot, change_schema, ddl, store};

use crate::view_query;

/// Deletes the collection with this id or name, and all its records.
///
/// Errors: 400 for a system collection or one that others refer to, 401, 403, 404.
pub async fn delete(app: &App<impl Platform>, caller: &Caller, id_or_name: &str) -> Result<()> {
    caller.require_superuser()?;
    app.with_schema(async |snapshot| {
        let collection = snapshot.find(id_or_name).ok_or_else(Error::not_found)?;
        check_deletable(snapshot, collection)?;
        change_schema(app, snapshot, async |transaction| {
            store::delete(transaction, collection).await?;
            transaction.execute(&ddl::drop_table(collection), Vec::new()).await?;
            Ok(())
        })
        .await
    })
    .await
}

fn check_deletable(snapshot: &Snapshot, collection: &Collection) -> Result<()> {
    if collection.system {
        return Err(Error::bad_request("Failed to delete collection."));
    }
    let refers = |other: &&Collection| {
        let mut relations = other.fields.iter().filter_map(|field| field.relation());
        other.id != collection.id && relations.any(|relation| relation.collection_id == collection.id)
    };
    if let Some(other) = snapshot.collections().iter().find(refers) {
        return Err(refused(&format!("The collection {} has a relation to it.", other.name)));
    }
    let shows = |view: &&Collection| {
        let query = view.view_query().unwrap_or_default();
        view.id != collection.id && view_query::names(query, &collection.name)
    };
    match snapshot.collections().iter().find(shows) {
        Some(view) => Err(refused(&format!("The view {} reads it.", view.name))),
        None => Ok(()),
    }
}

fn refused(reason: &str) -> Error {
    Error::bad_request(format!("Failed to delete collection. {reason}"))
}
