//! Collections to write and to compare.

use backspin_schema::Collection;
use backspin_schema_files::from_json;
use serde_json::Value;

/// A file as it is written; the tests of the command line have it too.
pub(crate) const MOVIES: &str = include_str!("movies.json");

pub(crate) fn collection(json: Value) -> Collection {
    from_json(&json).unwrap()
}

pub(crate) fn movies() -> Collection {
    collection(serde_json::from_str(MOVIES).unwrap())
}
