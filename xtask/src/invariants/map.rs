//! The map in ARCHITECTURE.md names every crate, below those that it depends on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Breach;
use super::dependencies::{Package, packages};

const PAGE: &str = "ARCHITECTURE.md";
const FOLDER: &str = "crates/";
/// Crates further down, which are parts of the one above them.
const PARTS: &str = "/tests/";

/// Checks the map against the manifests.
///
/// # Errors
/// When the page is missing, or `cargo metadata` fails.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("{PAGE} is missing"))?;
    Ok(breaches(&page, &packages(root)?))
}

fn breaches(page: &str, packages: &[Package]) -> Vec<Breach> {
    let places: BTreeMap<&str, usize> =
        folders(page).enumerate().map(|(place, folder)| (folder, place)).collect();
    let is_crate = |package: &&Package| package.folder.starts_with(FOLDER) && !package.folder.contains(PARTS);
    let folder_of =
        |name: &str| packages.iter().find(|package| package.name == name).map(|found| &found.folder);
    let mut breaches = Vec::new();
    for package in packages.iter().filter(is_crate) {
        let Some(place) = places.get(package.folder.as_str()) else {
            breaches.push(Breach::new(PAGE, format!("the map lacks {}", package.folder)));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| !dependency.is_for_tests) {
            let other = folder_of(&dependency.name).and_then(|folder| places.get(folder.as_str()));
            if other.is_some_and(|other| other > place) {
                let fault = format!(
                    "depends on {}, which is below it in the map of {PAGE}: turn one or the other round",
                    dependency.name
                );
                breaches.push(Breach::new(&package.name, fault));
            }
        }
    }
    let is_there = |folder: &str| packages.iter().any(|package| package.folder == folder);
    let gone = places.keys().filter(|folder| !is_there(folder));
    breaches.extend(gone.map(|folder| Breach::new(PAGE, format!("the map has {folder}, which is no crate"))));
    breaches
}

/// The folders at the beginnings of lines, in their order.
fn folders(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter(|line| line.starts_with(FOLDER)).filter_map(|line| line.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invariants::dependencies::Dependency;

    fn package(folder: &str, dependencies: &[(&str, bool)]) -> Package {
        let dependency = |(name, is_for_tests): &(&str, bool)| Dependency {
            name: (*name).to_owned(),
            is_for_tests: *is_for_tests,
        };
        Package {
            name: folder.trim_start_matches(FOLDER).to_owned(),
            folder: folder.to_owned(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn faults(page: &str, packages: &[Package]) -> Vec<String> {
        breaches(page, packages).iter().map(Breach::to_string).collect()
    }

    #[test]
    fn each_crate_stands_below_those_it_depends_on() {
        let packages = [
            package("crates/core", &[("records", true)]),
            package("crates/records", &[("core", false), ("serde", false)]),
            package("crates/records/tests/guests/a", &[]),
            package("tests", &[("records", false)]),
        ];
        let page = "The map\n\ncrates/core     values\ncrates/records  records\ntests  all of it\n";
        assert_eq!(faults(page, &packages), [""; 0]);
        let turned = faults("crates/records  records\ncrates/core     values\n", &packages);
        assert!(turned.len() == 1 && turned[0].starts_with("records: depends on core,"), "{turned:?}");
    }

    #[test]
    fn the_map_has_every_crate_and_no_other() {
        let packages = [package("crates/core", &[]), package("crates/records", &[])];
        let page = "crates/core     values\ncrates/queues   queues\n";
        let expected = [
            "ARCHITECTURE.md: the map lacks crates/records",
            "ARCHITECTURE.md: the map has crates/queues, which is no crate",
        ];
        assert_eq!(faults(page, &packages), expected);
    }
}
