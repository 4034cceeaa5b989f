//! `POST /api/collections`

use backspin_core::{Platform, Result};
use backspin_schema::{App, Caller, change_schema, store};
use serde_json::{Map, Value as Json};

use crate::check::Draft;
use crate::view_query::ViewQuery;
use crate::{apply, draft, to_json};

/// Creates a collection with its table or view from PocketBase's JSON, and returns its JSON.
///
/// Errors: 400 with the refused parts by name, 401, 403.
pub async fn create(app: &App<impl Platform>, caller: &Caller, body: Map<String, Json>) -> Result<String> {
    caller.require_superuser()?;
    let described = draft::create(body, app.env())?;
    let created = app.with_schema(async |snapshot| {
        let mut collection = described.clone();
        let view = described.view_query().map(|query| ViewQuery::read(snapshot, query, app.env()));
        let (mut query, mut wrong) = (None, None);
        match view {
            Some(Ok(view)) => {
                collection.fields.clone_from(&view.fields);
                query = Some(view);
            }
            Some(Err(error)) => wrong = Some(apply::why_unusable(app.database(), error).await),
            None => {}
        }
        let draft = Draft { collection: &collection, before: None, snapshot, view: wrong.as_ref() };
        draft.check(app.env())?;
        change_schema(app, snapshot, async |transaction| {
            store::insert(transaction, &collection).await?;
            match &query {
                Some(query) => apply::make_view(transaction, snapshot, &collection, query).await?,
                None => apply::make_table(transaction, &collection).await?,
            }
            Ok(collection)
        })
        .await
    });
    to_json(&created.await?)
}
