//! The bars that Backspin has to clear, as ratios within one run.

use super::contender::{Contender, Kind};
use super::load::Measured;
use super::scenario::{Least, Scenario};
use super::startup::Startup;
use super::{CONNECTIONS_OF_THE_BARS, Round};

const MEMORY_MIB_MAX: f64 = 200.0;
const STARTUP_SECONDS_MAX: f64 = 2.0;
/// A signed-in user's request costs one more statement than a guest's.
const TIMES_GUEST_MAX: f64 = 1.4;

/// One bar and what was reached.
#[derive(Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) title: String,
    pub(crate) reached: f64,
    pub(crate) limit: Limit,
}

/// What the figure must be.
#[derive(Debug, PartialEq)]
pub(crate) enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    pub(crate) fn is_met(&self) -> bool {
        match self.limit {
            Limit::AtLeast(least) => self.reached >= least,
            Limit::AtMost(most) => self.reached <= most,
        }
    }
}

/// The bars that these rounds can be held against; those of what was not measured are left out.
pub(crate) fn judge(rounds: &[Round], contenders: &[Contender], startup: Option<&Startup>) -> Vec<Bar> {
    let kinds = contenders.iter().map(Contender::kind).collect::<Vec<_>>();
    let mut bars = Vec::new();
    for round in rounds.iter().filter(|round| round.connections == CONNECTIONS_OF_THE_BARS) {
        let of = |kind: Kind| measured_by(kind, round, &kinds);
        if let (Some(own), Some(peer)) = (of(Kind::Backspin), of(Kind::PocketBase)) {
            bars.extend(of_scenario(round.scenario, own, peer, of(Kind::NativeLimit)));
        }
    }
    let views = [Scenario::View, Scenario::AuthenticatedView].map(|scenario| {
        let round = rounds
            .iter()
            .find(|round| round.scenario == scenario && round.connections == CONNECTIONS_OF_THE_BARS)?;
        measured_by(Kind::Backspin, round, &kinds)
    });
    if let [Some(guest), Some(user)] = views {
        bars.push(Bar {
            title: "view one: time of a signed-in user's, × a guest's".to_owned(),
            reached: guest.requests_per_second / user.requests_per_second,
            limit: Limit::AtMost(TIMES_GUEST_MAX),
        });
    }
    bars.extend(startup.map(|startup| Bar {
        title: "second `cargo up`, seconds to the first line".to_owned(),
        reached: startup.second_seconds,
        limit: Limit::AtMost(STARTUP_SECONDS_MAX),
    }));
    bars
}

fn measured_by<'round>(kind: Kind, round: &'round Round, kinds: &[Kind]) -> Option<&'round Measured> {
    let at = kinds.iter().position(|other| *other == kind)?;
    round.measured[at].as_ref()
}

fn of_scenario(scenario: Scenario, own: &Measured, peer: &Measured, limit: Option<&Measured>) -> Vec<Bar> {
    let Least { times_peer, times_limit } = scenario.least();
    let bar = |what: &str, reached: f64, limit: Limit| Bar {
        title: format!("{}: {what}", scenario.title()),
        reached,
        limit,
    };
    let rate = |other: &Measured| own.requests_per_second / other.requests_per_second;
    let mut bars = Vec::new();
    bars.extend(times_peer.map(|least| bar("requests/s, × PocketBase", rate(peer), Limit::AtLeast(least))));
    if scenario.has_bar_of_time() {
        bars.push(bar("p99, × PocketBase", own.p99_ms / peer.p99_ms, Limit::AtMost(1.0)));
    }
    if let (Some(least), Some(limit)) = (times_limit, limit) {
        bars.push(bar("requests/s, × native limit", rate(limit), Limit::AtLeast(least)));
    }
    bars.extend(own.memory_mib.map(|mib| bar("memory, MiB", mib, Limit::AtMost(MEMORY_MIB_MAX))));
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(requests_per_second: f64, p99_ms: f64, memory_mib: f64) -> Measured {
        Measured { requests_per_second, p50_ms: 1.0, p99_ms, max_ms: p99_ms, memory_mib: Some(memory_mib) }
    }

    fn met(own: &Measured) -> Vec<bool> {
        let (peer, limit) = (measured(100.0, 5.0, 50.0), measured(1000.0, 1.0, 10.0));
        let bars = of_scenario(Scenario::View, own, &peer, Some(&limit));
        bars.iter().map(Bar::is_met).collect()
    }

    #[test]
    fn each_bar_can_be_met_and_missed() {
        assert_eq!(met(&measured(250.0, 5.0, 200.0)), [true; 4]);
        assert_eq!(met(&measured(199.0, 5.1, 201.0)), [false; 4]);
        assert_eq!(met(&measured(200.0, 4.0, 100.0)), [true, true, false, true]);
    }
}
