//! How long `cargo up` takes to its first line when nothing has changed since the last time.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::server::{empty_folder, free_port};
use crate::tool;

const PATIENCE: Duration = Duration::from_secs(900);

/// The times of two starts in a row.
pub(crate) struct Startup {
    /// With everything built, on an empty state folder.
    pub(crate) first_seconds: f64,
    /// Again, on the same folder.
    pub(crate) second_seconds: f64,
}

/// Runs `cargo up` twice.
///
/// # Errors
/// When it ends before it says where it listens, or says nothing for long.
pub(crate) fn measure(folder: &Path) -> Result<Startup> {
    let state = empty_folder(folder.join("startup"))?;
    Ok(Startup { first_seconds: start(&state)?, second_seconds: start(&state)? })
}

fn start(state: &Path) -> Result<f64> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = tool::cargo();
    command.args(["up", "--listen", &address, "--state-dir"]).arg(state);
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let seen = first_line_with(&address, &mut child).map(|()| started.elapsed().as_secs_f64());
    // `cargo run` becomes the program it runs, so this ends the server.
    child.kill()?;
    child.wait()?;
    seen
}

/// Waits for a line that names the address, on either output.
fn first_line_with(address: &str, child: &mut Child) -> Result<()> {
    let (sender, receiver) = mpsc::channel();
    let outputs: [Box<dyn std::io::Read + Send>; 2] = [
        Box::new(child.stdout.take().context("no standard output")?),
        Box::new(child.stderr.take().context("no standard error")?),
    ];
    for output in outputs {
        let sender = sender.clone();
        // Reads on to the end, so that the server never waits for us.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
    }
    drop(sender);
    let mut printed = Vec::new();
    while let Ok(line) = receiver.recv_timeout(PATIENCE) {
        if line.contains(address) {
            return Ok(());
        }
        printed.push(line);
    }
    bail!("`cargo up` did not say that it listens on {address}:\n{}", printed.join("\n"))
}
