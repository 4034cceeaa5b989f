//! The change log, on real SQLite: what is written into it by any statement, and what is not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod compaction;
mod triggers;
mod upgrade;

use std::rc::Rc;

use backspin_core::{Database, Row, Transaction, Value};
use backspin_native::{Native, NativeDatabase, SystemEnv};
use backspin_schema::{App, Collection, Snapshot, change_schema, ddl, log, store};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

pub(crate) struct Backend {
    _folder: tempfile::TempDir,
    pub(crate) app: App<Native>,
}

impl Backend {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("data.db")).unwrap();
        let backend = Backend { _folder: folder, app: App::new(Native { database, env: SystemEnv }) };
        backend.snapshot();
        backend
    }

    pub(crate) fn snapshot(&self) -> Rc<Snapshot> {
        block_on(self.app.reload()).unwrap()
    }

    pub(crate) fn sql(&self, sql: &str) -> Vec<Row> {
        self.try_sql(sql, vec![]).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub(crate) fn try_sql(
        &self,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, backspin_core::DatabaseError> {
        block_on(self.app.database().execute(sql, parameters)).map(|rows| rows.rows)
    }

    /// Makes a collection as a migration does.
    pub(crate) fn create(&self, collection: Json) -> Collection {
        let collection: Collection = serde_json::from_value(collection).unwrap();
        let snapshot = self.snapshot();
        let made = change_schema(&self.app, &snapshot, async |transaction| {
            store::insert(transaction, &collection).await?;
            transaction.execute(&ddl::create_table(&collection), vec![]).await?;
            log::resume(transaction, &[], std::slice::from_ref(&collection)).await
        });
        block_on(made).unwrap();
        collection
    }

    /// The rows of the log after `seq`: action, record, actor, before, after, secrets.
    pub(crate) fn logged(&self) -> Vec<Vec<Json>> {
        let rows = self.sql(
            r#"SELECT "action", "record", "actor", "before", "after", "secrets" FROM "_changes" ORDER BY "seq""#,
        );
        let json = |value: Value| match value {
            Value::Text(text) if text.starts_with(['{', '[']) => serde_json::from_str(&text).unwrap(),
            Value::Text(text) => text.into(),
            Value::Null => Json::Null,
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(|row| row.into_iter().map(json).collect()).collect()
    }
}

/// A collection `posts` with these fields beside its id; each has the id `f_NAME`.
pub(crate) fn posts(fields: &[Json]) -> Json {
    let id = json!({"id": "f_id", "name": "id", "type": "text", "primaryKey": true});
    let fields = fields.iter().map(|field| {
        let mut field = field.clone();
        field["id"] = format!("f_{}", field["name"].as_str().unwrap()).into();
        field
    });
    let fields: Vec<Json> = std::iter::once(id).chain(fields).collect();
    json!({"id": "pbc_posts", "name": "posts", "type": "base", "fields": fields})
}

pub(crate) fn text(name: &str) -> Json {
    json!({"name": name, "type": "text"})
}
