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
    idle: Mutex<Option<Vec<Session>>>,
}

impl Pool {
    pub(super) fn new(path: PathBuf, options: Options, wal: Arc<WalWatch>) -> Arc<Self> {
        Arc::new(Self { path, options, wal, idle: Mutex::new(Some(Vec::new())) })
    }

    /// An idle session, or a new one.
    pub(super) fn lend(self: &Arc<Self>) -> Result<Lease, Error> {
        let idle = match lock(&self.idle).as_mut() {
            Some(idle) => idle.pop(),
            None => return Err(Error::closed()),
        };
        let session = match idle {
            Some(session) => session,
            None => self.open()?,
        };
        Ok(Lease { session: Some(session), pool: Arc::clone(self) })
    }

    /// A session that does not come back.
    pub(super) fn open(&self) -> Result<Session, Error> {
        Ok(Session::open(&self.path, &self.options, &self.wal)?)
    }

    /// Closes the idle sessions, and each other one when it comes back.
    pub(super) fn close(&self) {
        *lock(&self.idle) = None;
    }

    fn take_back(&self, session: Session) {
        session.roll_back();
        if session.is_dedicated() {
            return;
        }
        if let Some(idle) = lock(&self.idle).as_mut()
            && idle.len() < self.options.idle_sessions_max
        {
            idle.push(session);
        }
    }
}

/// A session out of the pool, until dropped.
pub(super) struct Lease {
    session: Option<Session>,
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
            self.pool.take_back(session);
        }
    }
}
