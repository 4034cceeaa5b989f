//! `POST /api/migrations/revert` and `POST /api/migrations/forget`

use backspin_core::{Platform, Result};
use backspin_migrations::{Losses, Terms};
use backspin_schema::{App, Caller};
use serde_json::{Map, Value as Json};

use super::{body, to_text};
use crate::change::author;

/// Takes back the migration `number` of the body, which must be the last one in force; without a number,
/// that one. Returns it as in [`super::history`].
///
/// Errors: 400 with each loss that is not named in `acceptedLosses`, 401, 403, 404 if no migration is in
/// force, 409 if this one cannot be taken back.
pub async fn revert(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    caller.require_superuser()?;
    let (number, accepted) = (body::find_number(&body)?, body::accepted_losses(&body)?);
    let author = author(caller);
    let terms = Terms { author: &author, accepted_losses: Losses::Of(&accepted) };
    let reverted =
        app.with_schema(async |snapshot| backspin_migrations::revert(app, snapshot, number, terms).await);
    to_text(&reverted.await?)
}

/// Deletes for good what the migration `number` of the body has taken away; or, with `before`, the number of a migration
/// or a time, what all those before it have. They can then no longer be taken back, nor can those before them.
///
/// Errors: 400 without either, 401, 403, 404 if none of them is in force and keeps anything.
pub async fn forget(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<()> {
    caller.require_superuser()?;
    backspin_migrations::forget(app, body::forgotten(&body)?).await
}
