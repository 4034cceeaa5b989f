//! `DELETE /api/collections/:collection`

use backspin_core::{Error, Platform, Result};
use backspin_migrations::Losses;
use backspin_schema::{App, Caller, Collection, Snapshot};

use crate::change::{Wanted, change};
use crate::view_query;

/// Deletes the collection with this id or name, and all its records. They can be had back: it is a
/// migration.
///
/// Errors: 400 for a system collection or one that others refer to, 401, 403, 404.
pub async fn delete(app: &App<impl Platform>, caller: &Caller, id_or_name: &str) -> Result<()> {
    caller.require_superuser()?;
    let wanted = |snapshot: &Snapshot| {
        let collection = snapshot.find(id_or_name).ok_or_else(Error::not_found)?;
        check_deletable(snapshot, collection)?;
        Ok(Wanted::without(snapshot, &collection.id))
    };
    change(app, caller, Losses::All, wanted).await.map(|_| ())
}

fn check_deletable(snapshot: &Snapshot, collection: &Collection) -> Result<()> {
    if collection.system {
        return Err(Error::bad_request("Failed to delete collection."));
    }
    let refers = |other: &&Collection| {
        let mut relations = other.fields.iter().filter_map(|field| field.relation());
        other.id != collection.id && relations.any(|relation| relation.collection_id == collection.id)
    };
    let referring: Vec<&str> =
        snapshot.collections().iter().filter(refers).map(|other| other.name.as_str()).collect();
    if !referring.is_empty() {
        return Err(Error::bad_request(format!(
            "Failed to delete collection probably due to existing reference in {}.",
            referring.join(", ")
        )));
    }
    let shows = |view: &&Collection| {
        let read = view_query::tables(view.view_query().unwrap_or_default());
        view.id != collection.id && read.contains(&collection.name.to_lowercase())
    };
    match snapshot.collections().iter().find(shows) {
        Some(view) => {
            Err(Error::bad_request(format!("Failed to delete collection. The view {} reads it.", view.name)))
        }
        None => Ok(()),
    }
}
