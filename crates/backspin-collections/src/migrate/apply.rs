//! `POST /api/migrations/apply`

use backspin_core::{Error, Platform, Result};
use backspin_migrations::{Losses, Terms};
use backspin_schema::{App, Attempt, Caller};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use super::body::{self, Definitions};
use super::to_text;
use crate::change::{author, carry_out, prepare};

/// Makes the schema that of a body as for [`super::plan`], with the `fingerprint` of that plan and the
/// `acceptedLosses`. Returns the migration as in [`super::history`].
///
/// Errors: 400 with what is wrong in each definition (`collections.N`), with what the change would break
/// (`COLLECTION.PART`), with each loss that is not accepted (its target), with the step that fails
/// (`steps.N`), or if there is nothing to change; 401, 403; 409 if the plan is another one by now.
pub async fn apply(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    caller.require_superuser()?;
    let definitions = Definitions::read(&body)?;
    let key = SecretKey::of(app.env()).await?;
    let (fingerprint, accepted) = (body::fingerprint(&body)?, body::accepted_losses(&body)?);
    let author = author(caller);
    let terms = Terms { author: &author, accepted_losses: Losses::Of(&accepted) };
    let migration = app.with_schema(async |snapshot| {
        let prepared = prepare(app, snapshot, definitions.wanted(snapshot, app.env(), &key)?).await?;
        if prepared.plan.fingerprint()? != fingerprint {
            let message = "The schema or the change is not the one that was planned. Plan it again.";
            return Err(Error::Conflict(message.to_owned()));
        }
        if prepared.plan.is_empty() {
            return Err(Error::bad_request("The schema is as wanted: there is nothing to change."));
        }
        let applied = carry_out(app, snapshot, &prepared, terms).await?;
        Ok(match applied {
            Attempt::Done(changed) => Attempt::Done(changed.migration),
            Attempt::Stale => Attempt::Stale,
        })
    });
    to_text(&migration.await?)
}
