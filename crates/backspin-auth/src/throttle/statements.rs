//! The table of the counters, and the statements on it.

use backspin_core::DatabaseError;

use crate::known_device;

/// `count`: attempts since the counter began; `opens` and `ends`: when the next attempt is taken and when the counter
/// is forgotten, in milliseconds since 1970. `pending`: attempts that are being looked at, until `settles` at the longest.
const TABLE_SQL: &str = r#"CREATE TABLE IF NOT EXISTS "_throttles" (
    "key" TEXT PRIMARY KEY NOT NULL,
    "count" INTEGER NOT NULL,
    "opens" INTEGER NOT NULL,
    "ends" INTEGER NOT NULL,
    "pending" INTEGER NOT NULL DEFAULT 0,
    "settles" INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID"#;

const INDEX_SQL: &str = r#"CREATE INDEX IF NOT EXISTS "idx__throttles_ends" ON "_throttles" ("ends")"#;

/// Of tables that an earlier version has made.
const ADD_COLUMNS_SQL: [&str; 2] = [
    r#"ALTER TABLE "_throttles" ADD COLUMN "pending" INTEGER NOT NULL DEFAULT 0"#,
    r#"ALTER TABLE "_throttles" ADD COLUMN "settles" INTEGER NOT NULL DEFAULT 0"#,
];

/// The counters of the JSON array `?1` that are closed at `?2`, as `"old"`. One that `passes_known` lets an account
/// (`?3`, `?4`) pass on a device (`?5`) that it has used before.
macro_rules! closed {
    () => {
        r#"FROM json_each(?1) AS "policy"
JOIN "_throttles" AS "old" ON "old"."key" = "policy"."value" ->> 'key'
WHERE "old"."opens" > ?2 AND "old"."ends" > ?2
    AND NOT ("policy"."value" ->> 'passes_known' AND EXISTS (
        SELECT 1 FROM "_authOrigins"
        WHERE "collectionRef" = ?3 AND "recordRef" = ?4 AND "fingerprint" = ?5
        UNION ALL
        SELECT 1 FROM "_devices"
        WHERE "collectionRef" = ?3 AND "recordRef" = ?4 AND "fingerprint" = ?5
    ))"#
    };
}

/// Counts the attempt on each counter, unless one of them is [`closed!`]. It is pending until `?6`. One row for each
/// counter, none for an attempt that is refused.
pub(super) const TAKE_SQL: &str = concat!(
    r#"INSERT INTO "_throttles" ("key", "count", "opens", "ends", "pending", "settles")
SELECT "new"."key", "new"."count",
    ?2 + CASE WHEN "new"."count" < "new"."free" THEN 0
        ELSE min("new"."pause_max", "new"."pause" << min("new"."count" - "new"."free", 20)) END,
    ?2 + "new"."kept",
    "new"."pending",
    ?6
FROM (
    SELECT "policy"."value" ->> 'key' AS "key",
        "policy"."value" ->> 'free' AS "free",
        "policy"."value" ->> 'pause' AS "pause",
        "policy"."value" ->> 'pause_max' AS "pause_max",
        "policy"."value" ->> 'kept' AS "kept",
        "policy"."value" ->> 'passes_known' AS "passes_known",
        1 + coalesce((SELECT "count" FROM "_throttles" AS "old"
            WHERE "old"."key" = "policy"."value" ->> 'key' AND "old"."ends" > ?2), 0) AS "count",
        1 + coalesce((SELECT "pending" FROM "_throttles" AS "old"
            WHERE "old"."key" = "policy"."value" ->> 'key' AND "old"."settles" > ?2), 0) AS "pending"
    FROM json_each(?1) AS "policy"
) AS "new"
WHERE NOT EXISTS (SELECT 1 "#,
    closed!(),
    r#")
ON CONFLICT ("key") DO UPDATE
SET "count" = "excluded"."count", "opens" = "excluded"."opens", "ends" = "excluded"."ends",
    "pending" = "excluded"."pending", "settles" = "excluded"."settles"
RETURNING 1"#
);

/// Of what [`TAKE_SQL`] is refused by: whether there is a counter that no pending attempt can open. Null if nothing
/// refuses it.
pub(super) const CLOSED_SQL: &str =
    concat!(r#"SELECT max(NOT ("old"."pending" > 0 AND "old"."settles" > ?2)) "#, closed!());

/// Counts `?4` more on `?1` at `?2`, in a window of `?3` milliseconds.
pub(super) const COUNT_SQL: &str = r#"INSERT INTO "_throttles" ("key", "count", "opens", "ends")
VALUES (?1, ?4, 0, ?2 + ?3)
ON CONFLICT ("key") DO UPDATE
SET "count" = CASE WHEN "ends" <= ?2 THEN ?4 ELSE "count" + ?4 END,
    "ends" = CASE WHEN "ends" <= ?2 THEN "excluded"."ends" ELSE "ends" END
RETURNING "count""#;

/// The attempt was none: `?1` are begun anew, of `?2` it is taken back.
pub(super) const FORGIVE_SQL: &str = r#"UPDATE "_throttles"
SET "count" = CASE WHEN "key" IN (SELECT "value" FROM json_each(?1)) THEN 0 ELSE max("count" - 1, 0) END,
    "opens" = CASE WHEN "key" IN (SELECT "value" FROM json_each(?1)) THEN 0 ELSE "opens" END,
    "pending" = max("pending" - 1, 0)
WHERE "key" IN (SELECT "value" FROM json_each(?1) UNION SELECT "value" FROM json_each(?2))"#;

/// The counters `?1` are as if nothing had been counted.
pub(super) const FORGET_SQL: &str = r#"DELETE FROM "_throttles"
WHERE "key" IN (SELECT "value" FROM json_each(?1))"#;

/// The attempt stays counted, and is no longer pending.
pub(super) const SETTLE_SQL: &str = r#"UPDATE "_throttles"
SET "pending" = max("pending" - 1, 0)
WHERE "key" IN (SELECT "value" FROM json_each(?1))"#;

pub(super) const SWEEP_SQL: &str = r#"DELETE FROM "_throttles"
WHERE "key" IN (SELECT "key" FROM "_throttles" WHERE "ends" <= ?1 LIMIT ?2)"#;

/// What makes the tables that a statement failed for the lack of.
pub(super) fn repair(error: DatabaseError) -> Result<&'static [&'static str], DatabaseError> {
    match error {
        DatabaseError::NoSuchTable(_) => Ok(&[TABLE_SQL, INDEX_SQL, known_device::TABLE_SQL]),
        DatabaseError::NoSuchColumn(_) => Ok(&ADD_COLUMNS_SQL),
        other => Err(other),
    }
}
