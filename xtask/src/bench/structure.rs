//! What changes of the structure cost: a field that is added, values that are converted, and the change log.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::server::Server;

use super::bars::{Bar, Limit};
use super::change_log::{self, ChangeLog, LOGGED, UNLOGGED};
use super::contender::{send_once, superuser};
use super::pair::{OfBoth, Pair, Side};
use super::report::thousands;
use super::{Sizes, bulk, data};

/// Rows of the collection whose field is compared with that of [`Sizes::many_rows`].
const FEW_ROWS: usize = 1_000;
const REPEATS: usize = 5;

const FEW: &str = "bench_few";
const MANY: &str = "bench_many";
const CHOICES: &str = "bench_choices";

const TIMES_FEW_MAX: f64 = 1.5;

/// What was measured.
pub(crate) struct Structure {
    sizes: Sizes,
    of_both: OfBoth<Costs>,
    change_log: ChangeLog,
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
pub(crate) fn measure(binary: &Path, folder: &Path, sizes: &Sizes, seconds: u32) -> Result<Structure> {
    println!("Filling {} rows for changes of the structure", sizes.many_rows);
    let pair = Pair::new(binary, folder, "structure")?;
    let of_both = OfBoth::measure(|side| {
        prepare(pair.start(side)?)?;
        fill(&pair.file(side), side, sizes)?;
        costs(&pair.resume(side)?, sizes)
    })?;
    let change_log = change_log::measure(&pair.resume(Side::Own)?, &pair, seconds)?;
    Ok(Structure { sizes: *sizes, of_both, change_log })
}

impl Structure {
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let OfBoth { own, peer } = &self.of_both;
        let bar = |title: String, reached: f64, limit: Limit| Bar { title, reached, limit };
        vec![
            bar(
                format!("add a field: time at {} rows, × at {}", rows(self.sizes.many_rows), rows(FEW_ROWS)),
                own.many_ms / own.few_ms,
                Limit::AtMost(TIMES_FEW_MAX),
            ),
            bar(
                "select of one to several: rows/s, × PocketBase".to_owned(),
                own.rows_per_second / peer.rows_per_second,
                Limit::AtLeast(1.0),
            ),
            self.change_log.bar(),
        ]
    }

    /// The section of the page.
    pub(crate) fn section(&self) -> String {
        let row = |side: Side| {
            let Costs { few_ms, many_ms, rows_per_second } = self.of_both.of(side);
            let rate = thousands(*rows_per_second);
            format!("| {} | {few_ms:.1} | {many_ms:.1} | {rate} |\n", side.name())
        };
        let Sizes { many_rows, converted_rows, .. } = self.sizes;
        format!(
            "\n## Changes of the structure\n\nOver HTTP, one at a time, the middle of {REPEATS}: a text field added to a \
             collection, and a select of one value made one of\nseveral and back, with {} rows in place.\n\n\
             | server | field at {} rows, ms | at {} rows, ms | converted rows/s |\n|---|---:|---:|---:|\n{}{}",
            rows(converted_rows),
            rows(FEW_ROWS),
            rows(many_rows),
            Side::BOTH.map(row).concat(),
            self.change_log.text(),
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

fn fill(file: &Path, side: Side, sizes: &Sizes) -> Result<()> {
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
        rows(sizes.converted_rows)
    );
    let unlogged = (side == Side::Own).then_some(UNLOGGED);
    bulk::write(file, unlogged, &[posts(FEW, FEW_ROWS), posts(MANY, sizes.many_rows), choices])
}

fn costs(server: &Server, sizes: &Sizes) -> Result<Costs> {
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
    Ok(Costs {
        few_ms: few * 1e3,
        many_ms: many * 1e3,
        rows_per_second: sizes.converted_rows as f64 / converting,
    })
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

fn rows(count: usize) -> String {
    thousands(count as f64)
}

fn middle(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
