//! `cargo xtask conformance`: the PocketBase SDK drives Backspin and the real PocketBase through the same steps
//! (`tests/conformance`), and every reply is compared.

mod accepted;
mod difference;
mod import;
mod normalise;
mod packages;
mod report;
mod transcript;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server};
use crate::{backspin, pocketbase, tool, workspace};

use accepted::Accepted;
use transcript::Transcript;

#[derive(Args)]
pub(crate) struct Options {
    /// What to compare with the real PocketBase
    #[arg(long, value_enum, default_value_t = Subject::Backspin)]
    subject: Subject,
    /// Compare a server that is running already and empty, instead of starting one; it needs the superuser
    /// root@example.com with the password correct-horse-battery
    #[arg(long, conflicts_with = "subject")]
    url: Option<String>,
    /// Run this `backspin` binary on the components that are built already, instead of building both
    #[arg(long, value_name = "BINARY", conflicts_with_all = ["subject", "url"])]
    backspin: Option<PathBuf>,
    /// What the generated suites (60 and on) send: another text, other requests
    #[arg(long, default_value = "1")]
    seed: String,
    /// Only the suites of tests/conformance/suites whose file name contains this (may be repeated)
    #[arg(long = "suite")]
    suites: Vec<String>,
    /// Only the proof of moving in from PocketBase (tests/conformance/import), which else comes last
    #[arg(long, conflicts_with_all = ["subject", "url", "suites"])]
    import: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Backspin on its embedded runtime
    Backspin,
    /// Backspin on Spin
    Spin,
    /// A second PocketBase: no difference may be found, so this checks the comparison itself
    Pocketbase,
}

/// Runs the comparison.
///
/// # Errors
/// When a tool is missing, a server does not come up, or a difference is found that is not on the list of
/// accepted ones.
pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = workspace::target().join("conformance");
    std::fs::create_dir_all(&folder)?;
    packages::install(&folder)?;
    if options.import {
        return prove_import(options, &folder);
    }

    let peer = pocketbase::start(&folder, "pocketbase")?;
    let subject = start_subject(options, &folder)?;
    let subject_url = options.url.clone().or_else(|| subject.as_ref().map(|server| server.url.clone()));
    let subject_url = subject_url.context("there is no server to compare")?;

    println!("Driving both servers with the SDK, seed {}", options.seed);
    let began = day();
    let (expected, actual) = thread::scope(|scope| {
        let expected = scope.spawn(|| drive(&folder, &peer.url, "pocketbase", options));
        let actual = drive(&folder, &subject_url, "backspin", options);
        (expected.join().unwrap_or_else(|_| Err(anyhow!("the run against PocketBase panicked"))), actual)
    });
    let (expected, actual) = (expected?, actual?);

    let mut found = difference::between(&normalise::replies(&expected)?, &normalise::replies(&actual)?);
    if day() != began {
        println!("The day (UTC) ended meanwhile: differences of steps that name it count for nothing");
        found.retain(|one| !one.names_the_day());
    }
    let mut accepted = Accepted::read(workspace::root())?;
    let found = found.into_iter().filter(|one| !accepted.covers(one)).collect::<Vec<_>>();
    report::write(&folder.join("differences.txt"), &found)?;
    report::print(&found);
    println!(
        "{} replies compared, {} accepted differences, {} others (each in {})",
        expected.exchanges.len(),
        accepted.used(),
        found.len(),
        folder.join("differences.txt").display(),
    );
    if !found.is_empty() {
        bail!("Backspin answers differently from PocketBase {}", pocketbase::VERSION);
    }
    // A part of the suites, or another subject, cannot show every accepted difference.
    if options.subject == Subject::Backspin && options.url.is_none() && options.suites.is_empty() {
        accepted.refuse_unused()?;
        prove_import(options, &folder)?;
    }
    Ok(())
}

/// In UTC, counted from 1970.
fn day() -> u64 {
    const SECONDS: u64 = 24 * 60 * 60;
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / SECONDS)
}

fn prove_import(options: &Options, folder: &Path) -> Result<()> {
    let binary = match &options.backspin {
        Some(binary) => binary.clone(),
        None => backspin::build_all()?,
    };
    import::prove(&binary, folder, &options.seed)
}

fn start_subject(options: &Options, folder: &Path) -> Result<Option<Server>> {
    if options.url.is_some() {
        return Ok(None);
    }
    if let Some(binary) = &options.backspin {
        return backspin::start_binary(binary, folder).map(Some);
    }
    Ok(Some(match options.subject {
        Subject::Backspin => backspin::start(folder)?,
        Subject::Spin => backspin::start_on_spin(folder)?,
        Subject::Pocketbase => pocketbase::start(folder, "pocketbase-2")?,
    }))
}

/// Runs the suites against one server and reads what they recorded.
fn drive(folder: &Path, url: &str, name: &str, options: &Options) -> Result<Transcript> {
    let out: PathBuf = folder.join(format!("{name}.transcript.json"));
    let mut node = Command::new("node");
    node.arg(workspace::root().join("tests/conformance/run.mjs"))
        .args(["--url", url, "--email", SUPERUSER_EMAIL, "--password", SUPERUSER_PASSWORD])
        .arg("--packages")
        .arg(folder)
        .arg("--out")
        .arg(&out)
        .args(["--seed", &options.seed])
        .args(&options.suites);
    tool::output(&mut node).with_context(|| format!("the SDK could not be driven against {name}"))?;
    Transcript::read(&out)
}
