//! The old password that comes with a change of an account's own: counted as a guess, and looked at in turn, before the
//! change begins. A token, or a rule that lets others in, does not make it easier to guess.

use backspin_core::{PasswordHasher, Platform, Result};
use backspin_records::{CheckedPassword, RequestInfo, old_password};
use backspin_schema::{App, Attempt, Caller};
use serde_json::{Map, Value as Json};

use crate::client::Client;
use crate::guess::Guess;
use crate::record::text;
use crate::session::find_record;
use crate::throttle::Device;

/// Looks at the old passwords of `changes`: updates of records, each a collection, an id and a body. To be given to the
/// update as [`RequestInfo::checked_passwords`]. No statement if no body has one; superusers need none.
///
/// Errors: 429 after too many wrong ones, or with too many at once.
pub async fn check_old_passwords(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    changes: &[(String, String, &Map<String, Json>)],
) -> Result<Vec<CheckedPassword>> {
    let mut checked = Vec::new();
    if request.caller.is_superuser() || request.caller.scopes().is_some() {
        return Ok(checked);
    }
    for (collection, id, body) in changes {
        if body.contains_key("oldPassword") {
            checked.extend(check(app, request, (collection, id), body).await?);
        }
    }
    Ok(checked)
}

/// `None` if the body has nothing to look at.
async fn check(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    (collection, id): (&str, &str),
    body: &Map<String, Json>,
) -> Result<Option<CheckedPassword>> {
    app.with_schema(async |snapshot| {
        let Some(collection) = snapshot.find(collection).filter(|collection| collection.is_auth()) else {
            return Ok(Attempt::Done(None));
        };
        let password = old_password(snapshot, body)?;
        if password.is_empty() {
            return Ok(Attempt::Done(None));
        }
        let record = match find_record(app, snapshot, collection, id).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(record) => record,
        };
        let settings = backspin_settings::of(snapshot)?;
        let client = Client::of(request.parameters, &settings.trusted_proxy);
        let stored = record.as_ref().and_then(|record| text(record, "password"));
        // The time does not tell whether there is such an account.
        let hash = stored.map_or_else(|| settings.passwords.nobody(), str::to_owned);
        // What others try must not keep the owner from it.
        let fingerprint = client.fingerprint();
        let (whose, device) = if is_of(request.caller, &collection.id, id) {
            let device = Device { collection_id: &collection.id, record_id: id, fingerprint: &fingerprint };
            (id.to_owned(), device)
        } else {
            (format!("{id} of another"), Device::default())
        };
        let guess = Guess::of_own_password(&collection.id, &whose, &client, device);
        let looks = async || app.platform().hasher().verify(&password, &hash).await;
        let is_right = guess.check_by_hash(app, settings.passwords, looks).await?;
        let is_right = is_right && stored.is_some();
        Ok(Attempt::Done(Some(CheckedPassword { password, hash, is_right })))
    })
    .await
}

fn is_of(caller: &Caller, collection_id: &str, id: &str) -> bool {
    caller.record().is_some_and(|record| record.collection_id == collection_id && record.id() == id)
}
