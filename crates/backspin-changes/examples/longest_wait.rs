//! How long whoever writes waits for the compaction of the change log: the time of each insert while inserts take old
//! changes with them, and of each transaction of `POST /api/changes/compact`.
//!
//!     cargo run --release -p backspin-changes --example longest_wait

use std::cell::RefCell;
use std::error::Error;
use std::time::{Duration, Instant};

use backspin_core::{Database, DatabaseError, Rows, Value};
use backspin_native::{FixedEnv, Native, NativeDatabase, NativeTransaction};
use backspin_schema::{App, AuthRecord, Caller, SUPERUSERS_ID};
use futures::executor::block_on;
use serde_json::{Map, Value as Json, json};

/// The log before anything goes: changes, and the bytes of each.
const LOGS: [(u32, u32); 3] = [(300_000, 300), (6_000, 100_000), (600, 1_000_000)];
const INSERTS: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    LOGS.into_iter().try_for_each(|(changes, bytes)| block_on(measure(changes, bytes)))
}

async fn measure(changes: u32, bytes: u32) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let database = NativeDatabase::open(folder.path().join("data.db"))?;
    // As the host opens it.
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"] {
        database.execute(pragma, Vec::new()).await?;
    }
    let database = Timed { database, times: RefCell::default() };
    let app = App::new(Native { database, env: FixedEnv::new() });
    let root = Caller::Record(AuthRecord {
        collection_id: SUPERUSERS_ID.to_owned(),
        collection_name: "_superusers".to_owned(),
        fields: vec![("id".to_owned(), Value::from("root"))],
    });
    let notes = object(json!({"name": "notes", "fields": [{"name": "text", "type": "text"}]}));
    backspin_collections::create(&app, &root, notes).await?;
    backspin_changes::set_retention(&app, &root, &object(json!({"maxCount": 0}))).await?;
    let fill = format!(
        "INSERT INTO notes (text) WITH RECURSIVE at(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < {changes}) \
         SELECT printf('%0*d', {bytes}, n) FROM at"
    );
    app.database().execute(&fill, Vec::new()).await?;
    println!("A log of {changes} changes of {bytes} bytes");

    let insert = async |what: &str| -> Result<(), Box<dyn Error>> {
        app.database().times.take();
        for _ in 0..INSERTS {
            app.database().execute("INSERT INTO notes (text) VALUES ('note')", Vec::new()).await?;
        }
        app.database().tell(what);
        Ok(())
    };
    insert("inserts with nothing to remove").await?;
    backspin_changes::set_retention(&app, &root, &object(json!({"maxCount": 1}))).await?;
    insert("inserts that remove").await?;
    app.database().times.take();
    while !backspin_changes::compact(&app, &root).await?.contains("\"isDone\":true") {}
    app.database().tell("steps of the compaction");
    Ok(())
}

fn object(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

/// A database that takes the time of each statement that writes.
struct Timed {
    database: NativeDatabase,
    times: RefCell<Vec<Duration>>,
}

impl Timed {
    fn tell(&self, what: &str) {
        let mut times = self.times.take();
        times.sort_unstable();
        let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        let (count, last) = (times.len(), times.len().saturating_sub(1));
        println!(
            "  {count} {what}: middle {:.2} ms, p99 {:.2}, longest {:.2}",
            ms(count / 2),
            ms(last * 99 / 100),
            ms(last)
        );
    }
}

impl Database for Timed {
    type Transaction = NativeTransaction;

    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        self.database.query(sql, parameters).await
    }

    async fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<Rows, DatabaseError> {
        let started = Instant::now();
        let result = self.database.execute(sql, parameters).await;
        self.times.borrow_mut().push(started.elapsed());
        result
    }

    async fn begin(&self) -> Result<NativeTransaction, DatabaseError> {
        self.database.begin().await
    }
}
