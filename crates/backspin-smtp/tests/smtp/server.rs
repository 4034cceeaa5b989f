//! The mail server of a test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value as Json;

/// The authority that signed the certificate of each server, for `localhost` and 127.0.0.1.
pub(crate) const CA: &str = include_str!("../servers/certificates/ca.pem");

/// In this repository.
const SCRIPT: &str = "crates/backspin-smtp/tests/servers/server.cjs";
const PACKAGE: &str = "smtp-server@3";

/// A process that ends with this.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    lines: BufReader<ChildStdout>,
    _input: ChildStdin,
}

impl Server {
    /// Starts one; `options` are those of `servers/server.cjs`.
    pub(crate) fn start(options: Json) -> Self {
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let script = folders.map(|folder| folder.join(SCRIPT)).find(|script| script.is_file());
        let mut process = Command::new("node")
            .arg(script.expect("the script is in this repository"))
            .arg(options.to_string())
            .env("NODE_PATH", modules())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the tests of mail need Node.js: https://nodejs.org");
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let port = next(&mut lines)["port"].as_u64().unwrap();
        let input = process.stdin.take().unwrap();
        Server { port: u16::try_from(port).unwrap(), process, lines, _input: input }
    }

    /// The next mail that it took: `from`, `to`, `data`, `secure`, `user`.
    pub(crate) fn mail(&mut self) -> Json {
        next(&mut self.lines)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn next(lines: &mut impl BufRead) -> Json {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).expect("the mail server ended; its reason is above")
}

/// The folder with the server's package, which is fetched once.
fn modules() -> &'static Path {
    static MODULES: OnceLock<PathBuf> = OnceLock::new();
    MODULES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smtp-server");
        let modules = folder.join("node_modules");
        if !modules.join("smtp-server").is_dir() {
            let npm = Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"])
                .arg(&folder)
                .arg(PACKAGE)
                .stdout(Stdio::null())
                .status()
                .expect("the tests of mail need npm: https://nodejs.org");
            assert!(npm.success(), "npm cannot fetch {PACKAGE}");
        }
        modules
    })
}
