//! Runs the build commands of a manifest's components, as `spin build` does.

mod target;

#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use crate::manifest::{Build, Component, Manifest, ManifestError};

/// Why the components could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("`{command}` could not be started in {}", folder.display())]
    Start { command: String, folder: PathBuf, source: io::Error },
    /// The command has said on its own output what is wrong.
    #[error("building {component} failed: `{command}` ended with {status}")]
    Failed { component: String, command: String, status: ExitStatus },
    #[error("the Rust target {target} is missing and could not be installed: {reason}", target = target::WASI)]
    Target { reason: String },
}

impl BuildError {
    /// The exit status of the build command that failed, for the caller to end with.
    pub fn exit_code(&self) -> Option<u8> {
        match self {
            Self::Failed { status, .. } => status.code().and_then(|code| u8::try_from(code).ok()),
            Self::Manifest(_) | Self::Start { .. } | Self::Target { .. } => None,
        }
    }
}

/// One command to run, with the component that first asks for it.
#[derive(Debug, Eq, PartialEq)]
struct Step {
    component: String,
    command: String,
    folder: PathBuf,
}

/// Runs every build command of the components once, in the manifest's order, each in its `workdir`; what they
/// print goes to the terminal. Before that the Rust target `wasm32-wasip2` is installed, if the components are
/// built for it and it is missing. `progress` is told what happens, a line at a time.
///
/// # Errors
/// The first command that fails or cannot be started, or a target that cannot be installed.
pub fn build(manifest: &Manifest, progress: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
    let steps = steps(manifest)?;
    if steps.is_empty() {
        progress("No component has a build command.");
        return Ok(());
    }
    if target::is_needed(manifest, &steps) {
        target::install(&manifest.folder, progress)?;
    }
    for step in steps {
        progress(&format!("Building {} with `{}`", step.component, step.command));
        let status = shell(&step.command).current_dir(&step.folder).status().map_err(|source| {
            BuildError::Start { command: step.command.clone(), folder: step.folder.clone(), source }
        })?;
        if !status.success() {
            return Err(BuildError::Failed { component: step.component, command: step.command, status });
        }
    }
    Ok(())
}

/// The commands in order; one that several components share in the same folder comes once.
fn steps(manifest: &Manifest) -> Result<Vec<Step>, ManifestError> {
    let mut steps: Vec<Step> = Vec::new();
    for component in &manifest.components {
        let Some(build) = &component.build else { continue };
        let folder = folder(manifest, component, build)?;
        for command in &build.commands {
            if !steps.iter().any(|step| step.command == command.value && step.folder == folder) {
                steps.push(Step {
                    component: component.id.value.clone(),
                    command: command.value.clone(),
                    folder: folder.clone(),
                });
            }
        }
    }
    Ok(steps)
}

fn folder(manifest: &Manifest, component: &Component, build: &Build) -> Result<PathBuf, ManifestError> {
    let Some(workdir) = &build.workdir else { return Ok(manifest.folder.clone()) };
    let folder = manifest.resolve(&workdir.value);
    if folder.is_dir() {
        return Ok(folder);
    }
    let message = format!("`workdir` of {}: there is no folder {}", component.id.value, folder.display());
    Err(manifest.error(workdir.at, message))
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}
