//! Open sessions that wait for their next statement; the one used last is used first.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::checkpoint::WalWatch;
use super::session::Session;
use super::{Error, Options, lock};

pub(super) struct Pool {
    path: PathBuf,
    options: Options,
    wal: Arc<WalWatch>,
    /// Nothing once the database is closed.
    idle: Mutex<Option<Idle>>,
}

#[derive(Default)]
struct Idle {
    any: Vec<Session>,
    /// For transactions that write, one after the other: only they change what it has read, so it need not be read again.
    writing: Option<Session>,
}

impl Idle {
    fn take(&mut self, purpose: Purpose) -> Option<Session> {
        let writing = if purpose == Purpose::Writing { self.writing.take() } else { None };
        writing.or_else(|| self.any.pop())
    }

    fn put(&mut self, session: Session, purpose: Purpose, any_max: usize) {
        if purpose == Purpose::Writing && self.writing.is_none() {
            self.writing = Some(session);
        } else if self.any.len() < any_max {
            self.any.push(session);
        }
    }
}

/// What a session is lent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Any,
    Writing,
}

impl Pool {
    pub(super) fn new(path: PathBuf, options: Options, wal: Arc<WalWatch>) -> Arc<Self> {
        Arc::new(Self { path, options, wal, idle: Mutex::new(Some(Idle::default())) })
    }

    /// An idle session, or a new one.
    pub(super) fn lend(self: &Arc<Self>) -> Result<Lease, Error> {
        self.lend_for(Purpose::Any)
    }

    /// As [`Pool::lend`], for a transaction that has the writer's turn.
    pub(super) fn lend_to_write(self: &Arc<Self>) -> Result<Lease, Error> {
        self.lend_for(Purpose::Writing)
    }

    fn lend_for(self: &Arc<Self>, purpose: Purpose) -> Result<Lease, Error> {
        let idle = match lock(&self.idle).as_mut() {
            Some(idle) => idle.take(purpose),
            None => return Err(Error::closed()),
        };
        let session = match idle {
            Some(session) => session,
            None => self.open()?,
        };
        Ok(Lease { session: Some(session), purpose, pool: Arc::clone(self) })
    }

    /// A session that does not come back.
    pub(super) fn open(&self) -> Result<Session, Error> {
        Ok(Session::open(&self.path, &self.options, &self.wal)?)
    }

    /// Closes the idle sessions, and each other one when it comes back.
    pub(super) fn close(&self) {
        *lock(&self.idle) = None;
    }

    fn take_back(&self, session: Session, purpose: Purpose) {
        session.roll_back();
        if session.is_dedicated() {
            return;
        }
        if let Some(idle) = lock(&self.idle).as_mut() {
            idle.put(session, purpose, self.options.idle_sessions_max);
        }
    }

    /// How many sessions wait.
    #[cfg(test)]
    pub(super) fn idle_count(&self) -> usize {
        lock(&self.idle).as_ref().map_or(0, |idle| idle.any.len() + usize::from(idle.writing.is_some()))
    }
}

/// A session out of the pool, until dropped.
pub(super) struct Lease {
    session: Option<Session>,
    purpose: Purpose,
    pool: Arc<Pool>,
}

impl Deref for Lease {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("a lease holds its session until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.pool.take_back(session, self.purpose);
        }
    }
}
