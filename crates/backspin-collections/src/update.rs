//! `PATCH /api/collections/:collection`

use backspin_core::{Error, Platform, Result};
use backspin_schema::{App, Caller, change_schema, store};
use serde_json::{Map, Value as Json};

use crate::check::Draft;
use crate::plan::Plan;
use crate::{account, apply, draft, to_json};

/// Changes the collection with this id or name as far as no stored value is touched: rules, options,
/// indexes and new fields. Returns its JSON.
///
/// Errors: 400 with the refused parts by name, 401, 403, 404, 501 for any other change.
pub async fn update(
    app: &App<impl Platform>,
    caller: &Caller,
    id_or_name: &str,
    body: Map<String, Json>,
) -> Result<String> {
    caller.require_superuser()?;
    let updated = app.with_schema(async |snapshot| {
        let before = snapshot.find(id_or_name).ok_or_else(Error::not_found)?;
        let mut collection = draft::update(before, body.clone(), app.env())?;
        let draft = Draft { collection: &collection, before: Some(before), snapshot, view: None };
        draft.check(app.env())?;
        account::end_sessions(&mut collection, before, app.env());
        change_schema(app, snapshot, async |transaction| {
            let plan = Plan::between(before, &collection)?;
            store::update(transaction, &collection).await?;
            apply::alter_table(transaction, &collection, &plan).await?;
            Ok(collection)
        })
        .await
    });
    to_json(&updated.await?)
}
