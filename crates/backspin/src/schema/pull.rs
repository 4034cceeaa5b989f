//! `backspin schema pull`

use std::path::PathBuf;

use clap::Args;

use crate::change::counted;
use crate::outcome::Outcome;
use crate::output::println;
use crate::schema_folder::SchemaFolder;
use crate::target::{Missing, TargetArguments};

/// Write the schema of the database to files
///
/// Makes the folder what the database is: files are written, and those of collections that are gone are removed if
/// they are as this command writes them. Secrets are never written.
#[derive(Args)]
pub(super) struct Pull {
    #[command(flatten)]
    folder: SchemaFolder,

    #[command(flatten)]
    target: TargetArguments,
}

impl Pull {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let collections = self.target.open(Missing::Refuse)?.collections()?;
        let done = self.folder.folder().write(&collections)?;
        show("wrote", &done.written);
        show("removed", &done.removed);
        show("left as it is, for the database knows nothing of it:", &done.left);
        let files = counted(collections.len(), "collection");
        println!(
            "{files}: {} written, {} unchanged, {} removed.",
            done.written.len(),
            done.unchanged,
            done.removed.len()
        );
        Ok(Outcome::Done)
    }
}

fn show(what: &str, files: &[PathBuf]) {
    files.iter().for_each(|file| println!("{what} {}", file.display()));
}
