//! `cargo xtask invariants`: those of ARCHITECTURE.md that a command can check. Each checker is a function of what it
//! reads, so that its tests can show it a repository that is wrong.

mod capabilities;
mod components;
mod dependencies;
mod dynamic_sql;
mod file_sizes;
mod map;
mod pure_libraries;
mod readme;
mod security;
mod source;
mod spin_manifest;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};
use clap::Args;

use crate::workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// Write the capabilities of spin.toml to their snapshot instead of comparing them
    #[arg(long)]
    bless: bool,
}

/// One place that breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach {
    /// A file, a package or a component.
    place: String,
    /// What is wrong there, and what to do.
    fault: String,
}

impl Breach {
    fn new(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self { place: place.into(), fault: fault.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.fault)
    }
}

/// Checks the repository.
///
/// # Errors
/// When an invariant is broken, or something that a check reads is missing.
pub(crate) fn run(options: &Options) -> Result<()> {
    let root = workspace::root();
    if options.bless {
        capabilities::bless(root)?;
    }
    let mut breaches = in_files(root)?;
    breaches.extend(readme::check(root)?);
    if breaches.is_empty() {
        println!("The invariants hold.");
        return Ok(());
    }
    for breach in &breaches {
        eprintln!("{breach}");
    }
    bail!("{} breaches of the invariants in ARCHITECTURE.md", breaches.len())
}

/// The checks that need nothing but the files and `cargo metadata`.
fn in_files(root: &Path) -> Result<Vec<Breach>> {
    Ok([
        dependencies::check(root)?,
        components::check(root)?,
        pure_libraries::check(root)?,
        dynamic_sql::check(root)?,
        spin_manifest::check(root)?,
        capabilities::check(root)?,
        file_sizes::check(root)?,
        map::check(root)?,
        security::check(root)?,
    ]
    .concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_keeps_its_invariants() {
        let breaches = in_files(workspace::root()).unwrap();
        assert!(breaches.is_empty(), "{}", breaches.iter().map(|one| format!("{one}\n")).collect::<String>());
    }
}
