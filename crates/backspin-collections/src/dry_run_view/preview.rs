//! A database that also has a view which nobody has made: each reading statement brings it along.

use backspin_core::{Database, DatabaseError, Platform, Rows, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Collection};

/// A platform whose database has the view. It reads only.
pub(super) struct Preview<'a, P: Platform> {
    database: PreviewDatabase<'a, P::Database>,
    env: &'a P::Env,
    hasher: &'a P::Hasher,
}

impl<'a, P: Platform> Preview<'a, P> {
    /// `select` yields the fields of `view` in their order.
    pub(super) fn new(app: &'a App<P>, view: &Collection, select: &str) -> Self {
        let columns: Vec<String> = view.fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
        let view = format!("{} ({}) AS ({select})", Quoted(&view.name), columns.join(", "));
        let database = PreviewDatabase { database: app.database(), view };
        Preview { database, env: app.env(), hasher: app.platform().hasher() }
    }
}

impl<'a, P: Platform> Platform for Preview<'a, P> {
    type Database = PreviewDatabase<'a, P::Database>;
    type Env = P::Env;
    type Hasher = P::Hasher;

    fn database(&self) -> &Self::Database {
        &self.database
    }

    fn env(&self) -> &P::Env {
        self.env
    }

    fn hasher(&self) -> &P::Hasher {
        self.hasher
    }
}

pub(super) struct PreviewDatabase<'a, D> {
    database: &'a D,
    /// The view as a common table expression.
    view: String,
}

impl<D: Database> Database for PreviewDatabase<'_, D> {
    type Transaction = D::Transaction;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        let sql = match sql.strip_prefix("WITH ") {
            Some(rest) => format!("WITH {}, {rest}", self.view),
            None => format!("WITH {} {sql}", self.view),
        };
        self.database.query(&sql, parameters).await
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.database.execute(sql, parameters).await
    }

    async fn begin(&self) -> Result<D::Transaction, DatabaseError> {
        self.database.begin().await
    }
}
