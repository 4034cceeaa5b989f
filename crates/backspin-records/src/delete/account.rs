//! What the system's collections keep of accounts.

use backspin_core::{Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Snapshot};

/// They refer to accounts by `collectionRef` and `recordRef`.
const TABLES: [&str; 4] = ["_authOrigins", "_externalAuths", "_mfas", "_otps"];

/// Deletes all that is kept of these accounts, `ids` as a JSON array.
pub(super) async fn forget(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    collection: &Collection,
    ids: Value,
) -> Result<()> {
    for table in TABLES.into_iter().filter(|table| snapshot.find_by_name(table).is_some()) {
        let sql = format!(
            "DELETE FROM {}\nWHERE \"collectionRef\" = ?1 AND \"recordRef\" IN (SELECT \"value\" FROM json_each(?2))",
            Quoted(table)
        );
        transaction.execute(&sql, vec![collection.id.as_str().into(), ids.clone()]).await?;
    }
    Ok(())
}
