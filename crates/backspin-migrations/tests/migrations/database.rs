//! A database with collections of the test's making.

use std::rc::Rc;

use backspin_core::{Database, Error, Result, Value};
use backspin_migrations::{Forgotten, Losses, Migration, Plan, Terms, apply, forget, history, plan, revert};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Collection, Index, Schema, Snapshot, change_schema};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

pub(crate) struct TestDatabase {
    pub(crate) app: App<Native<NativeDatabase, FixedEnv>>,
    _folder: tempfile::TempDir,
}

/// A base collection with the primary key and these fields, each of which has the id `f_NAME` unless it
/// says another. Its own id is `c_NAME` unless `extra` says another.
pub(crate) fn collection(name: &str, fields: Json, extra: Json) -> Json {
    let mut all = vec![json!({
        "id": "f_id", "name": "id", "type": "text", "primaryKey": true, "required": true, "system": true,
    })];
    for mut field in fields.as_array().unwrap().clone() {
        if field["id"].is_null() {
            field["id"] = format!("f_{}", field["name"].as_str().unwrap()).into();
        }
        all.push(field);
    }
    let mut collection = json!({"id": format!("c_{name}"), "name": name, "type": "base", "fields": all});
    for (key, value) in extra.as_object().unwrap() {
        collection[key] = value.clone();
    }
    collection
}

/// A field of this name and type.
pub(crate) fn field(name: &str, kind: &str) -> Json {
    json!({"name": name, "type": kind})
}

/// A field that has the id of `before`.
pub(crate) fn renamed(before: &str, name: &str, kind: &str) -> Json {
    json!({"id": format!("f_{before}"), "name": name, "type": kind})
}

/// A select with the values a, b and c.
pub(crate) fn select(name: &str, max: u32) -> Json {
    json!({"name": name, "type": "select", "values": ["a", "b", "c"], "maxSelect": max})
}

