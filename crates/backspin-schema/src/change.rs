//! Changes of the schema: one transaction each, made for the schema that the database has.

use backspin_core::{Database, Platform, Result};

use crate::app::is_current_in;
use crate::{App, Attempt, Snapshot, system};

/// Runs `work` in a transaction and gives the schema a new version. Does nothing if `snapshot` is no
/// longer the schema of the database; changes nothing if `work` fails.
pub async fn change_schema<P: Platform, T>(
    app: &App<P>,
    snapshot: &Snapshot,
    work: impl AsyncFnOnce(&<P::Database as Database>::Transaction) -> Result<T>,
) -> Result<Attempt<T>> {
    let change = async |transaction: &<P::Database as Database>::Transaction| {
        if !is_current_in(transaction, snapshot).await? {
            return Ok(Attempt::Stale);
        }
        let done = work(transaction).await?;
        system::change_version(transaction, app.env()).await?;
        Ok(Attempt::Done(done))
    };
    app.database().transact(change).await
}
