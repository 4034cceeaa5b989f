//! The figures as text: on the terminal, and as docs/benchmarks.md.

use anyhow::Result;

use crate::{pocketbase, tool};

use super::bars::{Bar, Limit};
use super::contender::{Contender, Kind};
use super::load::Measured;
use super::scenario::Scenario;
use super::startup::Startup;
use super::{Round, TURNS, memory};

/// Above this share of the processors in use before the start, the page says that the machine was not idle.
const BUSY_PERCENT_MAX: f64 = 10.0;

/// One round for the terminal.
pub(crate) fn round(round: &Round, contenders: &[Contender]) -> String {
    let mut text = format!("\n{}, {} connections\n", round.scenario.title(), round.connections);
    for (contender, measured) in taking_part(round, contenders) {
        text += &format!(
            "  {:<20} {:>9} requests/s   p50 {:>9} ms   p99 {:>9} ms   {:>5} MiB\n",
            contender.name(),
            thousands(measured.requests_per_second),
            millis(measured.p50_ms),
            millis(measured.p99_ms),
            mib(measured),
        );
    }
    text
}

/// The start times for the terminal.
pub(crate) fn startup(startup: &Startup) -> String {
    format!(
        "\n`cargo up` with everything built: {:.2} s to its first line, then {:.2} s",
        startup.first_seconds, startup.second_seconds
    )
}

/// The bars as a table.
pub(crate) fn bars(bars: &[Bar]) -> String {
    let mut text = "| bar | wanted | reached | |\n|---|---|---|---|\n".to_owned();
    for bar in bars {
        let (sign, limit) = match bar.limit {
            Limit::AtLeast(least) => ('≥', least),
            Limit::AtMost(most) => ('≤', most),
        };
        let verdict = if bar.is_met() { "met" } else { "**not met**" };
        text += &format!("| {} | {sign} {limit} | {:.2} | {verdict} |\n", bar.title, bar.reached);
    }
    text
}

/// The whole page.
///
/// # Errors
/// When the date or the machine's size cannot be told.
pub(crate) fn page(
    rounds: &[Round],
    contenders: &[Contender],
    sections: &[String],
    startup: Option<&Startup>,
    judged: &[Bar],
    busy_percent: f64,
    seconds: u32,
) -> Result<String> {
    let date = tool::output(std::process::Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let (memory_gib, processors) = memory::machine()?;
    let mut text = format!(
        "# Benchmarks

Written by `cargo xtask bench` on {date}, on a machine with {processors} cores and {memory_gib:.0} GiB of memory. The
servers and the load generator (wrk, one thread, {seconds} s after a warm-up) share those cores, so the ratios say more
than the figures. Every server is asked the same in turn, {TURNS} times: the figures are those of the median turn, the
memory is the most of all. A run in which one request was refused or lost counts for nothing.{busy}

- **Backspin (embedded)**: what `cargo up` runs, with its defaults.
{spin}- **PocketBase**: the released {version}, with its defaults.
- **native limit**: a hand-written axum and rusqlite server (`bench/native-limit`) with the same tables and reply bodies,
  one statement a request, and neither rules nor schema.

{count} records, the same in each, of about 300 bytes where they are viewed, listed and inserted; every list is sorted by
an indexed column, has 30 records and its totals; rules are open (`\"\"`) but for those of the scenarios that name one:
`owner = @request.auth.id`, and `org.members.id ?= @request.auth.id` for the nested rule and for creating. Before anything
is timed, all servers must give equal replies. Inserts go to a collection of their own. Memory is what the
serving process held, looked at four times a second: its own and its share of mapped files (Pss), so that a page of the
database which several connections map counts once. Of the database Backspin and the native limit map up to 256 MiB, which the system
takes back when it needs them, and PocketBase maps nothing: so theirs grows with what the inserts before have written.

## Bars

At {bar_connections} connections:

",
        date = date.trim(),
        busy = if busy_percent > BUSY_PERCENT_MAX {
            format!("\n\n**The machine was not idle**: {busy_percent:.0} % of its cores were busy before the start.")
        } else {
            String::new()
        },
        spin = if contenders.iter().any(|one| one.kind() == Kind::BackspinOnSpin) {
            "- **Backspin (on Spin)**: the same components under `spin up`.\n"
        } else {
            ""
        },
        version = pocketbase::VERSION,
        count = thousands(super::data::POSTS_COUNT as f64),
        bar_connections = super::CONNECTIONS_OF_THE_BARS,
    );
    text += &bars(judged);
    for scenario in Scenario::ALL {
        text += &scenario_table(scenario, rounds, contenders);
    }
    text += &sections.concat();
    if let Some(startup) = startup {
        text += &format!(
            "\n## Start\n\n`cargo up` with everything built, to the line that says where it listens: {:.2} s on an empty \
             state folder, {:.2} s on\nthe same one again.\n",
            startup.first_seconds, startup.second_seconds
        );
    }
    Ok(text)
}

fn scenario_table(scenario: Scenario, rounds: &[Round], contenders: &[Contender]) -> String {
    let mut text = format!(
        "\n## {}\n\n| connections | server | requests/s | × PocketBase | × limit | p50 ms | p99 ms | memory MiB |\n\
         |---:|---|---:|---:|---:|---:|---:|---:|\n",
        sentence(scenario.title())
    );
    for round in rounds.iter().filter(|round| round.scenario == scenario) {
        for (contender, measured) in taking_part(round, contenders) {
            text += &format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
                round.connections,
                contender.name(),
                thousands(measured.requests_per_second),
                ratio(measured, of(Kind::PocketBase, round, contenders)),
                ratio(measured, of(Kind::NativeLimit, round, contenders)),
                millis(measured.p50_ms),
                millis(measured.p99_ms),
                mib(measured),
            );
        }
    }
    text
}

/// Each contender that was measured in this round, with what it reached.
fn taking_part<'round>(
    round: &'round Round,
    contenders: &'round [Contender],
) -> impl Iterator<Item = (&'round Contender, &'round Measured)> {
    let all = contenders.iter().zip(&round.measured);
    all.filter_map(|(contender, measured)| measured.as_ref().map(|measured| (contender, measured)))
}

fn of<'round>(kind: Kind, round: &'round Round, contenders: &[Contender]) -> Option<&'round Measured> {
    let at = contenders.iter().position(|contender| contender.kind() == kind)?;
    round.measured.get(at)?.as_ref()
}

fn ratio(own: &Measured, other: Option<&Measured>) -> String {
    other.map_or_else(
        || "–".to_owned(),
        |other| format!("{:.2}", own.requests_per_second / other.requests_per_second),
    )
}

fn mib(measured: &Measured) -> String {
    measured.memory_mib.map_or_else(|| "?".to_owned(), |mib| format!("{mib:.0}"))
}

fn millis(value: f64) -> String {
    format!("{value:.2}")
}

fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `12345.6` as `12,346`.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let grouped = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect::<Vec<_>>();
    grouped.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let shown = [0.4, 999.0, 1000.0, 1234567.0].map(thousands);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_missed_bar_is_told_from_a_met_one() {
        let bar = |reached| Bar { title: "t".to_owned(), reached, limit: Limit::AtLeast(2.0) };
        let text = bars(&[bar(2.5), bar(1.5)]);
        assert!(
            text.contains("| t | ≥ 2 | 2.50 | met |") && text.contains("| t | ≥ 2 | 1.50 | **not met** |"),
            "{text}"
        );
    }
}
