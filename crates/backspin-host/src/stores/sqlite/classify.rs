//! What kind of statement it is, told by SQLite itself while it prepares it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Statement;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

use super::{Synchronous, lock};

/// Which way a statement takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// On any session, beside everything else.
    Read,
    /// By the writer, and may share a commit with others.
    Write,
    /// By the writer, with a commit of its own: it changes the schema, or may not run in a transaction.
    WriteAlone,
    /// Opens a transaction.
    Open,
    /// Changes the connection itself: needs a session that is its own from then on.
    Pin,
    /// Sets what belongs to all connections of the file: answered by this statement, which reads it.
    Answer(&'static str),
}

/// What is known of a statement before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nature {
    pub(super) route: Route,
    /// Whether it leaves the file as it is.
    pub(super) readonly: bool,
    /// Whether it opens or ends a transaction or savepoint.
    pub(super) controls_transaction: bool,
    /// Whether it asks for `changes()` or `total_changes()` itself, not in a trigger.
    pub(super) reads_changes: bool,
}

/// Collects what SQLite asks permission for while it prepares a statement.
#[derive(Debug)]
pub(super) struct Observer {
    /// What every connection has at least.
    synchronous: Synchronous,
    /// The session belongs to one guest connection: it may be changed.
    dedicated: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    anything: bool,
    opens: bool,
    controls: bool,
    alone: bool,
    pins: bool,
    reads_changes: bool,
    answer: Option<&'static str>,
}

impl Observer {
    pub(super) fn new(synchronous: Synchronous) -> Self {
        Self { synchronous, dedicated: AtomicBool::new(false), seen: Mutex::default() }
    }

