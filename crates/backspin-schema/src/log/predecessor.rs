//! A collection may have the id of one that is gone, for ids are made from names: what the log tells of that one is not
//! the past of this one, and its rules were others.
//!
//! `_backspin` holds, under `changes_before COLLECTION_ID`, the last change that is not the collection's own. Collections
//! that never had a predecessor have none.

use backspin_core::{Result, Transaction};

/// From now on, what the log has of this id belongs to another collection: when one is made, and when its making is
/// taken back.
pub async fn begin_anew(transaction: &impl Transaction, collection_id: &str) -> Result<()> {
    let sql = r#"INSERT OR REPLACE INTO "_backspin" ("name", "value")
SELECT 'changes_before ' || ?1, max("seq") FROM "_changes" HAVING max("seq") IS NOT NULL"#;
    transaction.execute(sql, vec![collection_id.into()]).await?;
    Ok(())
}

/// The expression of the last change that belongs to another collection of the same id; 0 for none. `collection_id` is
/// an expression.
pub fn last_of_predecessor(collection_id: &str) -> String {
    format!(
        r#"coalesce((SELECT CAST("value" AS INTEGER) FROM "_backspin" WHERE "name" = 'changes_before ' || {collection_id}), 0)"#
    )
}
