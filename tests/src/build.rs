//! What a test run needs built, once: the components, and for some tests the `backspin` binary.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use backspin_host::build::build;
use backspin_host::manifest::Manifest;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The folder of everything that is built.
pub(crate) fn target() -> PathBuf {
    // .../target/debug/deps/e2e-0123456789abcdef
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(3).unwrap().to_owned()
}

/// The folder of compiled components, which all applications under test share.
pub(crate) fn compiled() -> PathBuf {
    target().join("compiled-for-tests")
}

/// Builds every component as `cargo up` does, the first time it is called in a process. Processes wait for each other.
///
/// # Panics
/// When a component does not compile; Cargo's messages are on standard error.
pub(crate) fn components() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let _lock = lock("components.lock");
        let manifest = Manifest::load(&root().join("spin.toml")).unwrap_or_else(|fault| panic!("{fault}"));
        build(&manifest, &mut |line| eprintln!("{line}")).unwrap_or_else(|fault| panic!("{fault}"));
    });
}

/// Builds the command line with the components it serves, and returns the path of the binary.
///
/// # Panics
/// When it does not compile.
pub(crate) fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    components();
    let built = || {
        let _lock = lock("binary.lock");
        // Not by `--package`: the dependencies then keep the features that `cargo test` builds them with.
        succeed(cargo().args(["build", "--quiet", "--bin", "backspin"]));
        target().join("debug/backspin")
    };
    BUILT.get_or_init(built).clone()
}

/// Cargo as if it was typed: what `cargo test` tells a test about its package would make build scripts that read it
/// run again, and with them everything that is built on theirs.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let of_a_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(of_a_package) {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(root()).arg("--color=never");
    cargo.env("CARGO_TARGET_DIR", target());
    cargo
}

/// Held until it is dropped.
fn lock(name: &str) -> File {
    let file = File::create(target().join(name)).unwrap();
    file.lock().unwrap();
    file
}

fn succeed(command: &mut Command) {
    let status = command.status().unwrap_or_else(|fault| panic!("{command:?} cannot be started: {fault}"));
    assert!(status.success(), "{command:?} ended with {status}");
}
