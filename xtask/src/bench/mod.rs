//! `cargo xtask bench`: Backspin beside PocketBase and a native server, in one run, with one load generator.

mod bars;
mod bulk;
mod change_log;
mod check;
mod contender;
mod data;
mod load;
mod memory;
mod numbers;
mod pair;
mod related;
mod report;
mod requests;
mod scenario;
mod sign_in;
mod startup;
mod structure;
mod timing;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{backspin, workspace};

use contender::Contender;
use load::Measured;
use scenario::Scenario;

/// How many connections send requests at once.
pub(crate) const CONNECTIONS: [u32; 3] = [1, 32, 256];

/// The number of connections at which the bars are set.
pub(crate) const CONNECTIONS_OF_THE_BARS: u32 = 32;

/// How often each server is measured.
pub(crate) const TURNS: usize = 3;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure only this scenario, or `structure`, `sign-in-beside` or `start`, and leave docs/benchmarks.md as it is (may be repeated)
    #[arg(long, value_parser = part)]
    only: Vec<Part>,
    /// Seconds of each measurement; one more second warms up
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Leave Backspin out: only PocketBase and the native server
    #[arg(long, requires = "only")]
    without_backspin: bool,
    /// Small sizes where a part has data of its own (structure, sign-in-beside): it shows that all runs, the figures say
    /// nothing
    #[arg(long, requires = "only")]
    small: bool,
    /// Run this `backspin` binary on the components that are built already, instead of building both
    #[arg(long, value_name = "BINARY", conflicts_with = "without_backspin", requires = "only")]
    backspin: Option<PathBuf>,
}

/// How much data the parts have that bring their own.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    /// Rows of the larger collection that gets a field.
    many_rows: usize,
    /// Rows whose values are converted.
    converted_rows: usize,
    /// Users who sign in once with a hash of PocketBase's.
    imported: usize,
    /// Accounts, and as many that are none, whose replies are timed.
    timed: usize,
}

const WHOLE: Sizes = Sizes { many_rows: 1_000_000, converted_rows: 200_000, imported: 60, timed: 200 };
const SMALL: Sizes = Sizes { many_rows: 10_000, converted_rows: 2_000, imported: 4, timed: 10 };

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Scenario(Scenario),
    Structure,
    SignInBeside,
    Start,
}

fn part(name: &str) -> Result<Part, String> {
    match name {
        "structure" => return Ok(Part::Structure),
        "sign-in-beside" => return Ok(Part::SignInBeside),
        "start" => return Ok(Part::Start),
        _ => {}
    }
    let found = Scenario::ALL.into_iter().find(|scenario| scenario.name() == name);
    found.map(Part::Scenario).ok_or_else(|| {
        let names = Scenario::ALL.map(Scenario::name).join(", ");
        format!("there are {names}, structure, sign-in-beside and start")
    })
}

/// One scenario at one number of connections, for every server.
pub(crate) struct Round {
    pub(crate) scenario: Scenario,
    pub(crate) connections: u32,
    /// In the order of the contenders; `None` for one that the scenario is not for.
    pub(crate) measured: Vec<Option<Measured>>,
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

    let scenarios = options.scenarios();
    let contenders = contenders(options, &folder, &scenarios)?;

    let mut rounds = Vec::new();
    for scenario in scenarios.into_iter().filter(|scenario| options.wants(Part::Scenario(*scenario))) {
        for &connections in scenario.connections() {
            let round = measure(scenario, connections, &contenders, &folder, options.seconds)?;
            print!("{}", report::round(&round, &contenders));
            rounds.push(round);
        }
    }
    let with_own = |part| options.wants(part) && !options.without_backspin;
    let binary = match &options.backspin {
        Some(binary) => binary.clone(),
        None if with_own(Part::SignInBeside) || with_own(Part::Structure) => backspin::build_all()?,
        None => PathBuf::new(),
    };
    let sizes = if options.small { SMALL } else { WHOLE };
    let sign_in = with_own(Part::SignInBeside)
        .then(|| sign_in::measure(&binary, &folder, &contenders, &sizes, options.seconds))
        .transpose()?;
    let structure = with_own(Part::Structure)
        .then(|| structure::measure(&binary, &folder, &sizes, options.seconds))
        .transpose()?;
    let mut sections = Vec::new();
    sections.extend(structure.as_ref().map(structure::Structure::section));
    sections.extend(sign_in.as_ref().map(sign_in::SignIn::section));
    sections.iter().for_each(|section| print!("{section}"));
    let startup = with_own(Part::Start).then(|| startup::measure(&folder)).transpose()?;
    if let Some(startup) = &startup {
        println!("{}", report::startup(startup));
    }

    if options.small {
        return Ok(());
    }
    let mut bars = bars::judge(&rounds, &contenders, startup.as_ref());
    bars.extend(structure.iter().flat_map(structure::Structure::bars));
    bars.extend(sign_in.iter().flat_map(sign_in::SignIn::bars));
    println!("\n{}", report::bars(&bars));
    if options.only.is_empty() {
        let page = workspace::root().join("docs/benchmarks.md");
        let text =
            report::page(&rounds, &contenders, &sections, startup.as_ref(), &bars, busy, options.seconds)?;
        fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))?;
        println!("Written to docs/benchmarks.md");
    }
    let missed = bars.iter().filter(|bar| !bar.is_met()).count();
    if missed > 0 {
        bail!("{missed} of {} bars not met", bars.len());
    }
    Ok(())
}

/// Those that take part in these scenarios, filled and checked; none if there is no scenario.
fn contenders(options: &Options, folder: &Path, scenarios: &[Scenario]) -> Result<Vec<Contender>> {
    if scenarios.is_empty() {
        return Ok(Vec::new());
    }
    let binary = options.backspin.as_deref();
    let mut contenders = contender::start_all(folder, !options.without_backspin, binary)?;
    let data = data::Data::generate();
    for contender in &mut contenders {
        println!("Filling {}", contender.name());
        contender.fill(&data, scenarios)?;
    }
    requests::write(folder)?;
    check::replies(&contenders, scenarios, &data)?;
    Ok(contenders)
}

impl Options {
    /// Those that are measured, and those whose requests another part sends.
    fn scenarios(&self) -> Vec<Scenario> {
        let beside = [Scenario::View, Scenario::SignIn];
        let is_needed = |scenario: &Scenario| {
            self.wants(Part::Scenario(*scenario))
                || (self.wants(Part::SignInBeside) && beside.contains(scenario))
        };
        Scenario::ALL.into_iter().filter(is_needed).collect()
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Measures each server in turn, [`TURNS`] times, so that all of them meet the same moments of the machine. What counts
/// of each is its median turn, with the most memory of all.
fn measure(
    scenario: Scenario,
    connections: u32,
    contenders: &[Contender],
    folder: &Path,
    seconds: u32,
) -> Result<Round> {
    let mut turns: Vec<Vec<Measured>> = vec![Vec::new(); contenders.len()];
    for _ in 0..TURNS {
        for (contender, turns) in contenders.iter().zip(&mut turns) {
            if scenario.is_for(contender.kind()) {
                let load = load::Load {
                    requests: &scenario.requests_file(folder),
                    token: contender.token_for(scenario),
                    connections,
                    rest: scenario.rest(),
                };
                let measured = load::measure(contender.server(), &load, seconds);
                turns
                    .push(measured.with_context(|| format!("{} on {}", scenario.title(), contender.name()))?);
            }
        }
    }
    Ok(Round { scenario, connections, measured: turns.into_iter().map(Measured::median).collect() })
}
