//! What signing in costs by itself at an equal hash, what it costs those who only read, and what its time tells.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::json;

use crate::server::Server;

use super::bars::{Bar, Limit};
use super::contender::{Contender, Kind, send_once, sign_in, superuser};
use super::load::{self, Load};
use super::pair::{OfBoth, Pair, Side};
use super::related::{PASSWORD, email};
use super::scenario::Scenario;
use super::timing::{self, FLOWS, Timing};
use super::{CONNECTIONS_OF_THE_BARS, Sizes, TURNS, bulk};

const MEMBERS: &str = "bench_members";
/// Connections that sign in all the time while others read.
const HAMMERING: u32 = 64;
const TIMES_CALM_MAX: f64 = 2.0;

/// What was measured.
pub(crate) struct SignIn {
    /// p99 of viewing one record, in milliseconds, alone and under [`HAMMERING`]; of each server that was measured.
    views: Vec<(Kind, &'static str, [f64; 2])>,
    /// How many users signed in once.
    imported: usize,
    of_both: OfBoth<Costs>,
}

/// One server's.
struct Costs {
    /// Milliseconds for one sign-in with a bcrypt hash of cost 10, one after the other.
    bcrypt_ms: f64,
    timings: Vec<Timing>,
}

/// Measures on servers that run already, then on some of its own.
///
/// # Errors
/// When a server does not come up or refuses a request.
pub(crate) fn measure(
    binary: &Path,
    folder: &Path,
    contenders: &[Contender],
    sizes: &Sizes,
    seconds: u32,
) -> Result<SignIn> {
    let views = contenders.iter().filter(|one| Scenario::SignIn.is_for(one.kind())).map(|contender| {
        let turns = (0..TURNS).map(|_| views(contender, folder, seconds)).collect::<Result<Vec<_>>>();
        let turns = turns.with_context(|| contender.name().to_owned())?;
        let p99 = [0, 1].map(|at| median(turns.iter().map(|turn| turn[at]).collect()));
        Ok((contender.kind(), contender.name(), p99))
    });
    let views = views.collect::<Result<_>>()?;
    let pair = Pair::new(binary, folder, "sign-in")?;
    let of_both = OfBoth::measure(|side| costs(&pair, side, sizes))?;
    Ok(SignIn { views, imported: sizes.imported, of_both })
}

/// The passwords of the first users are brought from PocketBase; each signs in once, because its hash is made anew then.
/// The times are of accounts whose hashes are the server's own.
fn costs(pair: &Pair<'_>, side: Side, sizes: &Sizes) -> Result<Costs> {
    let server = pair.start(side)?;
    create(&server, sizes.imported.max(timing::accounts(sizes.timed)))?;
    let timings = FLOWS.into_iter().enumerate();
    let timings = timings.map(|(turn, flow)| timing::measure(&server, MEMBERS, flow, sizes.timed, turn));
    let timings = timings.collect::<Result<_>>()?;
    if side == Side::Peer {
        return Ok(Costs { bcrypt_ms: each_once(&server, sizes.imported)?, timings });
    }
    drop(server);
    let import = [
        format!("ATTACH '{}' AS peer", pair.file(Side::Peer).display()),
        format!(
            "UPDATE {MEMBERS} SET password = \
             (SELECT password FROM peer.{MEMBERS} AS other WHERE other.id = {MEMBERS}.id)"
        ),
    ];
    bulk::write(&pair.file(side), None, &import)?;
    Ok(Costs { bcrypt_ms: each_once(&pair.resume(side)?, sizes.imported)?, timings })
}

impl SignIn {
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let own = self.views.iter().filter(|(kind, ..)| *kind == Kind::Backspin);
        let bar = |(_, _, [calm, hammered]): &(Kind, &str, [f64; 2])| Bar {
            title: format!("view one: p99 while {HAMMERING} connections sign in, × alone"),
            reached: hammered / calm,
            limit: Limit::AtMost(TIMES_CALM_MAX),
        };
        own.map(bar).chain(self.of_both.own.timings.iter().map(Timing::bar)).collect()
    }