/// What a view is made of: its query, unless that names the table `secrets`.
pub(crate) fn select_of(_: &Schema, view: &Collection) -> Result<String> {
    let query = view.view_query().unwrap_or_default().trim_end_matches(';');
    if query.contains("secrets") {
        return Err(Error::bad_request("secrets are secret"));
    }
    Ok(query.to_owned())
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = NativeDatabase::open(folder.path().join("sqlite_db.db")).unwrap();
        TestDatabase { app: App::new(Native { database, env: FixedEnv::new() }), _folder: folder }
    }

    /// With these collections, and nothing in the history yet but them.
    pub(crate) fn with(collections: &[Json]) -> Self {
        let database = TestDatabase::new();
        database.apply(collections, &[]).unwrap();
        database
    }

    pub(crate) fn snapshot(&self) -> Rc<Snapshot> {
        block_on(self.app.reload()).unwrap()
    }

    /// The system's collections as they are, and these.
    pub(crate) fn wanted(&self, collections: &[Json]) -> Schema {
        let snapshot = self.snapshot();
        let is_own = |collection: &&Collection| !collection.id.starts_with("c_");
        let mut wanted: Vec<Collection> = snapshot.collections().iter().filter(is_own).cloned().collect();
        wanted.extend(
            collections.iter().map(|json| serde_json::from_value::<Collection>(json.clone()).unwrap()),
        );
        Schema::new(wanted)
    }

    pub(crate) fn plan(&self, collections: &[Json]) -> Result<Plan> {
        plan(&self.snapshot(), &self.wanted(collections), &select_of)
    }

    /// The plan with its counts.
    pub(crate) fn measured(&self, collections: &[Json]) -> Plan {
        let mut plan = self.plan(collections).unwrap();
        block_on(plan.measure(async |sql| self.app.database().query(sql, Vec::new()).await)).unwrap();
        plan
    }

    pub(crate) fn apply(&self, collections: &[Json], accepted: &[&str]) -> Result<Migration> {
        self.app.env().advance_ms(1000);
        let plan = self.plan(collections)?;
        self.apply_plan(&plan, accepted)
    }

    pub(crate) fn apply_plan(&self, plan: &Plan, accepted: &[&str]) -> Result<Migration> {
        let accepted: Vec<String> = accepted.iter().map(|name| (*name).to_owned()).collect();
        let terms = Terms { author: "tester", accepted_losses: Losses::Of(&accepted) };
        done(self.apply_for(&self.snapshot(), plan, terms))
    }

    pub(crate) fn apply_for(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        terms: Terms<'_>,
    ) -> Result<Attempt<Migration>> {
        block_on(change_schema(&self.app, snapshot, async |transaction| {
            Ok(apply(transaction, self.app.env(), snapshot, plan, terms).await?.migration)
        }))
    }

    pub(crate) fn revert(&self, number: i64, accepted: &[&str]) -> Result<Migration> {
        self.app.env().advance_ms(1000);
        let accepted: Vec<String> = accepted.iter().map(|name| (*name).to_owned()).collect();
        let terms = Terms { author: "tester", accepted_losses: Losses::Of(&accepted) };
        done(block_on(revert(&self.app, &self.snapshot(), Some(number), terms)))
    }

    /// Oldest first.
    pub(crate) fn history(&self) -> Vec<Migration> {
        let mut history = block_on(history(&self.app, 100, 0)).unwrap();
        history.reverse();
        history
    }

    pub(crate) fn forget(&self, number: i64) -> Result<()> {
        block_on(forget(&self.app, Forgotten::Number(number)))
    }

    pub(crate) fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        self.try_sql(sql, vec![]).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub(crate) fn try_sql(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>> {
        Ok(block_on(self.app.database().execute(sql, parameters)).map_err(Error::from)?.rows)
    }

    /// The first column of a result, as text.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let text = |row: Vec<Value>| match row.into_iter().next().unwrap() {
            Value::Text(text) => text,
            Value::Integer(integer) => integer.to_string(),
            Value::Real(real) => real.to_string(),
            Value::Null => "NULL".to_owned(),
            Value::Blob(_) => "BLOB".to_owned(),
        };
        self.sql(sql).into_iter().map(text).collect()
    }

    /// What the indexes of the collections are to the database, in one spelling: SQLite puts other quotes around what it renames.
    pub(crate) fn indexes(&self) -> Vec<String> {
        let sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL \
                   AND tbl_name NOT IN ('_collections', '_changes') ORDER BY name";
        self.texts(sql).iter().map(|sql| spelling(sql)).collect()
    }

    /// What the schema says that they are.
    pub(crate) fn indexes_of_schema(&self) -> Vec<String> {
        let snapshot = self.snapshot();
        let tables = snapshot.collections().iter().filter(|collection| !collection.is_view());
        let indexes = tables.flat_map(|collection| &collection.indexes);
        let mut indexes: Vec<Index> = indexes.map(|sql| Index::parse(sql).unwrap()).collect();
        indexes.sort_by(|a, b| a.name.cmp(&b.name));
        indexes.iter().map(|index| spelling(&index.to_string())).collect()
    }

    /// Everything but the history and the version: the collections with their places, the tables
    /// and views by name, the indexes, and each row of each collection with its place and its values as they are stored.
    pub(crate) fn state(&self) -> Vec<String> {
        let snapshot = self.snapshot();
        let mut state: Vec<String> = self
            .sql("SELECT rowid, * FROM _collections ORDER BY rowid")
            .iter()
            .map(|row| format!("{row:?}"))
            .collect();
        let names = "SELECT type || ' ' || name FROM sqlite_master WHERE name <> '_migrations' ORDER BY 1";
        state.extend(self.texts(names));
        state.extend(self.indexes());
        for collection in snapshot.collections() {
            let columns: Vec<String> =
                collection.fields.iter().map(|field| Quoted(&field.name).to_string()).collect();
            let place = if collection.is_view() { "0" } else { "rowid" };
            let sql = format!(
                "SELECT {place}, {} FROM {} ORDER BY 1, 2",
                columns.join(", "),
                Quoted(&collection.name)
            );
            state.push(collection.name.clone());
            state.extend(self.sql(&sql).iter().map(|row| format!("{row:?}")));
        }
        state
    }
}

/// The definition of an index without its quotes and spaces.
fn spelling(sql: &str) -> String {
    let sql = Index::parse(sql).unwrap().to_string().to_lowercase().replace(['`', '"', '\'', '[', ']'], "");
    sql.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(" )", ")")
}

/// The schema is always the current one here.
pub(crate) fn done<T>(result: Result<Attempt<T>>) -> Result<T> {
    match result? {
        Attempt::Done(value) => Ok(value),
        Attempt::Stale => panic!("the schema is stale"),
    }
}

/// The status and the refused parts as `part.part:code`.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    fn walk(path: &str, reason: &Json, found: &mut Vec<String>) {
        match reason["code"].as_str() {
            Some(code) => found.push(format!("{path}:{code}")),
            None => reason.as_object().unwrap().iter().for_each(|(name, reason)| {
                walk(&format!("{path}/{name}"), reason, found);
            }),
        }
    }
    let error = result.unwrap_err();
    let mut found = vec![error.status().to_string()];
    if let Error::BadRequest { fields, .. } = &error {
        let fields = serde_json::to_value(fields).unwrap();
        fields.as_object().unwrap().iter().for_each(|(name, reason)| walk(name, reason, &mut found));
    }
    found.join(" ")
}
