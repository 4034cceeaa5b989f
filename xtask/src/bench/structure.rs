//! What changes of the structure cost: a field that is added, values that are converted, and the change log.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server};
use crate::{backspin, pocketbase};

use super::bars::{Bar, Limit};
use super::contender::{send_once, sign_in};
use super::load::{self, Measured};
use super::{CONNECTIONS_OF_THE_BARS, bulk, data, requests};

/// Rows of the two collections that get a field.
const FEW_ROWS: usize = 1_000;
const MANY_ROWS: usize = 1_000_000;
/// Rows whose values are converted.
const CONVERTED_ROWS: usize = 200_000;
const REPEATS: usize = 5;

const FEW: &str = "bench_few";
const MANY: &str = "bench_many";
const CHOICES: &str = "bench_choices";
/// Two collections that grow: one in the change log, and one whose triggers were taken away.
const LOGGED: &str = "bench_logged";
const UNLOGGED: &str = "bench_unlogged";
const PEER: &str = "pocketbase-structure";

const TIMES_FEW_MAX: f64 = 1.5;
const TIMES_UNLOGGED_MAX: f64 = 1.5;

/// What was measured.
pub(crate) struct Structure {
    own: Costs,
    peer: Costs,
    logged: Measured,
    unlogged: Measured,
}

/// One server's costs.
struct Costs {
    /// Adding a field, milliseconds: the middle of [`REPEATS`].
    few_ms: f64,
    many_ms: f64,
    /// A select of one value becomes one of several, and back.
    rows_per_second: f64,
}

/// Starts both servers, fills them, and measures one after the other.
///
/// # Errors
/// When a server does not come up or refuses a change.
pub(crate) fn measure(binary: &Path, folder: &Path, seconds: u32) -> Result<Structure> {
    println!("Filling {MANY_ROWS} rows for changes of the structure");
    let folder = &folder.join("structure");
    std::fs::create_dir_all(folder)?;
    prepare(pocketbase::start(folder, PEER)?)?;
    fill(&pocketbase::database_file(folder, PEER), None)?;
    let peer = costs(&pocketbase::resume(folder, PEER)?).context("PocketBase")?;

    prepare(backspin::start_binary(binary, folder)?)?;
    fill(&backspin::database_file(folder), Some(UNLOGGED))?;
    let server = backspin::resume_binary(binary, folder)?;
    let own = costs(&server).context("Backspin")?;
    let inserts = |collection: &str| {
        let requests = requests::write_inserts(folder, collection)?;
        let load = load::Load { requests: &requests, token: None, connections: CONNECTIONS_OF_THE_BARS };
        load::measure(&server, &load, seconds)
    };
    Ok(Structure { own, peer, logged: inserts(LOGGED)?, unlogged: inserts(UNLOGGED)? })
}

impl Structure {
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let bar = |title: &str, reached: f64, limit: Limit| Bar { title: title.to_owned(), reached, limit };
        vec![
            bar(
                "add a field: time at 1,000,000 rows, × at 1,000",
                self.own.many_ms / self.own.few_ms,
                Limit::AtMost(TIMES_FEW_MAX),
            ),
            bar(
                "select of one to several: rows/s, × PocketBase",
                self.own.rows_per_second / self.peer.rows_per_second,
                Limit::AtLeast(1.0),
            ),
            bar(
                "insert: time with the change log, × without",
                self.unlogged.requests_per_second / self.logged.requests_per_second,
                Limit::AtMost(TIMES_UNLOGGED_MAX),
            ),
        ]
    }

    /// The section of the page.
    pub(crate) fn section(&self) -> String {
        let row = |name: &str, costs: &Costs| {
            format!(
                "| {name} | {:.1} | {:.1} | {:.0} |\n",
                costs.few_ms, costs.many_ms, costs.rows_per_second
            )
        };
        format!(
            "\n## Changes of the structure\n\nOver HTTP, one at a time, the middle of {REPEATS}: a text field added to a \
             collection, and a select of one value made one of\nseveral and back, with {CONVERTED_ROWS} rows in place.\n\n\
             | server | field at {FEW_ROWS} rows, ms | at {MANY_ROWS} rows, ms | converted rows/s |\n|---|---:|---:|---:|\n{}{}\n\
             Inserts at {CONNECTIONS_OF_THE_BARS} connections, into two collections of equal fields, one of them with the \
             triggers of the change\nlog taken away: {:.0} requests/s with the log, {:.0} without.\n",
            row("Backspin (embedded)", &self.own),
            row("PocketBase", &self.peer),
            self.logged.requests_per_second,
            self.unlogged.requests_per_second,
        )
    }
}

