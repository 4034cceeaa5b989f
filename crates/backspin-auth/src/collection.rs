//! The collection of accounts that a request names.

use backspin_core::{Error, Platform, Result};
use backspin_records::RequestInfo;
use backspin_schema::collection::AuthOptions;
use backspin_schema::{App, Attempt, AuthRecord, Caller, Collection, Snapshot};

use crate::session::requires_token;

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

/// The caller, who has to be a record of the collection of this id or name.
///
/// Errors: 404 if there is no such collection, 401 for guests, 403 for records of another.
pub(crate) async fn record_of_collection<'a>(
    app: &App<impl Platform>,
    request: &RequestInfo<'a>,
    collection: &str,
) -> Result<&'a AuthRecord> {
    app.with_schema(async |snapshot| {
        let collection = get_collection(snapshot, collection)?;
        match request.caller {
            Caller::Guest => Err(requires_token()),
            Caller::Record(record) if record.collection_id != collection.id => Err(Error::Forbidden(
                format!("The request requires auth record from {} collection.", record.collection_name),
            )),
            Caller::Record(record) => Ok(Attempt::Done(record)),
            Caller::Key(_) => Err(Error::key_refused()),
        }
    })
    .await
}
