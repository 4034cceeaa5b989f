//! One open SQLite connection, used by one statement at a time.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{OpenFlags, Statement, TransactionState};

use super::checkpoint::WalWatch;
use super::classify::{Nature, Observer, Route};
use super::error::Failure;
use super::gauge::{Gauge, Pace, STEPS_PER_TICK};
use super::statements::REMEMBERED_SQL_BYTES_MAX;
use super::{Options, QueryResult, Value, lock, raw};

/// Bytes of a result that may be gathered on the calling thread.
const INLINE_RESULT_BYTES_MAX: usize = 4 << 20;

/// What a guest's connection knows of its own writes, whichever session did them.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) last_insert_rowid: AtomicI64,
    pub(super) changes: AtomicU64,
    pub(super) total_changes: AtomicU64,
}

/// `(changes, total_changes)` of the guest's connection, while they differ from the session's.
type Changes = Arc<Mutex<Option<(u64, u64)>>>;

pub(super) struct Session {
    connection: rusqlite::Connection,
    gauge: Arc<Gauge>,
    observer: Arc<Observer>,
    changes: Changes,
    result_bytes_max: usize,
    inline_ticks_max: u32,
}

impl Session {
    /// Opens the file, which must exist and be in WAL mode (see [`super::open`]).
    pub(super) fn open(path: &Path, options: &Options, wal: &Arc<WalWatch>) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = rusqlite::Connection::open_with_flags(path, flags)?;
        connection.set_prepared_statement_cache_capacity(options.prepared_statements_max);
        // Without it, a statement on a table with a partial index is prepared again for each value bound to it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "mmap_size", options.mmap_bytes as i64)?;
        connection.pragma_update(None, "synchronous", options.synchronous.level())?;
        let wal = Arc::clone(wal);
        connection.wal_hook(Some(move |_: &mut _, pages| {
            wal.committed(pages);
            Ok(())
        }))?;

        let gauge = Arc::new(Gauge::new(options.busy_timeout));
        let ticking = Arc::clone(&gauge);
        connection.progress_handler(STEPS_PER_TICK as i32, Some(move || ticking.tick()))?;
        let waiting = Arc::clone(&gauge);
        connection.busy_handler(Some(move |_| waiting.wait_for_lock()))?;

