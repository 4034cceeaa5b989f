//! The few calls of SQLite that rusqlite does not offer.
#![allow(unsafe_code)] // each is one call on a connection that is borrowed meanwhile

use rusqlite::functions::Context;
use rusqlite::{Connection, ffi};

/// Sets what `last_insert_rowid()` says until the next insert.
pub(super) fn set_last_insert_rowid(connection: &Connection, rowid: i64) {
    // SAFETY: the handle is valid while the connection is borrowed.
    unsafe { ffi::sqlite3_set_last_insert_rowid(connection.handle(), rowid) }
}

/// Whether a foreign key is violated that is checked only at the commit.
pub(super) fn has_deferred_violations(connection: &Connection) -> bool {
    let (mut current, mut highest) = (0, 0);
    // SAFETY: the handle is valid while the connection is borrowed; both numbers outlive the call.
    unsafe {
        ffi::sqlite3_db_status(
            connection.handle(),
            ffi::SQLITE_DBSTATUS_DEFERRED_FKS,
            &mut current,
            &mut highest,
            0,
        );
    }
    current != 0
}

/// The rows changed by the last statement, and by all, on the connection that calls a function.
pub(super) fn changes_of_caller(context: &Context<'_>) -> rusqlite::Result<(u64, u64)> {
    // SAFETY: the reference does not leave this function, nor this thread.
    let connection = unsafe { context.get_connection()? };
    Ok((connection.changes(), connection.total_changes()))
}
