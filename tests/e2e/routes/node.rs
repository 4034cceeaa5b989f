//! Scripts that run in Node.js, with packages of their own.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

pub(crate) const NODE_HINT: &str =
    "Install Node.js 18 or newer with npm (https://nodejs.org; Debian: apt-get install nodejs npm)";

/// A folder under `target/` with `files` (names and contents, `package.json` first) and their packages.
pub(crate) fn scripts(name: &str, files: &[(&str, &str)]) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let installed = fs::read_to_string(folder.join("package.json")).is_ok_and(|text| text == files[0].1)
        && folder.join("node_modules/.package-lock.json").is_file();
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file");
    }
    if !installed {
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
        let output = Command::new("npm").args(install).current_dir(&folder).output().expect(NODE_HINT);
        succeeded(&output);
    }
    folder
}

#[track_caller]
pub(crate) fn succeeded(output: &Output) {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{errors}");
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
