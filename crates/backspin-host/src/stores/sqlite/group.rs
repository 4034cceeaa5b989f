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

/// Runs the writes and answers each once it is on record, on the writer's thread.
pub(super) fn commit(session: &Session, writes: Vec<Write>) {
    if writes.len() > 1 {
        match run_together(session, &writes) {
            Ok(outcomes) => {
                for (write, (result, counted)) in writes.into_iter().zip(outcomes) {
                    write.answer(result, counted);
                }
                return;
            }
            Err(Halt::Refused(error)) => {
                for write in writes {
                    let _ = write.reply.send(Err(error.clone()));
                }
                return;
            }
            Err(Halt::Spoiled) => session.roll_back(),
        }
    }
    for write in writes {
        run_alone(session, write);
    }
}

/// Why they did not commit together.
enum Halt {
    /// None may write now: another process holds the lock.
    Refused(Error),
    /// One of them ended what they share, so that each must run alone.
    Spoiled,
}

type Outcome = (Result<QueryResult, Error>, Counted);

fn run_together(session: &Session, writes: &[Write]) -> Result<Vec<Outcome>, Halt> {
    session.arm(Pace::Blocking { cancelled: None });
    session.run("BEGIN IMMEDIATE", &[]).map_err(|failure| Halt::Refused(failure.into()))?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        session.arm(Pace::Blocking { cancelled: Some(Arc::clone(&write.cancelled)) });
        let (result, counted) = write.run(session);
        let is_contained = result.as_ref().err().is_none_or(Failure::is_contained);
        // With such a violation it would fail at its own commit, alone.
        if !is_contained || session.is_autocommit() || session.has_deferred_violations() {
            return Err(Halt::Spoiled);
        }
        outcomes.push((result.map_err(Error::from), counted));
    }
    session.arm(Pace::Blocking { cancelled: None });
    session.run("COMMIT", &[]).map_err(|_| Halt::Spoiled)?;
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
