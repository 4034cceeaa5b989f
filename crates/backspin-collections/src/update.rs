//! `PATCH /api/collections/:collection`

use backspin_core::{Error, Platform, Result};
use backspin_migrations::Losses;
use backspin_schema::{App, Caller, Collection, Snapshot};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use crate::change::{Wanted, change, check_limits, conflict};
use crate::{account, draft};

/// Changes the collection with this id or name, converts its records as far as its fields change, and
/// returns its JSON. What the change takes away can be had back: it is a migration.
///
/// Errors: 400 with the refused parts by name, those of other collections as `COLLECTION.PART`; 401, 403,
/// 404; 409 if somebody else has changed the same parts at the same time.
pub async fn update(
    app: &App<impl Platform>,
    caller: &Caller,
    id_or_name: &str,
    body: Map<String, Json>,
) -> Result<String> {
    caller.require_superuser()?;
    check_limits(&body)?;
    // What this instance saw last may be older than what the client has seen.
    let seen = app.reload().await?;
    let key = SecretKey::of(app.env()).await?;
    let wanted = |snapshot: &Snapshot| {
        let before = snapshot.find(id_or_name).ok_or_else(Error::not_found)?;
        conflict::check(&seen, snapshot, before, &body)?;
        refuse_id_of_another(snapshot, before, &body)?;
        let mut collection = draft::update(before, body.clone(), app.env(), &key)?;
        account::end_sessions(&mut collection, before, app.env());
        Ok(Wanted::changed(snapshot, collection, &body))
    };
    change(app, caller, Losses::All, wanted).await?.json()
}

/// An id that means nothing is one of nothing; one that means a collection, by its id or name, is told.
fn refuse_id_of_another(snapshot: &Snapshot, before: &Collection, body: &Map<String, Json>) -> Result<()> {
    match body.get("id").and_then(Json::as_str).filter(|id| *id != before.id) {
        Some(id) if snapshot.find(id).is_some() => {
            let (code, reason) = ("validation_values_mismatch", "Values don't match.");
            Err(Error::field("Failed to update collection.", "id", code, reason))
        }
        _ => Ok(()),
    }
}
