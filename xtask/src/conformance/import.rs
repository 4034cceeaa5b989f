//! Moving in, proved: a data folder of the real PocketBase is imported, and both servers are asked the same.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{pocketbase, tool, workspace};

/// Runs `tests/conformance/import` with its output on ours. `packages` has the npm packages.
///
/// # Errors
/// When a server does not come up, the import fails, or a reply differs.
pub(crate) fn prove(backspin: &Path, packages: &Path, seed: &str) -> Result<()> {
    println!("Moving in from PocketBase, seed {seed}");
    let mut node = Command::new("node");
    node.arg(workspace::root().join("tests/conformance/import/run.mjs"))
        .arg("--pocketbase")
        .arg(pocketbase::install()?)
        .arg("--backspin")
        .arg(backspin)
        .arg("--packages")
        .arg(packages)
        .arg("--folder")
        .arg(packages.join("import"))
        .args(["--seed", seed]);
    tool::run(&mut node).context("what was moved in is not as it was in PocketBase")
}
