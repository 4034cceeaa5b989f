//! Each component has the fewest capabilities that its work needs. They are pinned in `tests/capabilities.txt`, so that
//! a new one is seen in review, and the network is open only to the components named here.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Breach;
use super::spin_manifest::{Component, SpinManifest};

const SNAPSHOT: &str = "tests/capabilities.txt";

/// The components that send mail or talk to an identity provider.
const MAY_REACH_THE_NETWORK: [&str; 2] = ["auth-with-oauth2", "mail"];

/// Compares the manifest with the snapshot, and looks at the hosts.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let manifest = SpinManifest::read(root)?;
    let pinned = fs::read_to_string(root.join(SNAPSHOT)).with_context(|| format!("{SNAPSHOT} is missing"))?;
    let mut breaches = changes(&pinned, &snapshot(&manifest));
    breaches.extend(hosts(&manifest, &MAY_REACH_THE_NETWORK));
    Ok(breaches)
}

/// Writes the snapshot.
///
/// # Errors
/// When the manifest cannot be read or the snapshot not be written.
pub(crate) fn bless(root: &Path) -> Result<()> {
    let text = snapshot(&SpinManifest::read(root)?);
    fs::write(root.join(SNAPSHOT), text).with_context(|| format!("cannot write {SNAPSHOT}"))
}

/// One line a component, with what it may use.
fn snapshot(manifest: &SpinManifest) -> String {
    manifest.component.iter().map(|(id, component)| format!("{id}: {}\n", granted(component))).collect()
}

fn granted(component: &Component) -> String {
    let lists = [
        ("sqlite", &component.sqlite_databases),
        ("key-value", &component.key_value_stores),
        ("hosts", &component.allowed_outbound_hosts),
        ("models", &component.ai_models),
    ];
    let granted = lists.iter().filter(|(_, names)| !names.is_empty());
    let mut granted = granted.map(|(what, names)| format!("{what} {}", names.join(" "))).collect::<Vec<_>>();
    if !component.variables.is_empty() {
        granted
            .push(format!("variables {}", component.variables.keys().cloned().collect::<Vec<_>>().join(" ")));
    }
    granted.extend(component.files.iter().map(|file| format!("files {file}")));
    if granted.is_empty() { "nothing".to_owned() } else { granted.join(", ") }
}

fn changes(pinned: &str, current: &str) -> Vec<Breach> {
    let advice = "if it is meant, run `cargo xtask invariants --bless` and have it reviewed";
    let missing = pinned.lines().filter(|line| !current.lines().any(|other| other == *line));
    let added = current.lines().filter(|line| !pinned.lines().any(|other| other == *line));
    let gone = missing.map(|line| {
        Breach::new(SNAPSHOT, format!("pins `{line}`, which spin.toml does not grant; {advice}"))
    });
    let new = added.map(|line| {
        Breach::new("spin.toml", format!("grants `{line}`, which {SNAPSHOT} does not pin; {advice}"))
    });
    gone.chain(new).collect()
}

fn hosts(manifest: &SpinManifest, may_reach_the_network: &[&str]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (id, component) in &manifest.component {
        for host in &component.allowed_outbound_hosts {
            if host.contains('*') {
                breaches.push(Breach::new(
                    "spin.toml",
                    format!("{id} may reach {host}; name the hosts it needs"),
                ));
            }
            let is_own = host.ends_with(".spin.internal");
            if !is_own && !may_reach_the_network.contains(&id.as_str()) {
                breaches.push(Breach::new(
                    "spin.toml",
                    format!("{id} may reach {host}; it is not one that needs the network"),
                ));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(component: &str) -> SpinManifest {
        toml::from_str(&format!("[component.a]\nsource = 'a.wasm'\n{component}")).unwrap()
    }

    #[test]
    fn the_snapshot_has_every_kind_of_capability() {
        let all = manifest(
            "sqlite_databases = ['default']\nkey_value_stores = ['default']\nallowed_outbound_hosts = ['https://b.test']\n\
             ai_models = ['c']\nfiles = ['d.txt']\nvariables = { e = '{{ e }}' }",
        );
        assert_eq!(
            snapshot(&all),
            "a: sqlite default, key-value default, hosts https://b.test, models c, variables e, files \"d.txt\"\n"
        );
        assert_eq!(snapshot(&manifest("")), "a: nothing\n");
    }

    #[test]
    fn a_new_capability_and_a_lost_one_are_found() {
        assert_eq!(changes("a: nothing\n", "a: nothing\n"), []);
        assert_eq!(changes("a: nothing\n", "a: sqlite default\n").len(), 2);
        assert_eq!(changes("", "a: nothing\n").len(), 1);
        assert_eq!(changes("a: nothing\n", "").len(), 1);
    }

    #[test]
    fn hosts_are_only_for_those_that_need_them_and_never_wide() {
        let found = |host: &str, allowed: &[&str]| {
            hosts(&manifest(&format!("allowed_outbound_hosts = ['{host}']")), allowed).len()
        };
        assert_eq!(found("http://b.spin.internal", &[]), 0);
        assert_eq!(found("https://mail.test", &[]), 1);
        assert_eq!(found("https://mail.test", &["a"]), 0);
        assert_eq!(found("https://*:*", &["a"]), 1);
        assert_eq!(found("http://*.spin.internal", &["a"]), 1);
    }
}
