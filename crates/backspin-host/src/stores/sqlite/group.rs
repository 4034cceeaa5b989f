//! Several writes in one commit, each with the outcome that it would have had alone.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::classify::Route;
use super::error::Failure;
use super::gauge::{Cancelled, Pace};
use super::session::{Counted, Counters, Session};
use super::statements::Known;
use super::{Error, QueryResult, Value};

/// One statement that waits for its turn to write.
pub(super) struct Write {
    sql: String,
    parameters: Vec<Value>,
    known: Arc<Known>,
    counters: Arc<Counters>,
    cancelled: Cancelled,
    reply: oneshot::Sender<Result<QueryResult, Error>>,
}

impl Write {
    pub(super) fn new(
        sql: &str,
        parameters: Vec<Value>,
        known: &Arc<Known>,
        counters: &Arc<Counters>,
        cancelled: &Cancelled,
    ) -> (Self, oneshot::Receiver<Result<QueryResult, Error>>) {
        let (reply, receiver) = oneshot::channel();
        let write = Self {
            sql: sql.to_owned(),
            parameters,
            known: Arc::clone(known),
            counters: Arc::clone(counters),
            cancelled: Arc::clone(cancelled),
            reply,
        };
        (write, receiver)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Whether it may share a commit: it changes rows only, and does not let others wait for long.
    pub(super) fn may_share(&self) -> bool {
        self.known.nature.route == Route::Write && !self.known.is_slow()
    }

    fn run(&self, session: &Session) -> (Result<QueryResult, Failure>, Counted) {
        session.write(&self.sql, &self.parameters, self.known.nature, &self.counters)
    }

    fn answer(self, result: Result<QueryResult, Error>, counted: Counted) {
        counted.add_to(&self.counters);
        // Nobody waits any more where the future was dropped meanwhile.
        let _ = self.reply.send(result);
    }
}

/// Which thread commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// One of the asynchronous runtime: for a short time, and without waiting for locks.
    Caller,
    /// The writer's.
    Thread,
}

/// Runs the writes and answers each once it is on record. Those that the caller's thread has no time
/// for come back, without effect; from the writer's thread none does.
pub(super) fn commit(session: &Session, mut writes: Vec<Write>, place: Place) -> Vec<Write> {
    if place == Place::Caller {
        session.arm(session.inline_pace());
    }
    if writes.len() > 1 || place == Place::Caller {
        match run_together(session, &writes, place) {
            Ok(outcomes) => {
                for (write, (result, counted)) in writes.into_iter().zip(outcomes) {
                    write.answer(result, counted);
                }
                return Vec::new();
            }
            Err(Spoiled) => session.roll_back(),
        }
    }
    match place {
        Place::Caller => writes,
        Place::Thread => {
            writes.drain(..).for_each(|write| run_alone(session, write));
            writes
        }
    }
}

/// One of them ended what they share, so that each must run alone.
struct Spoiled;

type Outcome = (Result<QueryResult, Error>, Counted);

fn run_together(session: &Session, writes: &[Write], place: Place) -> Result<Vec<Outcome>, Spoiled> {
    if place == Place::Thread {
        session.arm(Pace::Blocking { cancelled: None });
    }
    session.run("BEGIN IMMEDIATE", &[]).map_err(|_| Spoiled)?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        if place == Place::Thread {
            session.arm(Pace::Blocking { cancelled: Some(Arc::clone(&write.cancelled)) });
        }
        let (result, counted) = write.run(session);
        let result = match result {
            Ok(result) => Ok(result),
            Err(failure) if failure.is_contained() && !session.is_autocommit() => Err(failure.into()),
            Err(failure) => {
                if matches!(failure, Failure::Unfinished) {
                    write.known.mark_slow();
                }
                return Err(Spoiled);
            }
        };
        if session.has_deferred_violations() {
            return Err(Spoiled); // alone, it would fail at its own commit
        }
        outcomes.push((result, counted));
    }
    if place == Place::Thread {
        session.arm(Pace::Blocking { cancelled: None });
    }
    session.run("COMMIT", &[]).map_err(|_| Spoiled)?;
    Ok(outcomes)
}

fn run_alone(session: &Session, write: Write) {
    if write.is_cancelled() {
        return;
    }
    session.arm(Pace::Blocking { cancelled: Some(Arc::clone(&write.cancelled)) });
    let (result, counted) = write.run(session);
    write.answer(result.map_err(Error::from), counted);
}
