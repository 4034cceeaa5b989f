//! Backspin as its users run it: the binary and the components that `cargo up` builds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server, empty_folder, free_port};
use crate::{tool, workspace};

/// How the command line is compiled.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// As the tests do: soon there, but slow.
    Dev,
    /// As `cargo up` does.
    Release,
}

/// Builds the command line and returns the path of its binary.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    let (flags, folder): (&[&str], _) = match profile {
        // Not by `--package`: the dependencies then keep the features that `cargo test` builds them with.
        Profile::Dev => (&["--bin", "backspin"], "debug"),
        Profile::Release => (&["--release", "--package", "backspin"], "release"),
    };
    tool::run(tool::cargo().arg("build").args(flags))?;
    Ok(workspace::target().join(folder).join("backspin"))
}

/// Builds everything and starts the embedded runtime on an empty state folder `folder/backspin`.
///
/// # Errors
/// When it does not compile or does not come up.
pub(crate) fn start(folder: &Path) -> Result<Server> {
    start_binary(&build_all()?, folder)
}

/// Builds the command line and the components, and returns the path of the binary.
///
/// # Errors
/// When they do not compile.
pub(crate) fn build_all() -> Result<PathBuf> {
    let binary = build(Profile::Release)?;
    build_components(&binary)?;
    Ok(binary)
}

/// Starts a binary and components that are there already, on an empty state folder `folder/backspin`.
///
/// # Errors
/// When it does not come up.
pub(crate) fn start_binary(binary: &Path, folder: &Path) -> Result<Server> {
    empty_folder(folder.join("backspin"))?;
    resume_binary(binary, folder)
}

/// The same on the state folder as it is.
///
/// # Errors
/// When it does not come up.
pub(crate) fn resume_binary(binary: &Path, folder: &Path) -> Result<Server> {
    let mut command = Command::new(binary);
    // Compiled code is no state: it outlives the folder.
    command.arg("up").arg("--cache-dir").arg(workspace::target().join("compiled"));
    serve(command, folder, "backspin")
}

/// The database of a server that was started in `folder`.
pub(crate) fn database_file(folder: &Path) -> PathBuf {
    folder.join("backspin/sqlite_db.db")
}

/// Starts the same application under Spin, on an empty state folder `folder/spin`.
///
/// # Errors
/// When the components do not compile or Spin does not come up.
pub(crate) fn start_on_spin(folder: &Path) -> Result<Server> {
    tool::require("spin", "Install Spin 4.1 or newer: https://spinframework.dev")?;
    build_components(&build(Profile::Release)?)?;
    empty_folder(folder.join("spin"))?;
    let mut command = Command::new("spin");
    command.arg("up");
    serve(command, folder, "spin")
}

fn build_components(binary: &Path) -> Result<()> {
    tool::run(Command::new(binary).arg("build").current_dir(workspace::root()))
}

/// Both runtimes take the same flags.
fn serve(mut command: Command, folder: &Path, name: &str) -> Result<Server> {
    let state = folder.join(name);
    let port = free_port()?;
    command
        .current_dir(workspace::root())
        .args(["--from", "spin.toml", "--quiet"])
        .arg("--listen")
        .arg(format!("127.0.0.1:{port}"))
        .arg("--state-dir")
        .arg(&state)
        .args(["--variable", &format!("superuser_email={SUPERUSER_EMAIL}")])
        .args(["--variable", &format!("superuser_password={SUPERUSER_PASSWORD}")])
        // Mail servers and identity providers may be on this machine only.
        .args(["--variable", "smtp_address=127.0.0.1", "--variable", "smtp_port=1024..65535"])
        .args(["--variable", "oauth2_origin=http://127.0.0.1:*"]);
    let log = folder.join(format!("{name}.log"));
    Server::start(command, port, "/api/health", &log, Duration::from_secs(300))
}
