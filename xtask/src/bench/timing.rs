//! Whether the time of a reply tells an account that there is from one that there is not.

use std::time::Instant;

use anyhow::{Result, bail};
use serde_json::json;

use crate::server::Server;

use super::bars::{Bar, Limit};
use super::numbers::Numbers;
use super::related::email;

/// Beyond that many standard deviations the two are told apart: by chance once in a thousand measurements.
const DEVIATIONS_MAX: f64 = 3.29;
/// Replies of each kind before those that count.
const WARM_UP: usize = 3;

/// A request that anybody may send with an email.
#[derive(Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) path: &'static str,
    /// What all replies have, whether there is such an account or not.
    status: u16,
}

pub(crate) const FLOWS: [Flow; 4] = [
    Flow { path: "auth-with-password", status: 400 },
    Flow { path: "request-verification", status: 204 },
    Flow { path: "request-password-reset", status: 204 },
    Flow { path: "request-otp", status: 200 },
];

/// Milliseconds of the replies, ascending.
pub(crate) struct Timing {
    pub(crate) flow: Flow,
    known: Vec<f64>,
    unknown: Vec<f64>,
}

/// Asks for `count` accounts that `collection` has, [`email`] names them, and for as many that it has not, one after
/// the other in an order by chance, each from an address of its own (the server's settings have to trust
/// `X-Forwarded-For`). `turn` sets these addresses apart from those of other flows.
///
/// # Errors
/// When a reply has another status than it should have.
pub(crate) fn measure(
    server: &Server,
    collection: &str,
    flow: Flow,
    count: usize,
    turn: usize,
) -> Result<Timing> {
    let mut order = (0..2 * (count + WARM_UP)).collect::<Vec<_>>();
    let mut numbers = Numbers::seeded(0x71AE);
    for at in (1..order.len()).rev() {
        order.swap(at, numbers.below(at + 1));
    }
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let url = format!("{}/api/collections/{collection}/{}", server.url, flow.path);
    let mut timing = Timing { flow, known: Vec::new(), unknown: Vec::new() };
    for (sent, at) in order.into_iter().enumerate() {
        let is_known = at % 2 == 0;
        let address = if is_known { email(at / 2) } else { format!("nobody-{}", email(at / 2)) };
        let body = json!({"email": address, "identity": address, "password": "a wrong password"});
        let from = format!("10.{turn}.{}.{}", sent / 250, sent % 250 + 1);
        let started = Instant::now();
        let mut reply = agent
            .post(&url)
            .header("x-forwarded-for", &from)
            .content_type("application/json")
            .send(body.to_string())?;
        let text = reply.body_mut().read_to_string()?;
        let milliseconds = started.elapsed().as_secs_f64() * 1e3;
        if reply.status() != flow.status {
            bail!("{url} answers {} for {address}: {text}", reply.status());
        }
        if sent >= 2 * WARM_UP {
            if is_known { &mut timing.known } else { &mut timing.unknown }.push(milliseconds);
        }
    }
    timing.known.sort_by(f64::total_cmp);
    timing.unknown.sort_by(f64::total_cmp);
    Ok(timing)
}

/// How many accounts the collection must have for [`measure`] with this count.
pub(crate) fn accounts(count: usize) -> usize {
    count + WARM_UP
}

impl Timing {
    pub(crate) fn bar(&self) -> Bar {
        Bar {
            title: format!("{}: known and unknown told apart by time, standard deviations", self.flow.path),
            reached: deviations(&self.known, &self.unknown).abs(),
            limit: Limit::AtMost(DEVIATIONS_MAX),
        }
    }

    /// A row of the table under [`HEAD`].
    pub(crate) fn row(&self, server: &str) -> String {
        let [known, unknown] = [&self.known, &self.unknown];
        format!(
            "| {} | {server} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} % | {:.1} |\n",
            self.flow.path,
            quantile(known, 0.5),
            quantile(unknown, 0.5),
            quantile(known, 0.95),
            quantile(unknown, 0.95),
            100.0 * slower(known, unknown),
            deviations(known, unknown),
        )
    }
}

pub(crate) const HEAD: &str = "| request | server | median, known, ms | unknown, ms | p95, known, ms | unknown, ms | known is slower | σ |\n\
     |---|---|---:|---:|---:|---:|---:|---:|\n";

/// Of ascending values.
fn quantile(values: &[f64], share: f64) -> f64 {
    let at = (values.len() as f64 * share) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// The share of all pairs in which the first is greater; 0.5 where the two cannot be told apart.
fn slower(first: &[f64], second: &[f64]) -> f64 {
    let below = |value: f64| {
        let less = second.partition_point(|other| *other < value);
        let equal = second.partition_point(|other| *other <= value) - less;
        less as f64 + equal as f64 / 2.0
    };
    first.iter().map(|value| below(*value)).sum::<f64>() / (first.len() * second.len()) as f64
}

/// Of the Mann-Whitney U test: how many standard deviations the share is from that of two equal distributions.
fn deviations(first: &[f64], second: &[f64]) -> f64 {
    let (m, n) = (first.len() as f64, second.len() as f64);
    (slower(first, second) - 0.5) / ((m + n + 1.0) / (12.0 * m * n)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(start: usize) -> Vec<f64> {
        (start..start + 100).map(|value| value as f64).collect()
    }

    #[test]
    fn equal_distributions_are_not_told_apart() {
        assert_eq!(slower(&from(0), &from(0)), 0.5);
        assert_eq!(deviations(&from(0), &from(0)), 0.0);
    }

    #[test]
    fn a_shift_is_told_apart_in_its_direction() {
        assert!(deviations(&from(20), &from(0)) > DEVIATIONS_MAX);
        assert!(deviations(&from(0), &from(20)) < -DEVIATIONS_MAX);
        assert_eq!(slower(&from(100), &from(0)), 1.0);
    }

    #[test]
    fn quantiles_are_values_that_there_are() {
        assert_eq!([0.5, 0.95, 1.0].map(|share| quantile(&from(0), share)), [50.0, 95.0, 99.0]);
    }
}
