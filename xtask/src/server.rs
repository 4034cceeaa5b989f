//! A server process that a task starts, talks to, and ends.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const LOG_LINES_SHOWN: usize = 30;

/// The superuser that each server under test is given.
pub(crate) const SUPERUSER_EMAIL: &str = "root@example.com";
/// Its password.
pub(crate) const SUPERUSER_PASSWORD: &str = "correct-horse-battery";

/// A running server. Dropping it ends the process.
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) url: String,
    child: Child,
}

impl Server {
    /// Starts `command`, which must listen on `port`, and waits until `GET ready_path` answers 200.
    ///
    /// # Errors
    /// When it cannot be started, ends early or is not ready within `patience`; the message has the end of its log.
    pub(crate) fn start(
        mut command: Command,
        port: u16,
        ready_path: &str,
        log: &Path,
        patience: Duration,
    ) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let errors = output.try_clone()?;
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let mut server = Self { url: format!("http://127.0.0.1:{port}"), child };
        server.wait_until_ready(ready_path, log, patience)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, path: &str, log: &Path, patience: Duration) -> Result<()> {
        let url = format!("{}{path}", self.url);
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status} before it was ready:\n{}", end_of(log));
            }
            if ureq::get(&url).call().is_ok() {
                return Ok(());
            }
            if started.elapsed() > patience {
                bail!("{url} was not ready after {patience:?}:\n{}", end_of(log));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nothing listens on at the moment.
///
/// # Errors
/// When the system has none to give.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// An empty folder at `path`; what was there is deleted.
///
/// # Errors
/// When the old one cannot be deleted or the new one not be made.
pub(crate) fn empty_folder(path: PathBuf) -> Result<PathBuf> {
    if path.exists() {
        fs::remove_dir_all(&path).with_context(|| format!("cannot delete {}", path.display()))?;
    }
    fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}

fn end_of(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines = text.lines().collect::<Vec<_>>();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}
