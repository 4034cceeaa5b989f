//! How much of the log is kept, and how the rest goes.

use backspin_core::{Result, Transaction};

use crate::quote::Literal;

/// The name in `_backspin` of how many days a change is kept; 0 for ever.
pub const MAX_DAYS: &str = "changes_max_days";
/// The name in `_backspin` of how many changes are kept; 0 for all.
pub const MAX_COUNT: &str = "changes_max_count";

const DEFAULTS: [(&str, &str); 2] = [(MAX_DAYS, "90"), (MAX_COUNT, "1000000")];

/// Which changes take old ones with them: each 64th.
const WRITES: u32 = 64;
/// How many at most, so that compaction keeps up with the writes and no write waits long for it.
const ROWS: u32 = 128;

/// The statement that removes up to `rows` of the oldest changes, as far as they are too old or too many. It always
/// keeps the change `newest`, an expression.
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
    SELECT max("seq") FROM (SELECT "seq", "time" FROM "_changes" ORDER BY "seq" LIMIT {rows})
    WHERE "seq" < {newest} AND (
        "time" < (SELECT iif("max" > 0, strftime('%Y-%m-%d %H:%M:%fZ', 'now', '-' || "max" || ' days'), '') FROM {days})
        OR "seq" <= (SELECT iif("max" > 0, {newest} - "max", 0) FROM {count})
    )
)"#
    )
}

/// From now on the log keeps within its bounds, by itself: whoever writes to it takes away what is too much.
pub(super) async fn install(transaction: &impl Transaction) -> Result<()> {
    for (name, value) in DEFAULTS {
        let sql = r#"INSERT INTO "_backspin" ("name", "value") VALUES (?1, ?2)"#;
        transaction.execute(sql, vec![name.into(), value.into()]).await?;
    }
    let sql = format!(
        "CREATE TRIGGER \"changes~compact\" AFTER INSERT ON \"_changes\"\nWHEN NEW.\"seq\" % {WRITES} = 0\nBEGIN\n{};\nEND",
        compact_sql("NEW.\"seq\"", ROWS)
    );
    transaction.execute(&sql, Vec::new()).await?;
    Ok(())
}
