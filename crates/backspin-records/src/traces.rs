//! What the system's collections keep of accounts: they refer to them by `collectionRef` and `recordRef`.

use backspin_core::{Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Snapshot, log};

pub(crate) const DEVICES: &str = "_authOrigins";
pub(crate) const PROVIDERS: &str = "_externalAuths";
pub(crate) const SECOND_FACTORS: &str = "_mfas";
pub(crate) const CODES: &str = "_otps";

/// Deletes what these tables keep of these accounts of `collection`, `ids` as a JSON array, for `actor`.
pub(crate) async fn forget(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    collection: &Collection,
    ids: Value,
    tables: &[&str],
    actor: &str,
) -> Result<()> {
    for table in tables.iter().filter(|table| snapshot.find_by_name(table).is_some()) {
        let sql = format!(
            "UPDATE {}\nSET {}\nWHERE \"collectionRef\" = ?1 AND \"recordRef\" IN (SELECT \"value\" FROM json_each(?2))",
            Quoted(table),
            log::by_delete("?3"),
        );
        transaction.execute(&sql, vec![collection.id.as_str().into(), ids.clone(), actor.into()]).await?;
    }
    Ok(())
}