        let observer = Arc::new(Observer::new(options.synchronous));
        let observing = Arc::clone(&observer);
        connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            observing.authorize(context)
        }))?;

        let changes = Changes::default();
        define_changes(&connection, &changes)?;
        Ok(Self {
            connection,
            gauge,
            observer,
            changes,
            result_bytes_max: options.result_bytes_max,
            inline_ticks_max: options.inline_steps_max.div_ceil(STEPS_PER_TICK),
        })
    }

    /// The pace of a statement on the calling thread.
    pub(super) fn inline_pace(&self) -> Pace {
        Pace::Inline { ticks_max: self.inline_ticks_max }
    }

    pub(super) fn arm(&self, pace: Pace) {
        self.gauge.arm(pace);
    }

    /// Whether the last statement took few steps.
    pub(super) fn was_quick(&self) -> bool {
        self.gauge.was_quick()
    }

    /// Whether a transaction is open that nothing else can keep from writing.
    pub(super) fn holds_write_lock(&self) -> bool {
        self.connection.transaction_state(Some("main")).is_ok_and(|state| state == TransactionState::Write)
    }

    pub(super) fn is_autocommit(&self) -> bool {
        self.connection.is_autocommit()
    }

    pub(super) fn has_deferred_violations(&self) -> bool {
        raw::has_deferred_violations(&self.connection)
    }

    pub(super) fn is_dedicated(&self) -> bool {
        self.observer.is_dedicated()
    }

    /// From now on the session belongs to one connection, whose statements may change it.
    pub(super) fn dedicate(&self, options: &Options) -> rusqlite::Result<()> {
        self.observer.dedicate();
        self.connection.busy_timeout(options.busy_timeout)
    }

    /// Ends a transaction that is open; what was prepared is kept.
    pub(super) fn roll_back(&self) {
        if !self.is_autocommit() {
            self.arm(Pace::Blocking { cancelled: None });
            // It fails only where SQLite has rolled back by itself.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Makes the session speak for a guest's connection: what it last inserted and changed.
    pub(super) fn impersonate(&self, counters: &Counters) {
        raw::set_last_insert_rowid(&self.connection, counters.last_insert_rowid.load(Ordering::Relaxed));
        *lock(&self.changes) =
            Some((counters.changes.load(Ordering::Relaxed), counters.total_changes.load(Ordering::Relaxed)));
    }

    /// Prepares a statement to learn its nature; it is handed to `then` together with it.
    pub(super) fn classify<T>(
        &self,
        sql: &str,
        then: impl FnOnce(Nature, Prepared<'_>) -> T,
    ) -> Result<T, Failure> {
        self.observer.start();
        let statement = match self.connection.prepare(sql) {
            Err(_) if self.gauge.is_exhausted() => {
                // So long that to parse it takes more than a moment: it is learnt all the same.
                self.arm(Pace::Blocking { cancelled: None });
                self.observer.start();
                self.connection.prepare(sql)?
            }
            statement => statement?,
        };
        let nature = self.observer.nature(&statement);
        Ok(then(nature, Prepared { session: self, statement }))
    }

    /// Runs a statement at the pace that is armed and gathers its rows.
    pub(super) fn run(&self, sql: &str, parameters: &[Value]) -> Result<QueryResult, Failure> {
        if sql.len() > REMEMBERED_SQL_BYTES_MAX {
            let statement = self.connection.prepare(sql);
            return self.gather(&mut statement.map_err(|error| self.failure(error))?, parameters);
        }
        let statement = self.connection.prepare_cached(sql);
        let mut statement = statement.map_err(|error| self.failure(error))?;
        match self.gather(&mut statement, parameters) {
            Err(failure) if failure.code() == Some(rusqlite::ErrorCode::Unknown) => {
                statement.discard();
                // Where the schema has changed since it was prepared, the fault is in the statement, and
                // is reported as it is for one that is prepared for the first time.
                self.connection.prepare(sql)?;
                Err(failure)
            }
            result => result,
        }
    }

    /// Runs a statement that changes the file, for the connection whose counters these are.
    pub(super) fn write(
        &self,
        sql: &str,
        parameters: &[Value],
        nature: Nature,
        counters: &Counters,
    ) -> (Result<QueryResult, Failure>, Counted) {
        raw::set_last_insert_rowid(&self.connection, counters.last_insert_rowid.load(Ordering::Relaxed));
        if nature.reads_changes {
            self.impersonate(counters);
        }
        let total_before = self.connection.total_changes();
        let result = self.run(sql, parameters);
        *lock(&self.changes) = None;
        let counted = Counted {
            last_insert_rowid: self.connection.last_insert_rowid(),
            changes: (nature.route == Route::Write).then(|| self.connection.changes()),
            changed: self.connection.total_changes() - total_before,
        };
        (result, counted)
    }

    fn gather(&self, statement: &mut Statement<'_>, parameters: &[Value]) -> Result<QueryResult, Failure> {
        let result_bytes_max = if self.gauge.is_inline() && statement.readonly() {
            INLINE_RESULT_BYTES_MAX.min(self.result_bytes_max)
        } else {
            self.result_bytes_max
        };
        let mut columns = Vec::new();
        let mut rows = Vec::new();
        let mut bytes = 0;
        let mut cursor = statement.query(rusqlite::params_from_iter(parameters))?;
        while let Some(row) = cursor.next().map_err(|error| self.failure(error))? {
            if rows.is_empty() {
                columns = column_names(row.as_ref());
            }
            let mut values = Vec::with_capacity(columns.len());
            for column in 0..columns.len() {
                let value = match row.get_ref(column)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(integer) => Value::Integer(integer),
                    ValueRef::Real(real) => Value::Real(real),
                    ValueRef::Text(text) => {
                        let text = std::str::from_utf8(text).map_err(|_| Failure::NotUtf8(column))?;
                        Value::Text(text.to_owned())
                    }
                    ValueRef::Blob(blob) => Value::Blob(blob.to_owned()),
                };
                bytes += value.size_bytes();
                values.push(value);
            }
            if bytes > result_bytes_max {
                return Err(if result_bytes_max < self.result_bytes_max {
                    Failure::Unfinished
                } else {
                    Failure::ResultTooLarge(result_bytes_max)
                });
            }
            rows.push(values);
        }
        drop(cursor);
        if rows.is_empty() {
            columns = column_names(statement);
        }
        Ok(QueryResult { columns, rows })
    }

    fn failure(&self, error: rusqlite::Error) -> Failure {
        let stopped = self.gauge.is_exhausted()
            || (self.gauge.is_inline()
                && error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy));
        if stopped { Failure::Unfinished } else { Failure::Sqlite(error) }
    }
}

/// Asked for after the first step: until then a statement kept prepared may not know of a new column.
fn column_names(statement: &Statement<'_>) -> Vec<String> {
    statement.column_names().map(str::to_owned).collect()
}

/// Lets `changes()` and `total_changes()` speak of the guest's connection. While a statement writes they
/// are SQLite's own again, so that triggers see what they expect.
fn define_changes(connection: &rusqlite::Connection, of_guest: &Changes) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    let guest = Arc::clone(of_guest);
    connection.create_scalar_function("changes", 0, flags, move |context| {
        let of_guest = *lock(&guest);
        Ok(of_guest.map_or_else(|| raw::changes_of_caller(context), Ok)?.0 as i64)
    })?;
    let guest = Arc::clone(of_guest);
    connection.create_scalar_function("total_changes", 0, flags, move |context| {
        let of_guest = *lock(&guest);
        Ok(of_guest.map_or_else(|| raw::changes_of_caller(context), Ok)?.1 as i64)
    })
}

/// A statement that was just prepared, to learn its nature.
pub(super) struct Prepared<'session> {
    session: &'session Session,
    statement: Statement<'session>,
}

impl Prepared<'_> {
    pub(super) fn run(mut self, parameters: &[Value]) -> Result<QueryResult, Failure> {
        self.session.gather(&mut self.statement, parameters)
    }
}

/// What a write did to the counters of its connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    last_insert_rowid: i64,
    /// Nothing for a statement that does not count rows, such as `CREATE TABLE`.
    changes: Option<u64>,
    changed: u64,
}

impl Counted {
    pub(super) fn add_to(self, counters: &Counters) {
        counters.last_insert_rowid.store(self.last_insert_rowid, Ordering::Relaxed);
        if let Some(changes) = self.changes {
            counters.changes.store(changes, Ordering::Relaxed);
        }
        counters.total_changes.fetch_add(self.changed, Ordering::Relaxed);
    }
}
