//! Devices of accounts that no limit holds up which others can fill. Those that the owner is told about are in
//! `_authOrigins`, as in PocketBase; here are those that PocketBase would not keep there: where a collection sends no
//! alerts, and from where a password was reset.

use backspin_core::{Env, Platform, Result, Value};
use backspin_schema::{App, AuthRecord};

use crate::client::Client;
use crate::internal_table::execute;

/// Of each account; with another, the one that was used longest ago is forgotten.
const DEVICES_MAX: i64 = 5;

/// `used`: in milliseconds since 1970.
pub(crate) const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_devices" (
    "collectionRef" TEXT NOT NULL,
    "recordRef" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "used" INTEGER NOT NULL,
    PRIMARY KEY ("collectionRef", "recordRef", "fingerprint")
) WITHOUT ROWID"#;

const SEEN_SQL: &str = r#"UPDATE "_devices"
SET "used" = ?4
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "fingerprint" = ?3
RETURNING 1"#;

const ADD_SQL: &str = r#"INSERT INTO "_devices" ("collectionRef", "recordRef", "fingerprint", "used")
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO NOTHING"#;

/// All but the latest.
const FORGET_SQL: &str = r#"DELETE FROM "_devices"
WHERE "collectionRef" = ?1 AND "recordRef" = ?2 AND "fingerprint" IN (
    SELECT "fingerprint" FROM "_devices"
    WHERE "collectionRef" = ?1 AND "recordRef" = ?2
    ORDER BY "used" DESC
    LIMIT -1 OFFSET ?3
)"#;

/// Remembers that the owner of `record` came from `client`. One statement where that is known.
pub(crate) async fn remember(app: &App<impl Platform>, record: &AuthRecord, client: &Client) -> Result<()> {
    let account: [Value; 2] = [record.collection_id.as_str().into(), record.id().into()];
    let now = app.env().now().unix_ms();
    let device: Vec<Value> =
        account.iter().cloned().chain([client.fingerprint().into(), now.into()]).collect();
    if execute(app, &[TABLE_SQL], SEEN_SQL, device.clone()).await?.into_first().is_some() {
        return Ok(());
    }
    execute(app, &[TABLE_SQL], ADD_SQL, device).await?;
    let all_but_the_latest = account.into_iter().chain([DEVICES_MAX.into()]).collect();
    execute(app, &[TABLE_SQL], FORGET_SQL, all_but_the_latest).await?;
    Ok(())
}
