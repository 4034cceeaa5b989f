//! `POST /api/migrations/plan`

use backspin_core::{Database, Platform, Result};
use backspin_schema::{App, Attempt, Caller};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use super::body::Definitions;
use crate::change::prepare;

/// What it would take to make the schema that of `{"collections":[…],"deleteMissing":false}`, measured on
/// the records as they are: `{"fingerprint","problems":[{"collection","part","message"}],"steps":[{"kind",
/// "target","summary","grades","rows","lost","up","down"}]}`. Nothing is changed.
///
/// A definition is that of the collection with its id, or else with its name, or else of a new one. Its
/// fields are matched in the same way. Collections that are not defined stay unless `deleteMissing`.
///
/// Errors: 400 with what is wrong in each definition (`collections.N`), 401, 403.
pub async fn plan(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    caller.require_superuser()?;
    let definitions = Definitions::read(&body)?;
    let key = SecretKey::of(app.env()).await?;
    app.with_schema(async |snapshot| {
        let mut prepared = prepare(app, snapshot, definitions.wanted(snapshot, app.env(), &key)?).await?;
        let measured = prepared.plan.measure(async |sql| app.database().query(sql, Vec::new()).await).await;
        if !app.is_current(snapshot).await? {
            return Ok(Attempt::Stale);
        }
        measured?;
        prepared.plan.to_json().map(Attempt::Done)
    })
    .await
}
