//! The one place where the file is written: a fair queue of writes, and of transactions that want to.
//!
//! Whoever comes while nobody writes does so at once, on its own thread. Whoever comes meanwhile waits for
//! the writer's thread, which commits those that wait together. While these are many, the thread gets
//! those that come while nobody writes, too. So an idle database answers without a change of thread, and
//! a busy one commits in large groups.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::checkpoint::WalWatch;
use super::classify::Route;
use super::error::Failure;
use super::gauge::Cancelled;
use super::group::{self, Write};
use super::session::{Counters, Session};
use super::statements::Known;
use super::{Error, Options, QueryResult, Synchronous, Value, lock};

/// Writes in the last group from which on all writes go to the thread.
const CROWD: usize = 5;

pub(super) struct Writer {
    /// Commits do not wait for the disk, so a caller's thread may do them.
    is_quick: bool,
    wal: Arc<WalWatch>,
    waiting_max: usize,
    group_max: usize,
    state: Mutex<State>,
    wake: Condvar,
}

struct State {
    holder: Holder,
    queue: VecDeque<Waiting>,
    /// The session that writes: here unless a caller or the thread has it.
    session: Option<Session>,
    /// Writes in the last group.
    last_group: usize,
    closing: bool,
}

/// Whose turn it is. While it is nobody's, nobody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Nobody,
    Caller,
    Thread,
    Transaction,
}

enum Waiting {
    Write(Write),
    Turn(oneshot::Sender<Turn>),
}

impl Waiting {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool {
        match self {
            Waiting::Write(write) => write.is_cancelled(),
            Waiting::Turn(sender) => sender.is_closed(),
        }
    }
}

impl Writer {
    pub(super) fn new(session: Session, options: &Options, wal: &Arc<WalWatch>) -> Arc<Self> {
        Arc::new(Self {
            wal: Arc::clone(wal),
            is_quick: options.synchronous == Synchronous::Normal,
            waiting_max: options.writes_waiting_max,
            group_max: options.group_writes_max,
            state: Mutex::new(State {
                holder: Holder::Nobody,
                queue: VecDeque::new(),
                session: Some(session),
                last_group: 0,
                closing: false,
            }),
            wake: Condvar::new(),
        })
    }

