//! `backspin build`: runs the build commands of the components.

use backspin_host::build::build;
use backspin_host::manifest::Manifest;
use clap::Args;

use crate::manifest_path::ManifestPath;

/// Build the components of an application
///
/// Runs each `build` command of the manifest once, in order. The Rust target wasm32-wasip2 is installed first if
/// the components are built for it and it is missing.
#[derive(Args)]
pub(crate) struct Build {
    #[command(flatten)]
    manifest: ManifestPath,
}

impl Build {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        run(&Manifest::load(&self.manifest.find()?)?)
    }
}

/// Builds the components of `manifest`, telling the terminal what happens.
pub(crate) fn run(manifest: &Manifest) -> anyhow::Result<()> {
    Ok(build(manifest, &mut |line| eprintln!("{line}"))?)
}
