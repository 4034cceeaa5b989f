//! The mail to the owner of an account that a user of a provider is linked to.

use backspin_core::{Env, Platform, Result};
use backspin_mail::enqueue;
use backspin_records::{AccountKey, RequestInfo};
use backspin_schema::App;
use serde_json::Map;

use super::METHOD;
use super::link::ProviderUser;
use crate::alert::{Event, alert};
use crate::collection::get_auth_collection;
use crate::found::found;
use crate::record::is_verified;

/// Whoever has the token of an account can link it, and has a way in that lasts when the session is over: the owner is
/// told, where the collection asks for alerts. Only a verified email is the owner's; others would get mail for what
/// strangers do.
pub(super) async fn tell_owner(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    user: &ProviderUser<'_>,
    account_id: &str,
    display_name: &str,
) -> Result<()> {
    let account = app.with_schema(async |snapshot| {
        let (collection, _) = get_auth_collection(snapshot, user.collection_id)?;
        found(app, request, snapshot, collection, AccountKey::Id(account_id), (METHOD, &Map::new())).await
    });
    let found = account.await?;
    let Some(record) = found.record().filter(|record| is_verified(record)) else { return Ok(()) };
    let what = format!("{display_name} can sign in to it from now on");
    let event = Event { client: &found.client(request)?, now: app.env().now(), what: Some(&what) };
    match alert(app.env(), &found, record, event)? {
        Some(message) => enqueue(app, &message).await,
        None => Ok(()),
    }
}
