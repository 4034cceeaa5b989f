//! The password of an account that is known already, asked for again: a token does not make it easier to guess.

use backspin_core::{PasswordHasher, Platform, Result};
use backspin_schema::{App, AuthRecord};
use backspin_settings::Settings;

use crate::client::Client;
use crate::guess::Guess;
use crate::record::text;
use crate::throttle::Device;

/// Whether it is the password of the record.
///
/// Errors: 429 after too many failed attempts, or with too many at once.
pub(crate) async fn is_own_password(
    app: &App<impl Platform>,
    settings: &Settings,
    client: &Client,
    record: &AuthRecord,
    password: &str,
) -> Result<bool> {
    let (collection_id, record_id) = (record.collection_id.as_str(), record.id());
    let fingerprint = client.fingerprint();
    let device = Device { collection_id, record_id, fingerprint: &fingerprint };
    let guess = Guess::of_own_password(collection_id, record_id, client, device);
    let nobody = settings.passwords.nobody();
    let hash = text(record, "password").unwrap_or(&nobody);
    let looks = async || app.platform().hasher().verify(password, hash).await;
    guess.check_by_hash(app, settings.passwords, looks).await
}
