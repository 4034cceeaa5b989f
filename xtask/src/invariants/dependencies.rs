//! Who may depend on what: the edges between the layers, and to the platform.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::tool;

use super::Breach;

/// A package of the workspace and the packages it names in its manifest, for any target and purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder, relative to the root.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A package that another names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Named for tests only, under `[dev-dependencies]`.
    pub(crate) is_for_tests: bool,
}

/// A package that only some may name.
struct Guarded {
    /// A name, or with `*` at the end the start of one.
    dependency: &'static str,
    /// Folders, or with `/*` at the end all folders below.
    allowed_in: &'static [&'static str],
    /// Any crate's tests may use it.
    allowed_in_tests: bool,
    why: &'static str,
}

/// Small components of the host's own tests.
const TEST_GUESTS: &str = "crates/backspin-host/tests/guests/*";

const GUARDED: [Guarded; 8] = [
    Guarded {
        dependency: "spin-sdk*",
        allowed_in: &["crates/backspin-spin", "components/*", TEST_GUESTS],
        allowed_in_tests: false,
        why: "another SDK has to be one change, in backspin-spin",
    },
    Guarded {
        dependency: "wasmtime*",
        allowed_in: &["crates/backspin-host"],
        allowed_in_tests: false,
        why: "the runtime is the business of backspin-host",
    },
    Guarded {
        dependency: "rusqlite",
        allowed_in: &["crates/backspin-native", "crates/backspin-host", "bench/native-limit"],
        allowed_in_tests: true,
        why: "data is reached through the port `Database`",
    },
    Guarded {
        dependency: "libsqlite3-sys",
        allowed_in: &["crates/backspin-host"],
        allowed_in_tests: false,
        why: "data is reached through the port `Database`",
    },
    Guarded {
        dependency: "backspin-spin",
        allowed_in: &["components/*"],
        allowed_in_tests: false,
        why: "a library that knows Spin cannot be tested natively",
    },
    Guarded {
        dependency: "backspin-host",
        allowed_in: &["crates/backspin", "tests", "xtask"],
        allowed_in_tests: false,
        why: "the application must not know on which runtime it runs",
    },
    Guarded {
        dependency: "backspin-native",
        allowed_in: &["crates/backspin", "crates/backspin-import"],
        allowed_in_tests: true,
        why: "it is for tests and offline commands",
    },
    Guarded {
        dependency: "native-limit",
        allowed_in: &[],
        allowed_in_tests: false,
        why: "it is only there to be measured",
    },
];

/// Checks the manifests of all packages of the workspace.
///
/// # Errors
/// When `cargo metadata` fails.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    Ok(breaches(&packages(root)?))
}

/// The packages of the workspace, as Cargo sees them.
///
/// # Errors
/// When `cargo metadata` fails.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Listed>,
    }
    #[derive(Deserialize)]
    struct Listed {
        name: String,
        manifest_path: String,
        dependencies: Vec<Named>,
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
        kind: Option<String>,
    }
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let metadata = tool::output(tool::command_in(root, "cargo").args(arguments))?;
    let metadata =
        serde_json::from_str::<Metadata>(&metadata).context("`cargo metadata` printed something else")?;
    let dependency =
        |named: Named| Dependency { is_for_tests: named.kind.as_deref() == Some("dev"), name: named.name };
    let packages = metadata.packages.into_iter().map(|listed| {
        let folder = Path::new(&listed.manifest_path).parent().unwrap_or(root);
        Package {
            name: listed.name,
            folder: folder.strip_prefix(root).unwrap_or(folder).display().to_string(),
            dependencies: listed.dependencies.into_iter().map(dependency).collect(),
        }
    });
    Ok(packages.collect())
}

fn breaches(packages: &[Package]) -> Vec<Breach> {
    let components = packages.iter().filter(|package| package.folder.starts_with("components/"));
    let components = components.map(|package| package.name.as_str()).collect::<Vec<_>>();
    let mut breaches = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            if components.contains(&name) {
                let fault =
                    format!("depends on the component {name}; nothing may: share code through a crate");
                breaches.push(Breach::new(&package.name, fault));
            }
            let guards = GUARDED.iter().filter(|guarded| fits(guarded.dependency, name, ""));
            for guarded in guards.filter(|guarded| !guarded.allows(&package.folder, dependency)) {
                let fault = format!("may not depend on {name}: {}", guarded.why);
                breaches.push(Breach::new(&package.name, fault));
            }
        }
    }
    breaches
}

impl Guarded {
    fn allows(&self, folder: &str, dependency: &Dependency) -> bool {
        (self.allowed_in_tests && dependency.is_for_tests)
            || self.allowed_in.iter().any(|allowed| fits(allowed, folder, "/"))
    }
}

/// Whether `text` is `pattern`, or begins as a pattern with `*` at the end does; the rest may not hold `excluded`.
fn fits(pattern: &str, text: &str, excluded: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => {
            text.strip_prefix(start).is_some_and(|rest| excluded.is_empty() || !rest.contains(excluded))
        }
        None => text == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, dependencies: &[&str]) -> Package {
        Package {
            name: folder.rsplit('/').next().unwrap_or(folder).to_owned(),
            folder: folder.to_owned(),
            dependencies: dependencies
                .iter()
                .map(|name| Dependency {
                    name: name.trim_start_matches("dev:").to_owned(),
                    is_for_tests: name.starts_with("dev:"),
                })
                .collect(),
        }
    }

    fn faults(packages: &[Package]) -> Vec<String> {
        breaches(packages).iter().map(Breach::to_string).collect()
    }

    #[test]
    fn the_layers_as_they_are_meant_break_nothing() {
        let packages = [
            package("components/health", &["backspin-spin", "spin-sdk", "backspin-http"]),
            package("crates/backspin-spin", &["spin-sdk"]),
            package("crates/backspin-host", &["wasmtime", "wasmtime-wasi", "rusqlite"]),
            package("crates/backspin-host/tests/guests/streams", &["spin-sdk-classic"]),
            package("crates/backspin-native", &["rusqlite"]),
            package("crates/backspin-records", &["backspin-core", "dev:backspin-native"]),
            package("tests", &["backspin-host", "dev:backspin-native"]),
        ];
        assert_eq!(faults(&packages), [""; 0]);
    }

    #[test]
    fn each_guarded_dependency_is_refused_elsewhere() {
        for guarded in GUARDED {
            let dependency = guarded.dependency.trim_end_matches('*');
            let faults = faults(&[package("crates/backspin-core", &[dependency])]);
            assert_eq!(faults.len(), 1, "{dependency}: {faults:?}");
            assert!(faults[0].starts_with("backspin-core: may not depend on"), "{}", faults[0]);
        }
        assert_eq!(faults(&[package("components/a", &["wasmtime-wasi"])]).len(), 1);
        assert_eq!(faults(&[package("components/a/b", &["spin-sdk"])]).len(), 1);
        assert_eq!(faults(&[package("crates/backspin-core", &["dev:wasmtime"])]).len(), 1);
    }

    #[test]
    fn a_component_may_not_depend_on_another() {
        let faults = faults(&[package("components/a", &["b"]), package("components/b", &[])]);
        assert_eq!(faults, ["a: depends on the component b; nothing may: share code through a crate"]);
    }
}