/// Makes the collections and ends the server.
fn prepare(server: Server) -> Result<()> {
    let token = superuser(&server)?;
    let choices = json!({"name": CHOICES, "fields": choices(1)});
    let definitions = [FEW, MANY, LOGGED, UNLOGGED].map(data::definition);
    for definition in definitions.iter().chain([&choices]) {
        send_once(&token, ureq::post(format!("{}/api/collections", server.url)), definition)?;
    }
    Ok(())
}

fn fill(file: &Path, unlogged: Option<&str>) -> Result<()> {
    let rows = |count: usize| {
        format!("WITH RECURSIVE at(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < {count})")
    };
    let posts = |table: &str, count: usize| {
        format!(
            "INSERT INTO {table} (id, title, body, rank) {} \
             SELECT printf('post%011d', n), 'title ' || n, printf('%0200d', n), n FROM at",
            rows(count)
        )
    };
    let choices = format!(
        "INSERT INTO {CHOICES} (id, title, choice) {} \
         SELECT printf('post%011d', n), 'title ' || n, substr('abc', n % 3 + 1, 1) FROM at",
        rows(CONVERTED_ROWS)
    );
    bulk::write(file, unlogged, &[posts(FEW, FEW_ROWS), posts(MANY, MANY_ROWS), choices])
}

fn costs(server: &Server) -> Result<Costs> {
    let token = superuser(server)?;
    // The first change meets a cold server.
    add_field(server, &token, FEW, "warm_up")?;
    let mut times = [Vec::new(), Vec::new()];
    for at in 0..REPEATS {
        for (times, collection) in times.iter_mut().zip([FEW, MANY]) {
            times.push(add_field(server, &token, collection, &format!("added{at}"))?);
        }
    }
    let [few, many] = times.map(middle);
    let turns = (0..REPEATS).map(|at| {
        change(server, &token, CHOICES, &json!({"fields": choices(if at % 2 == 0 { 2 } else { 1 })}))
    });
    let converting = middle(turns.collect::<Result<_>>()?);
    Ok(Costs { few_ms: few * 1e3, many_ms: many * 1e3, rows_per_second: CONVERTED_ROWS as f64 / converting })
}

fn add_field(server: &Server, token: &str, collection: &str, name: &str) -> Result<f64> {
    let url = format!("{}/api/collections/{collection}", server.url);
    let reply = ureq::get(&url).header("authorization", token).call()?.body_mut().read_to_string()?;
    let mut fields = serde_json::from_str::<Value>(&reply)?["fields"].take();
    fields.as_array_mut().context("a collection has fields")?.push(json!({"type": "text", "name": name}));
    change(server, token, collection, &json!({"fields": fields}))
}

/// Seconds that a change takes; it is checked by its reply.
fn change(server: &Server, token: &str, collection: &str, body: &Value) -> Result<f64> {
    let url = format!("{}/api/collections/{collection}", server.url);
    let started = Instant::now();
    let reply = ureq::patch(&url)
        .header("authorization", token)
        .content_type("application/json")
        .send(body.to_string())
        .and_then(|mut reply| reply.body_mut().read_to_string())
        .with_context(|| format!("PATCH {url}"))?;
    let seconds = started.elapsed().as_secs_f64();
    let (wanted, made) = (&body["fields"], &serde_json::from_str::<Value>(&reply)?["fields"]);
    let last = |fields: &Value, key: &str| fields.as_array().and_then(|all| all.last())?.get(key).cloned();
    if ["name", "type", "maxSelect"].iter().any(|key| last(made, key) != last(wanted, key)) {
        bail!("{url} was to have {wanted} and has {made}");
    }
    Ok(seconds)
}

fn choices(max_select: usize) -> Value {
    json!([
        {"id": "bench_title", "type": "text", "name": "title"},
        {"id": "bench_choice", "type": "select", "name": "choice", "values": ["a", "b", "c"], "maxSelect": max_select},
    ])
}

fn superuser(server: &Server) -> Result<String> {
    sign_in(&server.url, "_superusers", SUPERUSER_EMAIL, SUPERUSER_PASSWORD)
}

fn middle(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
