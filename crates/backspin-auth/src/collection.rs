//! The collection of accounts that a request names.

use backspin_core::{Error, Result};
use backspin_schema::collection::AuthOptions;
use backspin_schema::{Collection, Snapshot};

const NO_AUTH_COLLECTION: &str = "Missing or invalid auth collection context.";

/// The collection of this id or name.
///
/// Errors: 404.
pub(crate) fn get_collection<'a>(snapshot: &'a Snapshot, id_or_name: &str) -> Result<&'a Collection> {
    let not_found = || Error::NotFound("Missing or invalid collection context.".to_owned());
    snapshot.find(id_or_name).ok_or_else(not_found)
}

/// The auth collection of this id or name, with its options.
///
/// Errors: 404, also for a collection of another type.
pub(crate) fn get_auth_collection<'a>(
    snapshot: &'a Snapshot,
    id_or_name: &str,
) -> Result<(&'a Collection, &'a AuthOptions)> {
    let collection = get_collection(snapshot, id_or_name)?;
    let not_auth = || Error::NotFound(NO_AUTH_COLLECTION.to_owned());
    Ok((collection, collection.auth().ok_or_else(not_auth)?))
}
