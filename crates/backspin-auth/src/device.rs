//! The devices that accounts have signed in from, in `_authOrigins`, and the mail to the owner when a new one appears.

use backspin_core::{Database, Env, Platform, Result, Transaction, Value, id};
use backspin_mail::enqueue_in;
use backspin_schema::{App, AuthRecord};

use crate::alert::{Event, alert};
use crate::client::Client;
use crate::found::Found;
use crate::known_device;

/// Of each account, as in PocketBase; with another, the one that was used longest ago is forgotten.
const DEVICES_MAX: i64 = 5;

const SEEN_SQL: &str = r#"UPDATE "_authOrigins"
SET "updated" = ?4
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "fingerprint" = ?3
RETURNING 1"#;

const ADD_SQL: &str = r#"INSERT INTO "_authOrigins"
("id", "collectionRef", "recordRef", "fingerprint", "created", "updated")
VALUES (?5, ?1, ?2, ?3, ?4, ?4)
ON CONFLICT DO NOTHING
RETURNING 1"#;

/// All but the latest.
const FORGET_SQL: &str = r#"DELETE FROM "_authOrigins"
WHERE "id" IN (
    SELECT "id" FROM "_authOrigins"
    WHERE "collectionRef" = ?1 AND "recordRef" = ?2
    ORDER BY "updated" DESC
    LIMIT -1 OFFSET ?3
)"#;

const OTHERS_SQL: &str = r#"SELECT 1 FROM "_authOrigins"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "fingerprint" != ?3"#;

/// Remembers that `record` has signed in from `client`. Where its collection asks for alerts, one that is not among the
/// others of the account is told to the owner by mail.
pub(crate) async fn remember_device(
    app: &App<impl Platform>,
    found: &Found,
    record: &AuthRecord,
    client: &Client,
) -> Result<()> {
    if !found.options()?.auth_alert.enabled {
        return known_device::remember(app, record, client).await;
    }
    let now = app.env().now();
    let account = [record.collection_id.as_str().into(), record.id().into()];
    let device: Vec<Value> =
        account.iter().cloned().chain([client.fingerprint().into(), now.to_string().into()]).collect();
    if app.database().execute(SEEN_SQL, device.clone()).await?.into_first().is_some() {
        return Ok(());
    }
    let message = alert(app.env(), found, record, Event { client, now, what: None })?;
    let alerted = app.database().transact(async |transaction| {
        let added = [device.clone(), vec![id::record_id(app.env()).into()]].concat();
        if transaction.execute(ADD_SQL, added).await?.into_first().is_none() {
            return Ok(false);
        }
        let others = transaction.execute(OTHERS_SQL, device[..3].to_vec()).await?.into_first();
        let forget = account.iter().cloned().chain([DEVICES_MAX.into()]).collect();
        transaction.execute(FORGET_SQL, forget).await?;
        match message.filter(|_| others.is_some()) {
            None => Ok(false),
            Some(message) => enqueue_in(transaction, app.env(), &message).await.map(|()| true),
        }
    });
    if alerted.await? {
        backspin_mail::wake(app);
    }
    Ok(())
}
