//! `cargo xtask bench`: Backspin beside PocketBase and a native server, in one run, with one load generator.

mod bars;
mod contender;
mod data;
mod load;
mod memory;
mod report;
mod scenario;
mod startup;

use std::fs;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::workspace;

use contender::Contender;
use load::Measured;
use scenario::Scenario;

/// How many connections send requests at once.
pub(crate) const CONNECTIONS: [u32; 3] = [1, 32, 256];

/// The number of connections at which the bars are set.
pub(crate) const CONNECTIONS_OF_THE_BARS: u32 = 32;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure only this, and leave docs/benchmarks.md as it is (may be repeated)
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Seconds of each measurement; one more second warms up
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Leave Backspin out: only PocketBase and the native server
    #[arg(long, requires = "only")]
    without_backspin: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    View,
    List,
    Insert,
    Start,
}

/// One scenario at one number of connections, for every server.
pub(crate) struct Round {
    pub(crate) scenario: Scenario,
    pub(crate) connections: u32,
    /// In the order of the contenders.
    pub(crate) measured: Vec<Measured>,
}

/// Runs the benchmark and, if all of it was run, writes docs/benchmarks.md.
///
/// # Errors
/// When a tool is missing, a server does not come up, replies are wrong, a request is refused under load, or a bar is
/// not met.
pub(crate) fn run(options: &Options) -> Result<()> {
    load::require_generator()?;
    let folder = workspace::target().join("bench");
    fs::create_dir_all(&folder)?;
    let busy = memory::busy_percent()?;

    let mut contenders = contender::start_all(&folder, !options.without_backspin)?;
    let data = data::Data::generate();
    for contender in &mut contenders {
        println!("Filling {}", contender.name());
        contender.fill(&data)?;
    }
    data.write_requests(&folder)?;
    scenario::check_replies(&contenders, &data)?;

    let mut rounds = Vec::new();
    for scenario in Scenario::ALL.into_iter().filter(|scenario| options.wants(scenario.part())) {
        for connections in CONNECTIONS {
            let round = measure(scenario, connections, &contenders, &folder, options.seconds)?;
            print!("{}", report::round(&round, &contenders));
            rounds.push(round);
        }
    }
    let startup = (options.wants(Part::Start) && !options.without_backspin)
        .then(|| startup::measure(&folder))
        .transpose()?;
    if let Some(startup) = &startup {
        println!("{}", report::startup(startup));
    }

    let bars = bars::judge(&rounds, &contenders, startup.as_ref());
    println!("\n{}", report::bars(&bars));
    if options.only.is_empty() {
        let page = workspace::root().join("docs/benchmarks.md");
        let text = report::page(&rounds, &contenders, startup.as_ref(), &bars, busy, options.seconds)?;
        fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))?;
        println!("Written to docs/benchmarks.md");
    }
    let missed = bars.iter().filter(|bar| !bar.is_met()).count();
    if missed > 0 {
        bail!("{missed} of {} bars not met", bars.len());
    }
    Ok(())
}

impl Options {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Measures each server in turn, so that all of them meet the same moment of the machine.
fn measure(
    scenario: Scenario,
    connections: u32,
    contenders: &[Contender],
    folder: &std::path::Path,
    seconds: u32,
) -> Result<Round> {
    let measured = contenders.iter().map(|contender| {
        let requests = scenario.requests_file(folder);
        load::measure(contender.server(), &requests, connections, seconds)
            .with_context(|| format!("{} on {}", scenario.title(), contender.name()))
    });
    Ok(Round { scenario, connections, measured: measured.collect::<Result<_>>()? })
}
