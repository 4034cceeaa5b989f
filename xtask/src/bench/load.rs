//! The load generator, wrk.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::server::Server;
use crate::{tool, workspace};

use super::memory;

const WARM_UP_SECONDS: u32 = 1;

/// What one measurement gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// The longest that one of them took.
    pub(crate) max_ms: f64,
    /// The most memory that the server held while it was measured, in MiB; `None` where the system does not tell.
    pub(crate) memory_mib: Option<f64>,
}

impl Measured {
    /// That of the median rate, with the most memory of all; `None` of none.
    pub(crate) fn median(mut turns: Vec<Self>) -> Option<Self> {
        turns.sort_by(|a, b| a.requests_per_second.total_cmp(&b.requests_per_second));
        let memory_mib = turns.iter().filter_map(|turn| turn.memory_mib).reduce(f64::max);
        turns.get(turns.len() / 2).map(|median| Measured { memory_mib, ..median.clone() })
    }
}

/// The line that `bench/requests.lua` prints.
#[derive(Deserialize)]
struct Summary {
    requests: u64,
    duration_us: f64,
    p50_us: f64,
    p99_us: f64,
    max_us: f64,
    /// Replies with a status of 400 and more.
    refused: u64,
    /// Requests without a reply.
    lost: u64,
}

/// Checks that wrk is there; installs it where that is possible without asking.
///
/// # Errors
/// When it is missing and cannot be installed, with how to get it.
pub(crate) fn require_generator() -> Result<()> {
    const HINT: &str =
        "It is the load generator of the benchmark (Debian: apt-get install wrk; macOS: brew install wrk).";
    if !tool::is_installed("wrk") && tool::is_installed("apt-get") && memory::is_root() {
        println!("Installing wrk");
        tool::run(Command::new("apt-get").args(["install", "--yes", "--quiet", "wrk"])).context(HINT)?;
    }
    tool::require("wrk", HINT)
}

/// What is sent.
pub(crate) struct Load<'load> {
    /// The file of requests.
    pub(crate) requests: &'load Path,
    /// The `Authorization` header of each of them.
    pub(crate) token: Option<&'load str>,
    pub(crate) connections: u32,
    /// After the warm-up: until what it has left in the server is over.
    pub(crate) rest: Duration,
}

/// Sends the requests to `server` again and again for `seconds`, after a warm-up.
///
/// # Errors
/// When a single request was refused or lost: then the figures say nothing.
pub(crate) fn measure(server: &Server, load: &Load<'_>, seconds: u32) -> Result<Measured> {
    generate(server, load, WARM_UP_SECONDS)?;
    thread::sleep(load.rest);
    let (summary, memory_mib) = memory::peak_while(server.pid(), || generate(server, load, seconds));
    let summary = summary?;
    if summary.refused > 0 || summary.lost > 0 || summary.requests == 0 {
        bail!(
            "of {} requests {} were refused and {} lost",
            summary.requests + summary.lost,
            summary.refused,
            summary.lost
        );
    }
    Ok(Measured {
        requests_per_second: summary.requests as f64 / (summary.duration_us / 1e6),
        p50_ms: summary.p50_us / 1e3,
        p99_ms: summary.p99_us / 1e3,
        max_ms: summary.max_us / 1e3,
        memory_mib,
    })
}

/// Sends the requests for `seconds` whatever comes back: what counts is what others see of it.
///
/// # Errors
/// When nothing was answered at all.
pub(crate) fn press(server: &Server, load: &Load<'_>, seconds: u32) -> Result<()> {
    let summary = generate(server, load, seconds)?;
    if summary.requests == 0 {
        bail!("none of the requests beside was answered");
    }
    Ok(())
}

fn generate(server: &Server, load: &Load<'_>, seconds: u32) -> Result<Summary> {
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--timeout", "10s"])
        .args(["--connections", &load.connections.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(workspace::root().join("bench/requests.lua"))
        .arg(&server.url)
        .arg("--")
        .arg(load.requests)
        .args(load.token);
    let printed = tool::output(&mut wrk)?;
    let line = printed
        .lines()
        .find(|line| line.starts_with('{'))
        .with_context(|| format!("wrk printed\n{printed}"))?;
    Ok(serde_json::from_str(line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_turn_counts_with_the_most_memory() {
        let turn = |rate: f64, memory: f64| Measured {
            requests_per_second: rate,
            p50_ms: 1.0,
            p99_ms: rate,
            max_ms: 1.0,
            memory_mib: Some(memory),
        };
        let median = Measured::median(vec![turn(3.0, 1.0), turn(1.0, 9.0), turn(2.0, 5.0)]);
        assert_eq!(median, Some(turn(2.0, 9.0)).map(|turn| Measured { p99_ms: 2.0, ..turn }));
        assert_eq!(Measured::median(Vec::new()), None);
    }
}
