//! The change log: triggers on every table of records append each insert, update and delete to `_changes`, so that
//! no write passes it by.
//!
//! A row of `_changes` is `seq`, `time`, the ids of the collection and the record, the `action` (`create`, `update`,
//! `delete`), the `actor`, the row `before` and `after` (see [`Image`]), and `secrets`: the ids of the fields whose
//! values are never logged and have changed, as a JSON array. Its newest row is never removed, so that no `seq` is
//! used twice.
//!
//! Every table of records has the column [`ACTOR_COLUMN`], which is no field. A write of the API sets it by
//! [`by_insert`], [`by_update`] or [`by_delete`] in the statement that writes; from this the triggers take the actor.
//! A write that does not set it has no known actor.

mod actor;
mod image;
mod pause;
mod predecessor;
mod retention;
mod retyped;
mod triggers;

pub use actor::{ACTOR_COLUMN, GUEST, UNKNOWN, by_delete, by_insert, by_update};
pub use image::{Image, empty, is_secret, key};
pub use pause::{pause, resume};
pub use predecessor::{begin_anew, last_of_predecessor};
pub use retention::{COMPACTED_BYTES, MAX_COUNT, MAX_DAYS, compact_sql, image_bytes, without_compaction};
pub use retyped::{RETYPED_SQL, Retyped};
pub use triggers::{create_triggers, drop_triggers, is_logged};

use backspin_core::{Result, Transaction};

/// The table, and the index for the history of one record.
const TABLE_SQL: [&str; 2] = [
    r#"CREATE TABLE "_changes" (
    "seq" INTEGER PRIMARY KEY,
    "time" TEXT NOT NULL,
    "collection" TEXT NOT NULL,
    "record" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "actor" TEXT,
    "before" TEXT,
    "after" TEXT,
    "secrets" TEXT
)"#,
    r#"CREATE INDEX "idx__changes_record" ON "_changes" ("record")"#,
];

/// Makes the empty log. From now on it is whole, which `_backspin` tells by `changes_since`; there is also how much
/// of it is kept: [`MAX_DAYS`] and [`MAX_COUNT`].
pub(crate) async fn create_table(transaction: &impl Transaction) -> Result<()> {
    for sql in TABLE_SQL {
        transaction.execute(sql, Vec::new()).await?;
    }
    let sql = r#"INSERT INTO "_backspin" ("name", "value")
VALUES ('changes_since', strftime('%Y-%m-%d %H:%M:%fZ'))"#;
    transaction.execute(sql, Vec::new()).await?;
    retention::install(transaction).await
}