    pub(super) fn dedicate(&self) {
        self.dedicated.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_dedicated(&self) -> bool {
        self.dedicated.load(Ordering::Relaxed)
    }

    /// Forgets what it saw, before a statement is prepared.
    pub(super) fn start(&self) {
        *lock(&self.seen) = Seen::default();
    }

    /// The nature of the statement that was prepared since `start`.
    pub(super) fn nature(&self, statement: &Statement<'_>) -> Nature {
        let seen = lock(&self.seen);
        let readonly = statement.readonly();
        let route = if let Some(answer) = seen.answer {
            Route::Answer(answer)
        } else if seen.pins {
            Route::Pin
        } else if seen.opens {
            Route::Open
        } else if seen.alone || (!readonly && !seen.anything) {
            Route::WriteAlone // SQLite asks for nothing when it prepares VACUUM
        } else if readonly {
            Route::Read
        } else {
            Route::Write
        };
        Nature { route, readonly, controls_transaction: seen.controls, reads_changes: seen.reads_changes }
    }

    /// SQLite's authorizer.
    pub(super) fn authorize(&self, context: AuthContext<'_>) -> Authorization {
        let mut seen = lock(&self.seen);
        seen.anything = true;
        match context.action {
            AuthAction::Transaction { operation } | AuthAction::Savepoint { operation, .. } => {
                seen.controls = true;
                seen.opens |= operation == TransactionOperation::Begin;
            }
            AuthAction::CreateTempIndex { .. }
            | AuthAction::CreateTempTable { .. }
            | AuthAction::CreateTempTrigger { .. }
            | AuthAction::CreateTempView { .. } => seen.pins = true,
            AuthAction::CreateVtable { .. } if context.database_name == Some("temp") => seen.pins = true,
            AuthAction::CreateIndex { .. }
            | AuthAction::CreateTable { .. }
            | AuthAction::CreateTrigger { .. }
            | AuthAction::CreateView { .. }
            | AuthAction::CreateVtable { .. }
            | AuthAction::DropIndex { .. }
            | AuthAction::DropTable { .. }
            | AuthAction::DropTrigger { .. }
            | AuthAction::DropView { .. }
            | AuthAction::DropVtable { .. }
            | AuthAction::AlterTable { .. }
            | AuthAction::Reindex { .. }
            | AuthAction::Analyze { .. } => seen.alone = true,
            AuthAction::Function { function_name } if context.accessor.is_none() => {
                seen.reads_changes |=
                    ["changes", "total_changes"].iter().any(|name| function_name.eq_ignore_ascii_case(name));
            }
            // VACUUM attaches a nameless temporary file; every other file is somebody else's.
            AuthAction::Attach { filename: "" } => {}
            AuthAction::Attach { .. } => return Authorization::Deny,
            AuthAction::Unknown { code: rusqlite::ffi::SQLITE_ATTACH, .. } => return Authorization::Deny,
            AuthAction::Pragma { pragma_name, pragma_value } => {
                return self.authorize_pragma(&mut seen, pragma_name, pragma_value);
            }
            _ => {}
        }
        Authorization::Allow
    }

    fn authorize_pragma(&self, seen: &mut Seen, name: &str, value: Option<&str>) -> Authorization {
        match Pragma::of(&name.to_ascii_lowercase(), value, self.synchronous) {
            Pragma::Reads => Authorization::Allow,
            Pragma::Writes => {
                seen.alone = true;
                Authorization::Allow
            }
            Pragma::BelongsToAll(answer) => {
                seen.answer = Some(answer);
                Authorization::Ignore
            }
            Pragma::IsSoAlready => Authorization::Ignore,
            Pragma::BelongsToProcess => Authorization::Deny,
            Pragma::ChangesConnection => {
                seen.pins = true;
                // Many pragmas act while they are prepared: never on a session that others will use.
                if self.is_dedicated() { Authorization::Allow } else { Authorization::Ignore }
            }
        }
    }
}

/// What a pragma does, seen from beside the connection that runs it.
enum Pragma {
    Reads,
    Writes,
    ChangesConnection,
    /// Sets what the connection has, or more than it asks for.
    IsSoAlready,
    /// The mode of the file is the store's business; this statement reads it.
    BelongsToAll(&'static str),
    /// Would change every database of the process.
    BelongsToProcess,
}

impl Pragma {
    fn of(name: &str, value: Option<&str>, synchronous: Synchronous) -> Self {
        match (name, value) {
            (
                "collation_list" | "compile_options" | "database_list" | "foreign_key_check"
                | "foreign_key_list" | "function_list" | "index_info" | "index_list" | "index_xinfo"
                | "integrity_check" | "module_list" | "pragma_list" | "quick_check" | "table_info"
                | "table_list" | "table_xinfo",
                _,
            )
            | (
                "application_id" | "auto_vacuum" | "encoding" | "foreign_keys" | "freelist_count"
                | "hard_heap_limit" | "journal_mode" | "locking_mode" | "page_count" | "page_size"
                | "schema_version" | "soft_heap_limit" | "user_version",
                None,
            ) => Pragma::Reads,
            ("synchronous", Some(value)) if Synchronous::level_named(value) <= synchronous.level() => {
                Pragma::IsSoAlready
            }
            // On from the start: only a connection that turned them off, and so is dedicated, can tell.
            ("foreign_keys", Some(value)) if is_on(value) => Pragma::Reads,
            ("application_id" | "incremental_vacuum" | "optimize" | "user_version" | "wal_checkpoint", _) => {
                Pragma::Writes
            }
            ("journal_mode", Some(_)) => Pragma::BelongsToAll("PRAGMA journal_mode"),
            ("locking_mode", Some(_)) => Pragma::BelongsToAll("PRAGMA locking_mode"),
            ("data_store_directory" | "hard_heap_limit" | "soft_heap_limit" | "temp_store_directory", _) => {
                Pragma::BelongsToProcess
            }
            _ => Pragma::ChangesConnection,
        }
    }
}

fn is_on(value: &str) -> bool {
    ["1", "on", "true", "yes"].iter().any(|on| value.eq_ignore_ascii_case(on))
}