    /// Starts the thread for what callers do not do themselves; it ends after `close`.
    pub(super) fn start(self: &Arc<Self>) -> std::io::Result<JoinHandle<()>> {
        let writer = Arc::clone(self);
        std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || writer.serve())
    }

    /// Accepts nothing more. What waits is still written.
    pub(super) fn close(&self) {
        lock(&self.state).closing = true;
        self.wake.notify_all();
    }

    /// Runs one statement in its turn and commits it. Dropped before, it is not run; dropped while it
    /// runs, it is rolled back or committed, as a whole.
    pub(super) async fn write(
        self: &Arc<Self>,
        sql: &str,
        parameters: Vec<Value>,
        known: &Arc<Known>,
        counters: &Arc<Counters>,
    ) -> Result<QueryResult, Error> {
        let cancelled = Cancelled::default();
        let reply = if let Some(session) = self.begin_at_once(known) {
            session.arm(session.inline_pace());
            let (result, counted) = session.write(sql, &parameters, known.nature, counters);
            match result {
                Err(Failure::Unfinished) => {
                    known.mark_slow();
                    let (write, reply) = Write::new(sql, parameters, known, counters, &cancelled);
                    let mut state = lock(&self.state);
                    state.queue.push_front(Waiting::Write(write));
                    self.pass_on(state, session);
                    reply
                }
                result => {
                    counted.add_to(counters);
                    self.pass_on(lock(&self.state), session);
                    return Ok(result?);
                }
            }
        } else {
            let (write, reply) = Write::new(sql, parameters, known, counters, &cancelled);
            self.enqueue(Waiting::Write(write))?;
            reply
        };
        let _guard = CancelOnDrop(cancelled);
        reply.await.unwrap_or_else(|_| Err(Error::closed()))
    }

    /// The right to write with a session of one's own, until dropped.
    pub(super) async fn turn(self: &Arc<Self>) -> Result<Turn, Error> {
        match self.ask_for_turn()? {
            Ok(turn) => Ok(turn),
            Err(waiting) => waiting.await.map_err(|_| Error::closed()),
        }
    }

    /// Like `turn`, on a thread that may block; nothing when the database closes.
    pub(super) fn turn_blocking(self: &Arc<Self>) -> Option<Turn> {
        match self.ask_for_turn().ok()? {
            Ok(turn) => Some(turn),
            Err(waiting) => waiting.blocking_recv().ok(),
        }
    }

    fn ask_for_turn(self: &Arc<Self>) -> Result<Result<Turn, oneshot::Receiver<Turn>>, Error> {
        let mut state = lock(&self.state);
        if state.holder == Holder::Nobody && !state.closing {
            state.holder = Holder::Transaction;
            return Ok(Ok(Turn { writer: Arc::clone(self) }));
        }
        drop(state);
        let (sender, receiver) = oneshot::channel();
        self.enqueue(Waiting::Turn(sender))?;
        Ok(Err(receiver))
    }

    /// The session, if nobody writes and the statement may run on the caller's thread.
    fn begin_at_once(&self, known: &Known) -> Option<Session> {
        if !self.is_quick || known.nature.route != Route::Write || self.wal.starts_over() {
            return None;
        }
        let mut state = lock(&self.state);
        let is_free = state.holder == Holder::Nobody && state.last_group < CROWD && !state.closing;
        if !is_free || known.take_slow_run() {
            return None;
        }
        state.holder = Holder::Caller;
        state.session.take()
    }

    fn enqueue(self: &Arc<Self>, waiting: Waiting) -> Result<(), Error> {
        let mut state = lock(&self.state);
        if state.closing {
            return Err(Error::closed());
        }
        if state.queue.len() >= self.waiting_max {
            return Err(Error::new(format!("{} writes wait already: try again later", self.waiting_max)));
        }
        state.queue.push_back(waiting);
        if state.holder == Holder::Nobody {
            self.go_on(state);
        }
        Ok(())
    }

    /// The session is back.
    fn pass_on(self: &Arc<Self>, mut state: MutexGuard<'_, State>, session: Session) {
        state.session = Some(session);
        self.go_on(state);
    }

    /// Gives the turn to whoever is next.
    fn go_on(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        drop_abandoned(&mut state.queue);
        match state.queue.pop_front() {
            None => {
                state.holder = Holder::Nobody;
                if state.closing {
                    self.wake.notify_all();
                }
            }
            Some(Waiting::Turn(sender)) => {
                state.holder = Holder::Transaction;
                drop(state);
                // Should the receiver be gone by now, the turn is dropped, and so passed on.
                let _ = sender.send(Turn { writer: Arc::clone(self) });
            }
            Some(write) => {
                state.queue.push_front(write);
                state.holder = Holder::Thread;
                self.wake.notify_all();
            }
        }
    }

    /// The writer's thread.
    fn serve(self: Arc<Self>) {
        loop {
            let mut state = lock(&self.state);
            while state.holder != Holder::Thread {
                let is_over = matches!(state.holder, Holder::Nobody | Holder::Transaction);
                if state.closing && is_over && state.queue.is_empty() {
                    state.session = None;
                    return;
                }
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let Some(session) = state.session.take() else { return };
            loop {
                let writes = take_group(&mut state.queue, self.group_max);
                if writes.is_empty() {
                    break;
                }
                state.last_group = writes.len();
                drop(state);
                group::commit(&session, writes);
                state = lock(&self.state);
            }
            self.pass_on(state, session);
        }
    }
}

fn drop_abandoned(queue: &mut VecDeque<Waiting>) {
    while queue.front().is_some_and(Waiting::is_abandoned) {
        queue.pop_front();
    }
}

/// The writes at the head of the queue that may share a commit, or the one that may not.
fn take_group(queue: &mut VecDeque<Waiting>, group_max: usize) -> Vec<Write> {
    let mut writes: Vec<Write> = Vec::new();
    loop {
        drop_abandoned(queue);
        let Some(Waiting::Write(write)) = queue.front() else { return writes };
        let shares = write.may_share();
        if writes.len() == group_max || !shares && !writes.is_empty() {
            return writes;
        }
        if let Some(Waiting::Write(write)) = queue.pop_front() {
            writes.push(write);
        }
        if !shares {
            return writes;
        }
    }
}

/// The right to write with a session of one's own, until dropped.
pub(super) struct Turn {
    writer: Arc<Writer>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.writer.go_on(lock(&self.writer.state));
    }
}

/// Stops the statement when the future that waits for it is dropped.
pub(super) struct CancelOnDrop(pub(super) Cancelled);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
