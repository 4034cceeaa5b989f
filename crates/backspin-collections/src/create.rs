//! `POST /api/collections`

use backspin_core::{Platform, Result};
use backspin_migrations::Losses;
use backspin_schema::{App, Caller};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use crate::change::{Wanted, change, check_limits};
use crate::draft;

/// Creates a collection with its table or view from PocketBase's JSON, and returns its JSON.
///
/// Errors: 400 with the refused parts by name, 401, 403.
pub async fn create(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    caller.require_superuser()?;
    check_limits(&body)?;
    let described = draft::create(body, app.env(), &SecretKey::of(app.env()).await?)?;
    let wanted = |snapshot: &_| Ok(Wanted::with(snapshot, described.clone()));
    change(app, caller, Losses::default(), wanted).await?.json()
}
