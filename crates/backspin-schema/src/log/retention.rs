//! How much of the log is kept, and how the rest goes.

use backspin_core::{Result, Transaction, Value};

use crate::quote::Literal;

/// The name in `_backspin` of how many days a change is kept; 0 for ever.
pub const MAX_DAYS: &str = "changes_max_days";
/// The name in `_backspin` of how many changes are kept; 0 for all.
pub const MAX_COUNT: &str = "changes_max_count";

const DEFAULTS: [(&str, &str); 2] = [(MAX_DAYS, "90"), (MAX_COUNT, "1000000")];

/// Which changes take old ones with them: each 64th, and each that is large.
const WRITES: u32 = 64;
const LARGE_BYTES: u32 = 128 << 10;
/// How many at most, so that compaction keeps up with the writes and no write waits long for it.
const ROWS: u32 = 128;
/// After so much of them no more go at once: what 64 changes that are not large can have written.
pub const COMPACTED_BYTES: u32 = WRITES * LARGE_BYTES;

/// The statement that removes up to `rows` of the oldest changes, or [`COMPACTED_BYTES`] of them and one more, as far as they are
/// too old or too many. It always keeps the change `newest`, an expression.
pub fn compact_sql(newest: &str, rows: u32) -> String {
    let setting = |name: &str| {
        format!(
            r#"(SELECT CAST("value" AS INTEGER) AS "max" FROM "_backspin" WHERE "name" = {})"#,
            Literal(name)
        )
    };
    let (days, count) = (setting(MAX_DAYS), setting(MAX_COUNT));
    format!(
        r#"DELETE FROM "_changes" WHERE "seq" <= (
    SELECT max("seq") FROM (
        SELECT "seq", "time", sum("bytes") OVER (ORDER BY "seq") - "bytes" AS "bytes_before" FROM (
            SELECT "seq", "time", {} AS "bytes" FROM "_changes" ORDER BY "seq" LIMIT {rows}
        )
    )
    WHERE "seq" < {newest} AND "bytes_before" < {COMPACTED_BYTES} AND (
        "time" < (SELECT iif("max" > 0, strftime('%Y-%m-%d %H:%M:%fZ', 'now', '-' || "max" || ' days'), '') FROM {days})
        OR "seq" <= (SELECT iif("max" > 0, {newest} - "max", 0) FROM {count})
    )
)"#,
        image_bytes("")
    )
}

/// The expression of the size of both images of a change, which SQLite knows without reading them. `row` is `NEW.` or nothing.
pub fn image_bytes(row: &str) -> String {
    format!(r#"coalesce(octet_length({row}"before"), 0) + coalesce(octet_length({row}"after"), 0)"#)
}

/// Runs `work`, which writes much and reads old changes meanwhile, so that none of them is removed. What is too much by
/// then goes with later writes.
pub async fn without_compaction<T>(
    transaction: &impl Transaction,
    work: impl AsyncFnOnce() -> Result<T>,
) -> Result<T> {
    let sql = r#"SELECT json_group_object("name", "value") FROM "_backspin" WHERE "name" IN (?1, ?2)"#;
    let names = vec![MAX_DAYS.into(), MAX_COUNT.into()];
    let bounds = transaction.execute(sql, names.clone()).await?.into_first().unwrap_or(Value::Null);
    let sql = r#"UPDATE "_backspin" SET "value" = '0' WHERE "name" IN (?1, ?2)"#;
    transaction.execute(sql, names).await?;
    let done = work().await?;
    let sql = r#"UPDATE "_backspin" SET "value" = "bound"."value"
FROM json_each(?1) AS "bound" WHERE "name" = "bound"."key""#;
    transaction.execute(sql, vec![bounds]).await?;
    Ok(done)
}

/// From now on the log keeps within its bounds, by itself: whoever writes to it takes away what is too much.
pub(super) async fn install(transaction: &impl Transaction) -> Result<()> {
    for (name, value) in DEFAULTS {
        let sql = r#"INSERT INTO "_backspin" ("name", "value") VALUES (?1, ?2)"#;
        transaction.execute(sql, vec![name.into(), value.into()]).await?;
    }
    let sql = format!(
        "CREATE TRIGGER \"changes~compact\" AFTER INSERT ON \"_changes\"\nWHEN NEW.\"seq\" % {WRITES} = 0 OR {} > {LARGE_BYTES}\nBEGIN\n{};\nEND",
        image_bytes("NEW."),
        compact_sql("NEW.\"seq\"", ROWS)
    );
    transaction.execute(&sql, Vec::new()).await?;
    Ok(())
}
