//! Who writes, as the statement that writes tells the triggers.
//!
//! The first character of the column is a mark, the rest is the actor: `=` and `~` take turns, so that each update of
//! the API differs from what was there and one by other means does not; `-` deletes the row.

use crate::quote::Quoted;

/// The column of every table of records that names its last writer. No field can have this name.
pub const ACTOR_COLUMN: &str = "by~";

/// The actor of a request without a token, in place of `collectionId/recordId`.
pub const GUEST: &str = "guest";

/// The actor of a write that nobody has asked for.
pub const UNKNOWN: &str = "";

/// What an `INSERT` stores in [`ACTOR_COLUMN`]. `actor` is a SQL expression.
pub fn by_insert(actor: &str) -> String {
    format!("'=' || {actor}")
}

/// The assignment in an `UPDATE`, whose table has the name or alias `table`. `actor` is a SQL expression.
pub fn by_update(table: &str, actor: &str) -> String {
    let column = Quoted(ACTOR_COLUMN);
    format!("{column} = iif(substr({}.{column}, 1, 1) = '=', '~', '=') || {actor}", Quoted(table))
}

/// The only assignment of an `UPDATE` that deletes its rows: a trigger removes what bears this mark. `actor` is a SQL
/// expression.
pub fn by_delete(actor: &str) -> String {
    format!("{} = '-' || {actor}", Quoted(ACTOR_COLUMN))
}

/// The actor that the statement has set in this row, `NEW` or `OLD`; null for none.
pub(super) fn of(row: &str) -> String {
    format!("nullif(substr({row}.{}, 2), '')", Quoted(ACTOR_COLUMN))
}
