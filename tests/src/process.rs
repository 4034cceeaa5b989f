//! The `backspin` binary as a process of its own, for what a test cannot do to itself: kill it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;
use ureq::http::Method;

use crate::app::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD};
use crate::build;
use crate::client::Client;

const PATIENCE: Duration = Duration::from_secs(120);
/// What `ulimit -f` of a POSIX shell counts in.
const ULIMIT_BLOCK_BYTES: u64 = 512;

/// A running `backspin up`. Dropping it kills it.
pub struct BackspinProcess {
    child: Child,
    url: String,
}

impl BackspinProcess {
    /// Starts it on a state folder and waits until it answers.
    ///
    /// # Panics
    /// When it ends, or does not answer in time; with what it wrote.
    pub fn start(state_dir: &Path) -> Self {
        Self::launch(Command::new(build::binary()), state_dir)
    }

    /// Starts it where the system refuses to make any file longer than `bytes`, as a disk does that is full.
    ///
    /// # Panics
    /// When it ends, or does not answer in time; with what it wrote.
    pub fn start_with_files_of_at_most(state_dir: &Path, bytes: u64) -> Self {
        let mut command = Command::new("sh");
        let blocks = bytes / ULIMIT_BLOCK_BYTES;
        // The refused write then fails; without the trap it would end the process.
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        command.arg(build::binary());
        Self::launch(command, state_dir)
    }

    fn launch(mut command: Command, state_dir: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log_path = state_dir.join("backspin.log");
        let log = File::create(&log_path).unwrap();
        let child = command
            .current_dir(build::root())
            .args(["up", "--from", "spin.toml", "--listen", &format!("127.0.0.1:{port}"), "--state-dir"])
            .arg(state_dir)
            .arg("--cache-dir")
            .arg(build::compiled())
            .args(["--variable", &format!("superuser_email={SUPERUSER_EMAIL}")])
            .args(["--variable", &format!("superuser_password={SUPERUSER_PASSWORD}")])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut process = Self { child, url: format!("http://127.0.0.1:{port}") };
        let said = || fs::read_to_string(&log_path).unwrap_or_default();
        let started = Instant::now();
        while process.anonymous().try_send(Method::GET, "/api/health", &[], "").is_err() {
            if let Some(status) = process.child.try_wait().unwrap() {
                panic!("backspin ended with {status}:\n{}", said());
            }
            assert!(started.elapsed() < PATIENCE, "backspin does not answer:\n{}", said());
            sleep(Duration::from_millis(10));
        }
        process
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url)
    }

    /// A client with the superuser's token.
    ///
    /// # Panics
    /// When the superuser cannot sign in.
    pub fn superuser(&self) -> Client {
        let anon = self.anonymous();
        let credentials = json!({"identity": SUPERUSER_EMAIL, "password": SUPERUSER_PASSWORD});
        let session = anon.post("/api/collections/_superusers/auth-with-password", credentials).ok();
        anon.with_token(session["token"].as_str().unwrap())
    }

    /// Ends it at once, as `kill -9` does.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for BackspinProcess {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
