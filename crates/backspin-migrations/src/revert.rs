//! The last migration is taken back, with the values that it took away.

use backspin_core::{Env, Error, Platform, Result, Transaction};
use backspin_schema::{App, Attempt, Collection, Snapshot, change_schema, log};

use crate::apply::{refuse_losses, run, write_collections};
use crate::history::{self, Before, Migration};
use crate::measure::count;
use crate::{Terms, fingerprint};

/// What a migration takes away is kept, what a revert does is not.
const LOSES: &str = "Taking the migration back would lose data for good: a revert cannot be taken back.";

/// Takes back the migration `number`, which must be the last one in force; without a number, that one. Its collections are again as
/// they were, and so is the data that it has changed; what was written since stays, as far as the earlier
/// schema has a place for it; what it has none for is gone for good. Returns the migration.
///
/// Errors: 404 if no migration is in force; 409 if another one is the last, if the schema has been changed
/// since by other means, if its
/// record does not have its checksum, or if the values that it took away were forgotten; 400 if values written since would be
/// lost and that is not accepted, or if a step fails.
pub async fn revert(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    number: Option<i64>,
    terms: Terms<'_>,
) -> Result<Attempt<Migration>> {
    change_schema(app, snapshot, async |transaction| {
        let last = history::find_last(transaction, None).await?;
        let mut migration =
            last.ok_or_else(|| Error::NotFound("There is no migration to take back.".into()))?;
        check(&migration, number, snapshot)?;

        let mut losses = Vec::with_capacity(migration.steps.len());
        for step in &migration.steps {
            losses.push((step, count(transaction, step.counts.lost_by_revert.as_deref()).await?));
        }
        refuse_losses(LOSES, losses.into_iter(), terms.accepted_losses)?;

        let restored = restored(snapshot.collections(), &migration)?;
        log::pause(transaction, snapshot.collections(), &restored).await?;
        for (position, step) in migration.steps.iter().enumerate().rev() {
            run(transaction, &step.down, (position, step)).await?;
        }
        log::resume(transaction, snapshot.collections(), &restored).await?;
        write_collections(transaction, snapshot.collections(), &restored).await?;
        restore_places(transaction, &migration.before).await?;
        for collection in &migration.made {
            log::begin_anew(transaction, collection).await?;
        }
        migration.reverted = app.env().now().to_string();
        history::mark_reverted(transaction, migration.number, &migration.reverted).await?;
        Ok(migration)
    })
    .await
}

fn check(migration: &Migration, number: Option<i64>, snapshot: &Snapshot) -> Result<()> {
    let last = migration.number;
    if number.is_some_and(|number| number != last) {
        let message = format!("Only the last migration, {last}, can be taken back.");
        return Err(Error::Conflict(message));
    }
    if history::checksum(&migration.steps) != migration.checksum {
        let message = format!("The statements of migration {last} have been changed since it was applied.");
        return Err(Error::Conflict(message));
    }
    if fingerprint(snapshot.collections())? != migration.schema_after {
        let message = format!("The schema has been changed since migration {last} by other means.");
        return Err(Error::Conflict(message));
    }
    if !migration.forgotten.is_empty() && migration.keeps() {
        let message = format!("The values that migration {last} took away were deleted for good.");
        return Err(Error::Conflict(message));
    }
    Ok(())
}

/// The collections as they were before the migration.
fn restored(current: &[Collection], migration: &Migration) -> Result<Vec<Collection>> {
    let is_changed = |collection: &Collection| {
        migration.made.contains(&collection.id)
            || migration.before.iter().any(|before| before.collection.id == collection.id)
    };
    let mut restored: Vec<Collection> =
        current.iter().filter(|collection| !is_changed(collection)).cloned().collect();
    restored.extend(migration.before.iter().map(|before| before.collection.clone()));
    if fingerprint(&restored)? != migration.schema_before {
        return Err(Error::internal(format!("migration {} does not lead back", migration.number)));
    }
    Ok(restored)
}

/// Puts collections that are back where they stood among the others; at the end if another is there.
async fn restore_places(transaction: &impl Transaction, before: &[Before]) -> Result<()> {
    // Out of each other's way first.
    let away = r#"UPDATE "_collections" SET "rowid" = -?2 WHERE "id" = ?1"#;
    let back = r#"UPDATE "_collections" SET "rowid" = CASE
    WHEN EXISTS (SELECT 1 FROM "_collections" WHERE "rowid" = ?2) THEN (SELECT MAX("rowid") + 1 FROM "_collections")
    ELSE ?2
END
WHERE "id" = ?1"#;
    for sql in [away, back] {
        for Before { rowid, collection } in before {
            transaction.execute(sql, vec![collection.id.as_str().into(), (*rowid).into()]).await?;
        }
    }
    Ok(())
}
