//! `GET` and `PATCH /api/settings`, for superusers.

use backspin_core::{Error, Platform, Result};
use backspin_query::Fields;
use backspin_schema::{App, Caller, change_schema};
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use crate::{Settings, check, patch, store};

const UNREADABLE: &str = "An error occurred while loading the submitted data.";
const BYTES_MAX: usize = 256 << 10;

/// The settings without their secrets as JSON, or of it what `fields` asks for. One statement.
///
/// Errors: 401 and 403 for anyone but superusers, 400 for `fields` that cannot be read.
pub async fn view(app: &App<impl Platform>, caller: &Caller, fields: &str) -> Result<Vec<u8>> {
    caller.require_superuser()?;
    let fields = Fields::parse(fields)?;
    rendered(&store::load(app).await?, &fields)
}

/// Changes the settings that `body` names and returns them all, as [`view`] does. Every other
/// instance sees the change one request after the one that brings it news of it.
///
/// Errors: 401 and 403 for anyone but superusers; 400 with the refused settings, or for what has not the type of a
/// setting, or for more than 256 KiB.
pub async fn update(
    app: &App<impl Platform>,
    caller: &Caller,
    body: Map<String, Json>,
    fields: &str,
) -> Result<Vec<u8>> {
    caller.require_superuser()?;
    let fields = Fields::parse(fields)?;
    let key = SecretKey::of(app.env()).await?;
    let changed = app.with_schema(async |snapshot| {
        let change = change_schema(app, snapshot, async |transaction| {
            let stored = store::load_in(transaction).await?;
            let new = patched(&stored, body.clone())?;
            check::check(snapshot, &new.as_checked(&stored))?;
            store::save(transaction, app.env(), &new.sealed(&stored, &key)?).await?;
            Ok(new)
        });
        change.await
    });
    let changed = changed.await?;
    // What this instance does next goes by them already.
    app.reload().await?;
    rendered(&changed, &fields)
}

fn patched(old: &Settings, body: Map<String, Json>) -> Result<Settings> {
    let Ok(Json::Object(mut settings)) = serde_json::to_value(old) else {
        return Err(Error::internal("the settings are no object"));
    };
    let unreadable = || Error::bad_request(UNREADABLE);
    patch::apply(&mut settings, body).ok_or_else(unreadable)?;
    let mut settings: Settings = serde_json::from_value(settings.into()).map_err(|_| unreadable())?;
    settings.mail_api.keep_values(&old.mail_api);
    match serde_json::to_vec(&settings) {
        Ok(json) if json.len() <= BYTES_MAX => Ok(settings),
        _ => Err(Error::bad_request("The settings are longer than this server keeps (256 KiB).")),
    }
}

fn rendered(settings: &Settings, fields: &Fields) -> Result<Vec<u8>> {
    let json = serde_json::to_value(settings.without_secrets());
    let json = json.and_then(|json| serde_json::to_vec(&fields.pick(json)));
    json.map_err(|error| Error::Internal(error.into()))
}
