//! Reads `spin.toml`, manifest version 2: what it cannot do it refuses by name, with the line.
//!
//! The format is Spin's: <https://spinframework.dev/manifest-reference>.

mod application;
mod component;
mod error;
mod fields;
mod identifier;
mod references;
mod trigger;

#[cfg(test)]
mod tests;

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

pub use application::{Application, Variable};
pub use component::{Build, Component, ComponentVariable, FileMount, Priority};
pub use error::{Located, ManifestError, Position};
pub(crate) use identifier::check_variable_name;
pub use trigger::{HttpTrigger, StaticResponse, TriggerRoute, TriggerTarget};

use fields::{Fields, Source};

/// The name of a manifest in its folder.
pub const MANIFEST_NAME: &str = "spin.toml";

/// A manifest is refused beyond this size.
pub const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// An application as its manifest describes it. Every reference in it has been checked.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file, as it was named: for messages.
    pub file: PathBuf,
    /// The folder of the file, absolute: paths in the manifest are relative to it.
    pub folder: PathBuf,
    pub application: Application,
    pub variables: Vec<Variable>,
    /// In the manifest's order.
    pub triggers: Vec<HttpTrigger>,
    /// In the manifest's order; components written inside a trigger come last, under the id Spin gives them.
    pub components: Vec<Component>,
}

impl Manifest {
    /// Reads a manifest: `path` is the file, or the folder that holds a `spin.toml`.
    ///
    /// # Errors
    /// The first fault found, with its line: bad TOML, a field that is unknown or not supported, a bad value,
    /// a reference to a component or variable that does not exist.
    pub fn load(path: &Path) -> Result<Self, ManifestError> {
        let file = if path.is_dir() { path.join(MANIFEST_NAME) } else { path.to_owned() };
        let text = read_text(&file)?;
        let folder = std::path::absolute(&file)
            .ok()
            .and_then(|file| file.parent().map(Path::to_owned))
            .ok_or_else(|| ManifestError::of_file(&file, "cannot tell which folder holds it"))?;
        Self::parse(file, folder, &text)
    }

    /// The component of that id.
    pub fn find_component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id.value == id)
    }

    /// The components that no trigger names: they are loaded, and nothing ever reaches them.
    pub fn unused_components(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|component| {
            !self.triggers.iter().any(|trigger| {
                matches!(&trigger.target, TriggerTarget::Component(id) if id.value == component.id.value)
            })
        })
    }

    /// A path of the manifest as one that can be opened from anywhere.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// A fault found later, at a place of this manifest.
    pub fn error(&self, at: Position, message: impl Into<String>) -> ManifestError {
        ManifestError::new(&self.file, at, message)
    }

    fn parse(file: PathBuf, folder: PathBuf, text: &str) -> Result<Self, ManifestError> {
        let source = Source::new(&file, text);
        let mut fields = source.parse()?;
        check_version(&mut fields)?;
        let application = Application::read(fields.get("application")?.table("[application]")?)?;
        let variables = fields.entries_of("variables", application::read_variable)?;
        let components = fields.entries_of("component", component::read_component)?;
        let triggers = trigger::WrittenTrigger::read_all(fields.get("trigger")?)?;
        fields.finish(&["spin_manifest_version", "application", "variables", "trigger", "component"])?;
        let (triggers, components) = trigger::name_triggers(triggers, components);
        let manifest = Self { file: file.clone(), folder, application, variables, triggers, components };
        references::check(&manifest)?;
        Ok(manifest)
    }
}

fn check_version(fields: &mut Fields<'_>) -> Result<(), ManifestError> {
    const ADVICE: &str = "only manifest version 2 is supported: write `spin_manifest_version = 2`; \
                          `spin doctor` upgrades a version 1 manifest";
    let Some(version) = fields.find("spin_manifest_version") else {
        return Err(fields.error(ADVICE));
    };
    let refusal = version.error(ADVICE);
    match version.integer() {
        Ok(version) if version.value == 2 => Ok(()),
        _ => Err(refusal),
    }
}

/// Reads at most [`MANIFEST_BYTES_MAX`] of `file`.
fn read_text(file: &Path) -> Result<String, ManifestError> {
    let fault = |error: std::io::Error| {
        let message = match error.kind() {
            ErrorKind::NotFound => {
                "there is no such file: run in the folder of your spin.toml, or name it with `--from PATH`"
                    .to_owned()
            }
            ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
            _ => format!("cannot be read: {error}"),
        };
        ManifestError::of_file(file, message)
    };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(fault)?;
    opened.take(MANIFEST_BYTES_MAX + 1).read_to_string(&mut text).map_err(fault)?;
    if text.len() as u64 > MANIFEST_BYTES_MAX {
        let message =
            format!("it is larger than {MANIFEST_BYTES_MAX} bytes, the most that a manifest can be");
        return Err(ManifestError::of_file(file, message));
    }
    Ok(text)
}
