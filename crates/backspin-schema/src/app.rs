//! The application inside one instance: the platform, and the schema as last seen.

use std::cell::RefCell;
use std::rc::Rc;

use backspin_core::{Database, DatabaseError, Error, Platform, Result, Row, Transaction, Value};

use crate::{Snapshot, store, system, upgrade};

/// What the first column of a statement that goes with a schema must be: its version as stored.
/// The tables are those of [`crate::system`].
pub const VERSION_SQL: &str = r#"(SELECT "value" FROM "_backspin" WHERE "name" = 'schema_version')"#;

/// How often a request begins again because the schema has changed under it.
const ATTEMPTS_MAX: u32 = 5;

/// What an attempt with a schema came to.
pub enum Attempt<T> {
    Done(T),
    /// The schema is no longer the one in the database.
    Stale,
}

/// One per instance. Nothing in it must be right for correctness: each statement carries the version
/// of the schema it was made for.
pub struct App<P> {
    platform: P,
    snapshot: RefCell<Option<Rc<Snapshot>>>,
}

impl<P: Platform> App<P> {
    pub fn new(platform: P) -> Self {
        App { platform, snapshot: RefCell::default() }
    }

    /// The same application on another platform, which begins with this schema.
    pub fn with_snapshot(platform: P, snapshot: Rc<Snapshot>) -> Self {
        App { platform, snapshot: RefCell::new(Some(snapshot)) }
    }

    pub fn platform(&self) -> &P {
        &self.platform
    }

    pub fn database(&self) -> &P::Database {
        self.platform.database()
    }

    pub fn env(&self) -> &P::Env {
        self.platform.env()
    }

    /// The schema as last seen; read from the database if none was seen yet.
    pub async fn snapshot(&self) -> Result<Rc<Snapshot>> {
        let seen = self.snapshot.borrow().clone();
        match seen {
            Some(snapshot) => Ok(snapshot),
            None => self.reload().await,
        }
    }

    /// The schema as it is now. On an empty database, makes the system tables first; one that an older Backspin has
    /// written is brought up to date.
    ///
    /// Errors: 503 if a newer Backspin has written this database.
    pub async fn reload(&self) -> Result<Rc<Snapshot>> {
        let loaded = match store::load(self.database()).await {
            Err(store::LoadError::NotInstalled) => {
                system::install(&self.platform).await?;
                store::load(self.database()).await
            }
            Err(store::LoadError::Outdated) => {
                upgrade::upgrade(&self.platform).await?;
                store::load(self.database()).await
            }
            loaded => loaded,
        };
        let snapshot = Rc::new(loaded?);
        self.snapshot.replace(Some(snapshot.clone()));
        Ok(snapshot)
    }

    /// Runs `attempt` with the schema last seen, and again with the current one for as long as it
    /// finds its schema stale. An attempt that fails is believed only if its schema is current, for
    /// what it refused may be right by now; what no schema can change belongs into `T`.
    ///
    /// Errors: those of `attempt`; 503 if the schema changes faster than the attempts.
    pub async fn with_schema<T>(
        &self,
        attempt: impl AsyncFn(&Rc<Snapshot>) -> Result<Attempt<T>>,
    ) -> Result<T> {
        let mut snapshot = self.snapshot().await?;
        for _ in 0..ATTEMPTS_MAX {
            match attempt(&snapshot).await {
                Ok(Attempt::Done(value)) => return Ok(value),
                Err(error) if error.status() >= 500 || self.is_current(&snapshot).await? => {
                    return Err(error);
                }
                Ok(Attempt::Stale) | Err(_) => snapshot = self.reload().await?,
            }
        }
        Err(Error::Busy)
    }

    /// Runs a reading statement made for `snapshot`, which returns one row that begins with
    /// [`VERSION_SQL`]. Returns the rest of the row.
    pub async fn read(&self, snapshot: &Snapshot, sql: &str, parameters: Vec<Value>) -> Result<Attempt<Row>> {
        let rows = match self.database().query(sql, parameters).await {
            Ok(rows) => rows,
            Err(error) => return self.stale_or(snapshot, error).await,
        };
        let mut row = rows.rows.into_iter().next().unwrap_or_default();
        match row.first() {
            Some(Value::Text(version)) if version == snapshot.version() => {
                row.remove(0);
                Ok(Attempt::Done(row))
            }
            _ => Ok(Attempt::Stale),
        }
    }

    /// Runs a writing statement made for `snapshot`, which writes nothing and returns no row unless
    /// [`VERSION_SQL`] is the snapshot's. Returns the first value of the first row, if there is one.
    ///
    /// Errors (inner): those that the writer can explain, such as a broken constraint.
    pub async fn write(
        &self,
        snapshot: &Snapshot,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<Attempt<Result<Option<Value>, DatabaseError>>> {
        match self.database().execute(sql, parameters).await {
            Ok(rows) => match rows.into_first() {
                None if !self.is_current(snapshot).await? => Ok(Attempt::Stale),
                value => Ok(Attempt::Done(Ok(value))),
            },
            Err(error @ (DatabaseError::Unique { .. } | DatabaseError::ForeignKey)) => {
                Ok(Attempt::Done(Err(error)))
            }
            Err(error) => self.stale_or(snapshot, error).await,
        }
    }

    /// Whether the database still has the schema `snapshot`.
    pub async fn is_current(&self, snapshot: &Snapshot) -> Result<bool> {
        match self.database().query(&format!("SELECT {VERSION_SQL}"), Vec::new()).await {
            Ok(rows) => Ok(rows.into_first() == Some(Value::Text(snapshot.version().to_owned()))),
            Err(DatabaseError::NoSuchTable(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A statement fails on a table or column that is gone if its schema is stale; else it is a fault.
    pub async fn stale_or<T>(&self, snapshot: &Snapshot, error: DatabaseError) -> Result<Attempt<T>> {
        let by_schema = matches!(error, DatabaseError::NoSuchTable(_) | DatabaseError::NoSuchColumn(_));
        if by_schema && !self.is_current(snapshot).await? {
            return Ok(Attempt::Stale);
        }
        Err(error.into())
    }
}

/// Whether the database has the schema `snapshot`, seen from within a transaction.
pub(crate) async fn is_current_in(transaction: &impl Transaction, snapshot: &Snapshot) -> Result<bool> {
    let rows = transaction.execute(&format!("SELECT {VERSION_SQL}"), Vec::new()).await?;
    Ok(rows.into_first() == Some(Value::Text(snapshot.version().to_owned())))
}
