//! The schema as files for Git: one readable file for each collection, the difference to a database, and
//! the plan of a change as a table.
//!
//! ```text
//! schema/movies.json ⇄ Collection      read, to_text: sparse PocketBase JSON in a fixed order
//! Folder::read, Folder::write          all files of a folder, and nothing beside them
//! compare(database, files)             what differs, by collection and field
//! Plan, Migration, History             the replies of the migrations API, as people read them
//! ```

mod defaults;
mod difference;
mod error;
mod folder;
mod limits;
mod plan;
mod read;
mod unknown;
mod write;

pub use difference::{CollectionDifference, Difference, Presence, compare};
pub use error::FileError;
pub use folder::{Folder, Written};
pub use limits::{SCHEMA_FILE_BYTES_MAX, SCHEMA_FILES_MAX};
pub use plan::{History, Migration, Plan, Problem, Step};
pub use read::{from_json, read};
pub use write::{to_body, to_text};

use backspin_schema::Collection;

/// The collection as files know it: without secrets, without the times of its changes, and, if it is a
/// view, without fields, for these follow from its query.
pub fn described(collection: &Collection) -> Collection {
    let mut described = collection.without_secrets();
    described.created.clear();
    described.updated.clear();
    if described.is_view() {
        described.fields.clear();
    }
    described
}
