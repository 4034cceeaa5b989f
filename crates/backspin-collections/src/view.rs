//! `GET /api/collections/:collection`

use backspin_core::{Error, Platform, Result};
use backspin_schema::{App, Caller};

use crate::to_json;

/// The JSON of the collection with this id or name.
///
/// Errors: 401, 403, 404.
pub async fn view(app: &App<impl Platform>, caller: &Caller, id_or_name: &str) -> Result<String> {
    caller.require_superuser()?;
    let snapshot = app.reload().await?;
    to_json(snapshot.find(id_or_name).ok_or_else(Error::not_found)?)
}
