//! Moving in, proved: a data folder of the real PocketBase is imported, and both servers are asked the same.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{pocketbase, tool, workspace};

/// Older servers whose data folders are imported too: the oldest that can be, and one from between.
const OLDER: [&str; 2] = ["0.23.1", "0.30.0"];
/// Records in each of their folders.
const OLDER_RECORDS: &str = "2000";

/// Runs `tests/conformance/import` with its output on ours. `packages` has the npm packages.
///
/// # Errors
/// When a server does not come up, the import fails, or a reply differs.
pub(crate) fn prove(backspin: &Path, packages: &Path, seed: &str) -> Result<()> {
    println!("Moving in from PocketBase, seed {seed}");
    run(backspin, packages, "import", &["--seed", seed])?;
    for version in OLDER {
        println!("Moving in from PocketBase {version}");
        let binary = pocketbase::install_version(version)?;
        let binary = binary.to_str().context("the path of this folder is not UTF-8")?;
        let more = ["--made-by", binary, "--records", OLDER_RECORDS];
        run(backspin, packages, &format!("import-{version}"), &more)?;
    }
    Ok(())
}

fn run(backspin: &Path, packages: &Path, folder: &str, more: &[&str]) -> Result<()> {
    let mut node = Command::new("node");
    node.arg(workspace::root().join("tests/conformance/import/run.mjs"))
        .arg("--pocketbase")
        .arg(pocketbase::install()?)
        .arg("--backspin")
        .arg(backspin)
        .arg("--packages")
        .arg(packages)
        .arg("--folder")
        .arg(packages.join(folder))
        .args(more);
    tool::run(&mut node).context("what was moved in is not as it was in PocketBase")
}
