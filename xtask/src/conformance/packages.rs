//! The npm packages of the conformance run, installed under `target/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{tool, workspace};

const NODE_HINT: &str =
    "Install Node.js 18 or newer with npm (https://nodejs.org; Debian: apt-get install nodejs npm).";

/// Installs what `tests/conformance/package.json` pins into `folder/node_modules`, if it is not there yet.
///
/// # Errors
/// When Node.js or npm is missing, or the packages cannot be fetched.
pub(crate) fn install(folder: &Path) -> Result<()> {
    tool::require("node", NODE_HINT)?;
    let wanted = fs::read_to_string(workspace::root().join("tests/conformance/package.json"))
        .context("tests/conformance/package.json is missing")?;
    let installed = folder.join("package.json");
    let done = folder.join("node_modules/.package-lock.json");
    if done.is_file() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    tool::require("npm", NODE_HINT)?;
    println!("Installing the npm packages into {}", folder.display());
    fs::write(&installed, wanted)?;
    tool::run(tool::command_in(folder, "npm").args([
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ]))
    .context("the packages could not be fetched; the exact fault: `npm install` in target/conformance")
}
