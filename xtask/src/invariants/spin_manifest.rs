//! `spin.toml` and `components/` tell the same story: one id for the component's entry, folder and package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Breach;
use super::dependencies::{self, Package};

/// What the checks read of `spin.toml`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SpinManifest {
    #[serde(default)]
    pub(crate) component: BTreeMap<String, Component>,
    #[serde(default)]
    trigger: Triggers,
}

#[derive(Debug, Default, Deserialize)]
struct Triggers {
    #[serde(default)]
    http: Vec<Trigger>,
}

#[derive(Debug, Deserialize)]
struct Trigger {
    component: Option<String>,
}

/// One component's source and capabilities.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Component {
    #[serde(default)]
    source: String,
    #[serde(default)]
    pub(crate) sqlite_databases: Vec<String>,
    #[serde(default)]
    pub(crate) key_value_stores: Vec<String>,
    #[serde(default)]
    pub(crate) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(crate) ai_models: Vec<String>,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: Vec<toml::Value>,
}

impl SpinManifest {
    /// Reads `spin.toml`.
    ///
    /// # Errors
    /// When it is missing or not such a manifest.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join("spin.toml")).context("spin.toml is missing")?;
        toml::from_str(&text).context("spin.toml is not as it should be")
    }
}

/// Compares the manifest with the packages in `components/`.
///
/// # Errors
/// When either cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    Ok(breaches(&SpinManifest::read(root)?, &dependencies::packages(root)?))
}

fn breaches(manifest: &SpinManifest, packages: &[Package]) -> Vec<Breach> {
    let folder_of = |package: &Package| package.folder.strip_prefix("components/").map(str::to_owned);
    let mut breaches = Vec::new();
    let mut folders = BTreeSet::new();
    for package in packages {
        let Some(folder) = folder_of(package) else { continue };
        if package.name != folder {
            breaches.push(Breach::new(
                &package.folder,
                format!("its package is named {}; name it {folder}", package.name),
            ));
        }
        if !manifest.component.contains_key(&folder) {
            breaches.push(Breach::new(
                "spin.toml",
                format!("has no [component.{folder}] for {}", package.folder),
            ));
        }
        folders.insert(folder);
    }
    for (id, component) in &manifest.component {
        if !folders.contains(id) {
            breaches
                .push(Breach::new("spin.toml", format!("[component.{id}] has no folder components/{id}")));
        }
        let built = format!("target/wasm32-wasip2/release/{}.wasm", id.replace('-', "_"));
        if component.source != built {
            breaches.push(Breach::new(
                "spin.toml",
                format!("the source of {id} is {}, not {built}", component.source),
            ));
        }
    }
    let routed = manifest
        .trigger
        .http
        .iter()
        .filter_map(|trigger| trigger.component.as_deref())
        .collect::<BTreeSet<_>>();
    let idle = manifest.component.keys().filter(|id| !routed.contains(id.as_str()));
    breaches.extend(idle.map(|id| Breach::new("spin.toml", format!("no route leads to {id}"))));
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        [[trigger.http]]
        route = "/api/health"
        component = "health"

        [component.health]
        source = "target/wasm32-wasip2/release/health.wasm"
    "#;

    fn faults(manifest: &str, packages: &[(&str, &str)]) -> Vec<String> {
        let package = |(name, folder): &(&str, &str)| Package {
            name: (*name).to_owned(),
            folder: (*folder).to_owned(),
            dependencies: Vec::new(),
        };
        let packages = packages.iter().map(package).collect::<Vec<_>>();
        breaches(&toml::from_str(manifest).unwrap(), &packages).iter().map(Breach::to_string).collect()
    }

    #[test]
    fn one_id_everywhere_breaks_nothing() {
        assert_eq!(faults(MANIFEST, &[("health", "components/health"), ("xtask", "xtask")]), [""; 0]);
    }

    #[test]
    fn an_entry_without_its_folder_is_found() {
        assert_eq!(faults(MANIFEST, &[]), ["spin.toml: [component.health] has no folder components/health"]);
    }

    #[test]
    fn a_folder_without_its_entry_is_found() {
        let faults = faults(MANIFEST, &[("health", "components/health"), ("other", "components/other")]);
        assert_eq!(faults, ["spin.toml: has no [component.other] for components/other"]);
    }

    #[test]
    fn a_package_of_another_name_is_found() {
        let faults = faults(MANIFEST, &[("wellness", "components/health")]);
        assert_eq!(faults, ["components/health: its package is named wellness; name it health"]);
    }

    #[test]
    fn another_source_and_a_component_without_a_route_are_found() {
        let manifest = "[component.a-b]\nsource = 'target/wasm32-wasip2/debug/a_b.wasm'";
        let faults = faults(manifest, &[("a-b", "components/a-b")]);
        assert_eq!(
            faults,
            [
                "spin.toml: the source of a-b is target/wasm32-wasip2/debug/a_b.wasm, not target/wasm32-wasip2/release/a_b.wasm",
                "spin.toml: no route leads to a-b"
            ]
        );
    }
}
