//! The collections API: the schema is listed, viewed, created, changed and deleted, by superusers only.

mod account;
mod change;
mod check;
mod create;
mod delete;
mod draft;
mod dry_run_view;
mod import;
mod list;
pub mod migrate;
mod providers;
mod scaffolds;
mod update;
mod view;
mod view_query;

pub use check::is_internal_table;
pub use create::create;
pub use delete::delete;
pub use dry_run_view::dry_run_view;
pub use import::import;
pub use list::{ListQuery, list};
pub use providers::providers;
pub use scaffolds::scaffolds;
pub use update::update;
pub use view::view;

use backspin_core::{Error, Result};
use backspin_query::Fields;
use backspin_schema::Collection;
use serde_json::Value as Json;

/// What `fields` keeps of a collection's JSON, as the other functions return it.
pub fn pick(collection: String, fields: &Fields) -> Result<String> {
    if fields.is_empty() {
        return Ok(collection);
    }
    let value = serde_json::from_str(&collection).map_err(|error| Error::Internal(error.into()))?;
    Ok(fields.pick(value).to_string())
}

/// What `fields` keeps of each of the `items` of a page, as [`migrate::history`] returns it.
pub fn pick_items(page: String, fields: &Fields) -> Result<String> {
    if fields.is_empty() {
        return Ok(page);
    }
    let mut page: Json = serde_json::from_str(&page).map_err(|error| Error::Internal(error.into()))?;
    page["items"] = fields.pick(page["items"].take());
    Ok(page.to_string())
}

/// The collection as clients see it.
fn to_json(collection: &Collection) -> Result<String> {
    serde_json::to_string(&collection.without_secrets()).map_err(|error| Error::Internal(error.into()))
}
