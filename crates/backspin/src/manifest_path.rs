//! Which manifest a command is about.

use std::path::{Path, PathBuf};

use anyhow::bail;
use backspin_host::manifest::MANIFEST_NAME;
use clap::Args;

#[derive(Args)]
pub(crate) struct ManifestPath {
    /// The application: a manifest, or the folder of a spin.toml
    ///
    /// Without it, the spin.toml of the current folder, or of the nearest folder above that has one.
    #[arg(short = 'f', long = "from", value_name = "PATH", visible_alias = "file", alias = "from-file")]
    from: Option<PathBuf>,
}

impl ManifestPath {
    /// The manifest that was named, or else found; a folder stands for the `spin.toml` in it.
    pub(crate) fn find(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = &self.from {
            return Ok(path.clone());
        }
        let here = PathBuf::from(MANIFEST_NAME);
        if here.exists() {
            return Ok(here);
        }
        match search_upwards(&std::env::current_dir()?) {
            Some(found) => {
                eprintln!("Using {}", found.display());
                Ok(found)
            }
            None => bail!(
                "there is no {MANIFEST_NAME} in this folder or above it; go to your application, or name it with --from PATH"
            ),
        }
    }
}

/// The manifest of the nearest folder above `folder`, not beyond the root of a Git repository.
fn search_upwards(folder: &Path) -> Option<PathBuf> {
    for folder in folder.ancestors() {
        let manifest = folder.join(MANIFEST_NAME);
        if manifest.exists() {
            return Some(manifest);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}
