//! How fast a change goes that rewrites each row: a select of one value becomes one of several, and back.
//!
//!     cargo run --release -p backspin-migrations --example conversion_rate -- [ROWS]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use backspin_core::Database;
use backspin_migrations::{Losses, Terms, apply, plan};
use backspin_native::{FixedEnv, Native, NativeDatabase};
use backspin_schema::{App, Collection, Schema, change_schema};
use futures::executor::block_on;
use serde_json::json;

const TURNS: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let rows: u32 = std::env::args().nth(1).map_or(Ok(200_000), |rows| rows.parse())?;
    let folder = tempfile::tempdir()?;
    block_on(measure(&folder.path().join("data.db"), rows))
}

async fn measure(file: &Path, rows: u32) -> Result<(), Box<dyn Error>> {
    let database = NativeDatabase::open(file)?;
    // As the host opens it.
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"] {
        database.execute(pragma, Vec::new()).await?;
    }
    let app = App::new(Native { database, env: FixedEnv::new() });
    change(&app, 1).await?;
    let fill = format!(
        "INSERT INTO things (id, title, choice) \
         WITH RECURSIVE at(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < {rows}) \
         SELECT printf('thing%010d', n), 'title ' || n, substr('abc', n % 3 + 1, 1) FROM at"
    );
    app.database().execute(&fill, Vec::new()).await?;
    for turn in 0..TURNS {
        let (max_select, what) = if turn % 2 == 0 { (2, "one to several") } else { (1, "several to one") };
        let started = Instant::now();
        change(&app, max_select).await?;
        let seconds = started.elapsed().as_secs_f64();
        println!("{what}: {rows} rows in {:.0} ms, {:.0} rows/s", seconds * 1e3, f64::from(rows) / seconds);
    }
    Ok(())
}

/// Makes the collection one with a select of up to so many values.
async fn change(app: &App<Native<NativeDatabase, FixedEnv>>, max_select: u32) -> Result<(), Box<dyn Error>> {
    let things: Collection = serde_json::from_value(json!({
        "id": "things", "name": "things", "type": "base",
        "fields": [
            {"id": "id", "name": "id", "type": "text", "primaryKey": true, "required": true, "system": true},
            {"id": "title", "name": "title", "type": "text"},
            {"id": "choice", "name": "choice", "type": "select", "values": ["a", "b", "c"], "maxSelect": max_select},
        ],
    }))?;
    let snapshot = app.reload().await?;
    let mut wanted = snapshot.collections().to_vec();
    wanted.retain(|collection| collection.id != things.id);
    wanted.push(things);
    let plan = plan(&snapshot, &Schema::new(wanted), &|_, _| Ok(String::new()))?;
    let terms = Terms { author: "", accepted_losses: Losses::All };
    change_schema(app, &snapshot, async |transaction| {
        Ok(apply(transaction, app.env(), &snapshot, &plan, terms).await?)
    })
    .await?;
    Ok(())
}
