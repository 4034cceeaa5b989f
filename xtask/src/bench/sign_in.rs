//! What signing in costs by itself at an equal hash, and what it costs those who only read.

use std::path::Path;
use std::time::Instant;
use std::{fs, thread};

use anyhow::{Context, Result, anyhow};
use serde_json::json;

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server};
use crate::{backspin, pocketbase};

use super::bars::{Bar, Limit};
use super::contender::{Contender, Kind, send_once, sign_in};
use super::load::{self, Load};
use super::related::{PASSWORD, email};
use super::scenario::Scenario;
use super::{CONNECTIONS_OF_THE_BARS, bulk};

/// Users whose passwords come from PocketBase; each signs in once, because its hash is made anew then.
const IMPORTED: usize = 60;
const MEMBERS: &str = "bench_members";
const PEER: &str = "pocketbase-sign-in";
/// Connections that sign in all the time while others read.
const HAMMERING: u32 = 64;
const TIMES_CALM_MAX: f64 = 2.0;

/// What was measured.
pub(crate) struct SignIn {
    /// Milliseconds for one sign-in with a bcrypt hash of cost 10, one after the other.
    own_ms: f64,
    peer_ms: f64,
    /// p99 of viewing one record, in milliseconds, alone and under [`HAMMERING`]; of each server that was measured.
    views: Vec<(Kind, &'static str, [f64; 2])>,
}

/// Measures on servers of its own, then on those that run already.
///
/// # Errors
/// When a server does not come up or refuses a request.
pub(crate) fn measure(
    binary: &Path,
    folder: &Path,
    contenders: &[Contender],
    seconds: u32,
) -> Result<SignIn> {
    let own_folder = &folder.join("sign-in");
    fs::create_dir_all(own_folder)?;
    let views = contenders.iter().filter(|one| Scenario::SignIn.is_for(one.kind())).map(|contender| {
        let p99 = views(contender, folder, seconds).with_context(|| contender.name().to_owned())?;
        Ok((contender.kind(), contender.name(), p99))
    });
    let views = views.collect::<Result<_>>()?;

    let peer = pocketbase::start(own_folder, PEER)?;
    create(&peer)?;
    let peer_ms = each_once(&peer)?;
    create(&backspin::start_binary(binary, own_folder)?)?;
    let file = pocketbase::database_file(own_folder, PEER);
    let import = [
        format!("ATTACH '{}' AS peer", file.display()),
        format!(
            "UPDATE {MEMBERS} SET password = \
             (SELECT password FROM peer.{MEMBERS} AS other WHERE other.id = {MEMBERS}.id)"
        ),
    ];
    bulk::write(&backspin::database_file(own_folder), None, &import)?;
    let own_ms = each_once(&backspin::resume_binary(binary, own_folder)?)?;
    Ok(SignIn { own_ms, peer_ms, views })
}

impl SignIn {
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let own = self.views.iter().filter(|(kind, ..)| *kind == Kind::Backspin);
        let bar = |(_, _, [calm, hammered]): &(Kind, &str, [f64; 2])| Bar {
            title: format!("view one: p99 while {HAMMERING} connections sign in, × alone"),
            reached: hammered / calm,
            limit: Limit::AtMost(TIMES_CALM_MAX),
        };
        own.map(bar).collect()
    }

    /// The section of the page.
    pub(crate) fn section(&self) -> String {
        let rows = self.views.iter().map(|(_, name, [calm, hammered])| {
            format!("| {name} | {calm:.2} | {hammered:.2} | {:.2} |\n", hammered / calm)
        });
        format!(
            "\n## Signing in beside others\n\nView one at {CONNECTIONS_OF_THE_BARS} connections, alone and while \
             {HAMMERING} more sign in by password without a pause:\n\n| server | p99 alone, ms | p99 beside, ms | × |\n\
             |---|---:|---:|---:|\n{}\nAt the same cost, one after the other, each of {IMPORTED} users once with the bcrypt hash \
             of cost 10 that PocketBase made: {:.1} ms with\nBackspin, which also makes the Argon2id hash that replaces it, \
             {:.1} ms with PocketBase.\n",
            rows.collect::<String>(),
            self.own_ms,
            self.peer_ms,
        )
    }
}

/// p99 of viewing one, in milliseconds: alone, and beside those who sign in.
fn views(contender: &Contender, folder: &Path, seconds: u32) -> Result<[f64; 2]> {
    let requests = Scenario::View.requests_file(folder);
    let view = Load { requests: &requests, token: None, connections: CONNECTIONS_OF_THE_BARS };
    let requests = Scenario::SignIn.requests_file(folder);
    let hammer = Load { requests: &requests, token: None, connections: HAMMERING };
    let calm = load::measure(contender.server(), &view, seconds)?.p99_ms;
    thread::scope(|scope| {
        // Longer than the measurement with its warm-up.
        let hammering = scope.spawn(|| load::press(contender.server(), &hammer, seconds + 3));
        let hammered = load::measure(contender.server(), &view, seconds);
        hammering.join().map_err(|_| anyhow!("the thread that signs in panicked"))??;
        Ok([calm, hammered?.p99_ms])
    })
}

fn create(server: &Server) -> Result<()> {
    let token = sign_in(&server.url, "_superusers", SUPERUSER_EMAIL, SUPERUSER_PASSWORD)?;
    let definition = json!({"name": MEMBERS, "type": "auth", "createRule": ""});
    send_once(&token, ureq::post(format!("{}/api/collections", server.url)), &definition)?;
    for at in 0..IMPORTED {
        let member = json!({
            "id": format!("member{at:09}"), "email": email(at), "password": PASSWORD, "passwordConfirm": PASSWORD,
        });
        let url = format!("{}/api/collections/{MEMBERS}/records", server.url);
        send_once(&token, ureq::post(url), &member)?;
    }
    Ok(())
}

/// Milliseconds for one sign-in, over all users.
fn each_once(server: &Server) -> Result<f64> {
    let started = Instant::now();
    for at in 0..IMPORTED {
        sign_in(&server.url, MEMBERS, &email(at), PASSWORD)?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e3 / IMPORTED as f64)
}