    /// The section of the page.
    pub(crate) fn section(&self) -> String {
        let views = self.views.iter().map(|(_, name, [calm, hammered])| {
            format!("| {name} | {calm:.2} | {hammered:.2} | {:.2} |\n", hammered / calm)
        });
        let timings = (0..FLOWS.len())
            .flat_map(|at| Side::BOTH.map(|side| self.of_both.of(side).timings[at].row(side.name())));
        format!(
            "\n## Signing in beside others\n\nView one at {CONNECTIONS_OF_THE_BARS} connections, alone and while \
             {HAMMERING} more sign in by password without a pause:\n\n| server | p99 alone, ms | p99 beside, ms | × |\n\
             |---|---:|---:|---:|\n{}\nAt the same cost, one after the other, each of {} users once with the bcrypt hash \
             of cost 10 that PocketBase made: {:.1} ms with\nBackspin, which also makes the Argon2id hash that replaces it, \
             {:.1} ms with PocketBase.\n\n## What the time of a reply tells\n\nReplies for accounts that there are and for \
             as many that there are not, in an order by chance, one after the other: a wrong password,\nand mail that is asked for. \
             \"Known is slower\" is the share of all pairs in which the account that there is took longer (50 %: nothing\ncan be \
             told); σ is how far that is from 50 %, in standard deviations (Mann-Whitney U test).\n\n{}{}",
            views.collect::<String>(),
            self.imported,
            self.of_both.own.bcrypt_ms,
            self.of_both.peer.bcrypt_ms,
            timing::HEAD,
            timings.collect::<String>(),
        )
    }
}

/// Of at least one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// p99 of viewing one, in milliseconds: alone, and beside those who sign in.
fn views(contender: &Contender, folder: &Path, seconds: u32) -> Result<[f64; 2]> {
    let requests = Scenario::View.requests_file(folder);
    let view =
        Load { requests: &requests, token: None, connections: CONNECTIONS_OF_THE_BARS, rest: Duration::ZERO };
    let requests = Scenario::SignIn.requests_file(folder);
    let hammer = Load { requests: &requests, token: None, connections: HAMMERING, rest: Duration::ZERO };
    let calm = load::measure(contender.server(), &view, seconds)?.p99_ms;
    thread::scope(|scope| {
        // Longer than the measurement with its warm-up.
        let hammering = scope.spawn(|| load::press(contender.server(), &hammer, seconds + 3));
        let hammered = load::measure(contender.server(), &view, seconds);
        hammering.join().map_err(|_| anyhow!("the thread that signs in panicked"))??;
        Ok([calm, hammered?.p99_ms])
    })
}

fn create(server: &Server, count: usize) -> Result<()> {
    let token = superuser(server)?;
    let trusted = json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}});
    send_once(&token, ureq::patch(format!("{}/api/settings", server.url)), &trusted)?;
    let otp = json!({"enabled": true, "duration": 180, "length": 8});
    let definition = json!({"name": MEMBERS, "type": "auth", "createRule": "", "otp": otp});
    send_once(&token, ureq::post(format!("{}/api/collections", server.url)), &definition)?;
    for at in 0..count {
        let member = json!({
            "id": format!("member{at:09}"), "email": email(at), "password": PASSWORD, "passwordConfirm": PASSWORD,
        });
        let url = format!("{}/api/collections/{MEMBERS}/records", server.url);
        send_once(&token, ureq::post(url), &member)?;
    }
    Ok(())
}

/// Milliseconds for one sign-in, over this many users.
fn each_once(server: &Server, count: usize) -> Result<f64> {
    let started = Instant::now();
    for at in 0..count {
        sign_in(&server.url, MEMBERS, &email(at), PASSWORD)?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e3 / count as f64)
}
