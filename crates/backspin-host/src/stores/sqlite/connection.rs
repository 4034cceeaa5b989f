//! A guest's connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::classify::Route;
use super::database::Shared;
use super::error::Failure;
use super::gauge::{Cancelled, Pace};
use super::pinned::{self, Pinned, Slot};
use super::session::Counters;
use super::statements::Known;
use super::writer::CancelOnDrop;
use super::{Error, QueryResult, Value};

/// A connection of one guest, with its own transaction, temporary tables, pragmas and counters. Clones
/// are the same connection; requests that share it take turns in a transaction, as on any connection.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    counters: Arc<Counters>,
    slot: Arc<Slot>,
    /// Whether there is something in the slot: spares most statements its lock.
    is_pinned: Arc<AtomicBool>,
    cancelled: Cancelled,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Connection {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            inner: Arc::new(Inner {
                shared: Arc::clone(shared),
                counters: Arc::default(),
                slot: Arc::default(),
                is_pinned: Arc::default(),
                cancelled: Cancelled::default(),
            }),
        }
    }

    /// Runs one statement with its parameters and gathers its rows. A write is committed when this
    /// returns, unless a transaction is open.
    ///
    /// # Errors
    /// What SQLite says of the statement, a result over the limit, or a limit of the database.
    pub async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let sql = sql.trim();
        if let Some(pinned) = self.inner.pinned().await {
            return pinned::execute(pinned, sql, parameters).await;
        }
        let shared = &self.inner.shared;
        let known = match shared.statements.find(sql) {
            Some(known) => known,
            None => match self.inner.meet(sql, &parameters)? {
                Met::Done(result) => return Ok(result),
                Met::Known(known) => known,
            },
        };
        match known.nature.route {
            Route::Read => self.inner.read(sql, parameters, &known).await,
            Route::Answer(answer) => self.inner.read(answer, parameters, &known).await,
            Route::Write | Route::WriteAlone => {
                shared.writer.write(sql, parameters, &known, &self.inner.counters).await
            }
            Route::Open | Route::Pin => {
                let writes = known.nature.route == Route::Open && !known.nature.readonly;
                let pinned = self.inner.pin(writes).await?;
                pinned::execute(pinned, sql, parameters).await
            }
        }
    }

    /// The rowid of the last row that this connection inserted, 0 before the first.
    pub fn last_insert_rowid(&self) -> i64 {
        self.inner.counters.last_insert_rowid.load(Ordering::Relaxed)
    }

    /// Rows that this connection's last INSERT, UPDATE or DELETE changed.
    pub fn changes(&self) -> u64 {
        self.inner.counters.changes.load(Ordering::Relaxed)
    }
}

/// A statement that was seen for the first time.
enum Met {
    /// A read: its preparation was used to run it.
    Done(QueryResult),
    Known(Arc<Known>),
}

impl Inner {
    /// The session of its own, if the connection has one now.
    async fn pinned(&self) -> Option<tokio::sync::OwnedMutexGuard<Option<Pinned>>> {
        if !self.is_pinned.load(Ordering::Acquire) {
            return None;
        }
        let guard = Arc::clone(&self.slot).lock_owned().await;
        guard.is_some().then_some(guard)
    }

    /// Gives the connection a session of its own; if it `writes`, only when it is its turn, so that those who wait need none.
    async fn pin(&self, writes: bool) -> Result<tokio::sync::OwnedMutexGuard<Option<Pinned>>, Error> {
        let mut guard = Arc::clone(&self.slot).lock_owned().await;
        if guard.is_none() {
            let pins = Arc::clone(&self.shared.pins).acquire_owned();
            let Ok(Ok(permit)) = tokio::time::timeout(self.shared.options.busy_timeout, pins).await else {
                return Err(Error::new(format!(
                    "{} connections have a transaction open, or settings of their own: try again later",
                    self.shared.options.pinned_max
                )));
            };
            let turn = if writes { Some(self.shared.writer.turn().await?) } else { None };
            let pool = &self.shared.pool;
            let session = if writes { pool.lend_to_write() } else { pool.lend() }?;
            *guard = Some(Pinned::new(
                session,
                turn,
                &self.shared,
                &self.counters,
                &self.is_pinned,
                &self.cancelled,
                permit,
            ));
        }
        Ok(guard)
    }

    fn meet(&self, sql: &str, parameters: &[Value]) -> Result<Met, Error> {
        let session = self.shared.pool.lend()?;
        session.impersonate(&self.counters);
        session.arm(session.inline_pace());
        let met = session.classify(sql, |nature, prepared| {
            let known = self.shared.statements.remember(sql, nature);
            if nature.route != Route::Read {
                return Ok(Met::Known(known));
            }
            match prepared.run(parameters) {
                Err(Failure::Unfinished) => {
                    known.mark_slow();
                    Ok(Met::Known(known))
                }
                result => Ok(Met::Done(result?)),
            }
        });
        met?
    }

    async fn read(&self, sql: &str, parameters: Vec<Value>, known: &Known) -> Result<QueryResult, Error> {
        if !known.take_slow_run() {
            let session = self.shared.pool.lend()?;
            session.impersonate(&self.counters);
            session.arm(session.inline_pace());
            match session.run(sql, &parameters) {
                Err(Failure::Unfinished) => known.mark_slow(),
                result => return Ok(result?),
            }
        }
        self.read_slowly(sql.to_owned(), parameters).await
    }

    /// On a blocking thread, until it is done or the future is dropped.
    async fn read_slowly(&self, sql: String, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let permit =
            Arc::clone(&self.shared.slow_reads).acquire_owned().await.map_err(|_| Error::closed())?;
        let cancelled = Cancelled::default();
        let _guard = CancelOnDrop(Arc::clone(&cancelled));
        let pool = Arc::clone(&self.shared.pool);
        let counters = Arc::clone(&self.counters);
        let run = self.shared.runtime.spawn_blocking(move || {
            let _permit = permit;
            let session = pool.lend()?;
            session.impersonate(&counters);
            session.arm(Pace::Blocking { cancelled: Some(cancelled) });
            Ok(session.run(&sql, &parameters)?)
        });
        run.await.unwrap_or_else(|_| Err(Error::closed()))
    }
}
