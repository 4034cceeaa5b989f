//! What the change log costs those who write, and how long one of them waits while it is compacted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde_json::{Value, json};

use crate::server::Server;

use super::bars::{Bar, Limit};
use super::contender::{send_once, superuser};
use super::load::{self, Load, Measured};
use super::pair::{Pair, Side};
use super::report::thousands;
use super::{CONNECTIONS_OF_THE_BARS, requests};

/// Two collections that grow: one in the change log, and one whose triggers were taken away.
pub(crate) const LOGGED: &str = "bench_logged";
pub(crate) const UNLOGGED: &str = "bench_unlogged";

/// Changes that are kept while the rest is compacted: far fewer than the inserts before have made.
const KEPT: u64 = 100;
const TIMES_UNLOGGED_MAX: f64 = 1.5;

/// Inserts at the connections of the bars.
pub(crate) struct ChangeLog {
    logged: Measured,
    unlogged: Measured,
    compacted: Measured,
}

/// Measures on a server that has both collections.
///
/// # Errors
/// When it refuses a request.
pub(crate) fn measure(server: &Server, pair: &Pair<'_>, seconds: u32) -> Result<ChangeLog> {
    let inserts = |collection: &str| {
        let requests = requests::write_inserts(pair.folder(), collection)?;
        let load = Load {
            requests: &requests,
            token: None,
            connections: CONNECTIONS_OF_THE_BARS,
            rest: Duration::ZERO,
        };
        load::measure(server, &load, seconds)
    };
    let (logged, unlogged) = (inserts(LOGGED)?, inserts(UNLOGGED)?);
    let compacted = beside_compaction(server, || inserts(LOGGED))?;
    Ok(ChangeLog { logged, unlogged, compacted })
}

/// Measures while the log is beyond its limits, so that each 64th write compacts, and a superuser asks for it without a
/// pause.
fn beside_compaction(server: &Server, inserts: impl Fn() -> Result<Measured>) -> Result<Measured> {
    let token = superuser(server)?;
    let url = |path: &str| format!("{}/api/changes/{path}", server.url);
    send_once(&token, ureq::patch(url("settings")), &json!({"maxDays": 0, "maxCount": KEPT}))?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let compacting = scope.spawn(|| -> Result<()> {
            while !is_over.load(Ordering::Relaxed) {
                send_once(&token, ureq::post(url("compact")), &Value::Null)?;
            }
            Ok(())
        });
        let measured = inserts();
        is_over.store(true, Ordering::Relaxed);
        compacting.join().map_err(|_| anyhow!("the thread that compacts panicked"))??;
        measured
    })
}

impl ChangeLog {
    pub(crate) fn bar(&self) -> Bar {
        Bar {
            title: "insert: time with the change log, × without".to_owned(),
            reached: self.unlogged.requests_per_second / self.logged.requests_per_second,
            limit: Limit::AtMost(TIMES_UNLOGGED_MAX),
        }
    }

    /// The end of the section on the structure.
    pub(crate) fn text(&self) -> String {
        let row = |name: &str, measured: &Measured| {
            let Measured { requests_per_second, p99_ms, max_ms, .. } = measured;
            let rate = thousands(*requests_per_second);
            format!("| {name} | {rate} | {p99_ms:.2} | {max_ms:.1} |\n")
        };
        format!(
            "\nInserts with {} at {CONNECTIONS_OF_THE_BARS} connections, into two collections of equal fields, one of them with the \
             triggers of the change\nlog taken away; and again while the log is cut down to {KEPT} changes, by each 64th write and \
             by a superuser who asks for\nit without a pause:\n\n\
             | change log | requests/s | p99 ms | longest wait, ms |\n|---|---:|---:|---:|\n{}{}{}",
            Side::Own.name(),
            row("none", &self.unlogged),
            row("kept", &self.logged),
            row("compacted meanwhile", &self.compacted),
        )
    }
}
