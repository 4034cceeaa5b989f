//! The Rust target that components are built for.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::manifest::Manifest;

use super::{BuildError, Step};

pub(super) const WASI: &str = "wasm32-wasip2";

/// Whether a command names the target, or what it makes lies in the target's folder.
pub(super) fn is_needed(manifest: &Manifest, steps: &[Step]) -> bool {
    steps.iter().any(|step| step.command.contains(WASI))
        || manifest.components.iter().any(|component| {
            component.build.is_some() && component.source.value.iter().any(|folder| folder == WASI)
        })
}

/// Installs the target with `rustup`, unless the compiler that is used in `folder` has it.
pub(super) fn install(folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
    if has_standard_library(folder)? {
        return Ok(());
    }
    progress(&format!("Installing the Rust target {WASI} (once): rustup target add {WASI}"));
    let added = Command::new("rustup").args(["target", "add", WASI]).current_dir(folder).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(missing(format!("`rustup target add {WASI}` ended with {status}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(missing(format!(
            "`rustup` is not installed: get it from https://rustup.rs, or install the standard library for \
             {WASI} as your system packages it"
        ))),
        Err(error) => Err(missing(format!("`rustup` could not be started: {error}"))),
    }
}

/// Whether the compiler can build for the target: `rustc` tells where its libraries would be.
fn has_standard_library(folder: &Path) -> Result<bool, BuildError> {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", WASI])
        .current_dir(folder)
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                missing("`rustc` is not installed: get Rust from https://rustup.rs".to_owned())
            }
            _ => missing(format!("`rustc` could not be started: {error}")),
        })?;
    // An older compiler does not know the target at all: `rustup` will say so.
    let libraries = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    let Ok(entries) = libraries.read_dir() else { return Ok(false) };
    Ok(asked.status.success()
        && entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}

fn missing(reason: String) -> BuildError {
    BuildError::Target { reason }
}
