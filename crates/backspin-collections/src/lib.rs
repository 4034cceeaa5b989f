//! The collections API: the schema is listed, viewed, created, changed and deleted, by superusers only.

mod check;
mod create;
mod delete;
mod draft;
mod list;
mod view;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use view::view;

use backspin_core::{Error, Result};
use backspin_schema::Collection;

/// The collection as clients see it.
fn to_json(collection: &Collection) -> Result<String> {
    serde_json::to_string(&collection.without_secrets()).map_err(|error| Error::Internal(error.into()))
}
