//! A session of its own for a guest's connection: while a transaction is open, or for good.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit};

use super::classify::Route;
use super::database::Shared;
use super::error::Failure;
use super::gauge::{Cancelled, Pace};
use super::pool::Lease;
use super::session::Counters;
use super::statements::Known;
use super::writer::Turn;
use super::{Error, QueryResult, Synchronous, Value};

/// Where a guest's connection keeps its session; empty while it needs none.
pub(super) type Slot = Mutex<Option<Pinned>>;

pub(super) struct Pinned {
    /// Dropped before the turn is: whoever is next takes it.
    session: Lease,
    /// Held from the first write of a transaction to its end.
    turn: Option<Turn>,
    shared: Arc<Shared>,
    counters: Arc<Counters>,
    /// Tells the connection, without a lock, that this exists.
    exists: Arc<AtomicBool>,
    /// Set when the guest's connection is dropped.
    cancelled: Cancelled,
    used_at: Instant,
    is_watched: bool,
    /// The transaction was rolled back because it was left alone; the next statement says so.
    is_stalled: bool,
    _permit: OwnedSemaphorePermit,
}

impl Pinned {
    pub(super) fn new(
        session: Lease,
        turn: Option<Turn>,
        shared: &Arc<Shared>,
        counters: &Arc<Counters>,
        exists: &Arc<AtomicBool>,
        cancelled: &Cancelled,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        exists.store(true, Ordering::Release);
        Self {
            session,
            turn,
            shared: Arc::clone(shared),
            counters: Arc::clone(counters),
            exists: Arc::clone(exists),
            cancelled: Arc::clone(cancelled),
            used_at: Instant::now(),
            is_watched: false,
            is_stalled: false,
            _permit: permit,
        }
    }

    /// Whether the connection no longer needs a session of its own.
    pub(super) fn is_over(&self) -> bool {
        self.session.is_autocommit() && !self.session.is_dedicated() && !self.is_stalled
    }

    fn report(&self, what: &str) {
        let path = self.shared.path.display();
        (self.shared.options.on_abandoned_transaction)(&format!(
            "database {path}: a transaction {what}: rolled back"
        ));
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if !self.session.is_autocommit() {
            self.report("was still open when its connection was closed");
            self.session.roll_back();
        }
        self.exists.store(false, Ordering::Release);
    }
}

/// Runs a statement on the session of a connection, which must have one.
pub(super) async fn execute(
    mut guard: OwnedMutexGuard<Option<Pinned>>,
    sql: &str,
    parameters: Vec<Value>,
) -> Result<QueryResult, Error> {
    let Some(pinned) = guard.as_mut() else { return Err(Error::closed()) };
    if std::mem::take(&mut pinned.is_stalled) {
        let limit = pinned.shared.options.idle_transaction_max;
        settle(&mut guard);
        return Err(Error::new(format!(
            "the transaction was rolled back because no statement came for {} seconds",
            limit.as_secs_f32()
        )));
    }
    let known = learn(pinned, sql)?;
    if known.nature.route == Route::Pin && !pinned.session.is_dedicated() {
        pinned.session.dedicate(&pinned.shared.options)?;
    }
    if !known.nature.readonly && pinned.turn.is_none() {
        pinned.turn = Some(pinned.shared.writer.turn().await?);
    }
    let sql = match known.nature.route {
        Route::Answer(sql) => sql,
        _ => sql,
    };
    if is_inline(pinned, &known) {
        pinned.session.arm(match known.nature.readonly || known.nature.controls_transaction {
            true => pinned.session.inline_pace(),
            false => pinned.to_the_end(),
        });
        match pinned.run(sql, &parameters, &known) {
            Err(Failure::Unfinished) => known.mark_slow(),
            result => {
                settle(&mut guard);
                return Ok(result?);
            }
        }
    }
    let sql = sql.to_owned();
    let run = tokio::task::spawn_blocking(move || {
        let Some(pinned) = guard.as_mut() else { return Err(Error::closed()) };
        pinned.session.arm(pinned.to_the_end());
        let result = pinned.run(&sql, &parameters, &known);
        settle(&mut guard);
        Ok(result?)
    });
    run.await.unwrap_or_else(|_| Err(Error::closed()))
}

impl Pinned {
    /// The pace of what may only stop when the guest has gone.
    fn to_the_end(&self) -> Pace {
        Pace::Blocking { cancelled: Some(Arc::clone(&self.cancelled)) }
    }

    fn run(&mut self, sql: &str, parameters: &[Value], known: &Known) -> Result<QueryResult, Failure> {
        if known.nature.readonly {
            self.session.impersonate(&self.counters);
            return self.session.run(sql, parameters);
        }
        let (result, counted) = self.session.write(sql, parameters, known.nature, &self.counters);
        known.mark_write(self.session.was_quick());
        if !matches!(result, Err(Failure::Unfinished)) {
            counted.add_to(&self.counters);
        }
        result
    }
}

/// The nature of a statement, asked of this session: others do not know its temporary tables.
fn learn(pinned: &Pinned, sql: &str) -> Result<Arc<Known>, Error> {
    if let Some(known) = pinned.shared.statements.find(sql) {
        return Ok(known);
    }
    pinned.session.arm(pinned.session.inline_pace());
    let nature = pinned.session.classify(sql, |nature, _| nature)?;
    Ok(pinned.shared.statements.remember(sql, nature))
}

/// Whether the calling thread may run it. A write cannot be stopped without ending the transaction: it may
/// where it was quick the last time and waits for nobody.
fn is_inline(pinned: &Pinned, known: &Known) -> bool {
    if known.nature.controls_transaction {
        // One that is dedicated may wait for the disk, or for another process's lock.
        return pinned.shared.options.synchronous == Synchronous::Normal && !pinned.session.is_dedicated();
    }
    match known.nature.readonly {
        true => !known.take_slow_run(),
        false => known.was_quick_write() && pinned.session.holds_write_lock(),
    }
}

/// After each statement: ends the turn with the transaction, or sees to it that somebody does.
fn settle(guard: &mut OwnedMutexGuard<Option<Pinned>>) {
    let slot = Arc::downgrade(OwnedMutexGuard::mutex(guard));
    let Some(pinned) = guard.as_mut() else { return };
    pinned.used_at = Instant::now();
    if pinned.is_over() {
        **guard = None;
    } else if pinned.session.is_autocommit() {
        pinned.turn = None;
    } else if !pinned.is_watched {
        pinned.is_watched = true;
        let idle_max = pinned.shared.options.idle_transaction_max;
        pinned.shared.runtime.spawn(watch(slot, idle_max));
    }
}

/// Rolls back a transaction that was left alone for too long.
async fn watch(slot: Weak<Slot>, idle_max: Duration) {
    let mut pause = idle_max;
    loop {
        tokio::time::sleep(pause).await;
        let Some(slot) = slot.upgrade() else { return };
        let mut guard = slot.lock().await;
        let Some(pinned) = guard.as_mut() else { return };
        if pinned.session.is_autocommit() {
            pinned.is_watched = false;
            return;
        }
        let idle = pinned.used_at.elapsed();
        if idle >= idle_max {
            pinned.report(&format!("was left alone for {} seconds", idle_max.as_secs_f32()));
            pinned.session.roll_back();
            pinned.turn = None;
            pinned.is_stalled = true;
            pinned.is_watched = false;
            return;
        }
        pause = idle_max - idle;
    }
}
