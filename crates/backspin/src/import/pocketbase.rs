//! `backspin import pocketbase`

use std::path::PathBuf;

use anyhow::anyhow;
use backspin_import::{Import, ImportError};
use backspin_native::SystemEnv;
use clap::Args;

use super::bar::Bar;
use super::summary;
use crate::application::{ApplicationPath, explain};

/// Make the database from the data folder of a PocketBase 0.23 or later
///
/// Brings collections, records, accounts with their passwords and sessions, superusers and settings. The folder is
/// not written to and may be served meanwhile; what is written to it after the start of the import is not brought.
/// Stop the server of the new database first. An import that is interrupted leaves the database as it was.
#[derive(Args)]
pub(super) struct Pocketbase {
    /// The folder with data.db in it, which PocketBase names pb_data
    #[arg(value_name = "PB_DATA_DIR")]
    folder: PathBuf,

    /// Put the new database in the place of one that holds something, and keep that one beside it
    #[arg(long)]
    replace: bool,

    #[command(flatten)]
    application: ApplicationPath,
}

impl Pocketbase {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let database = self.application.state()?.sqlite();
        let mut bar = Bar::new();
        let import = Import { source: &self.folder, target: &database, replace: self.replace };
        let report = import.run(&SystemEnv, &mut bar).await;
        bar.clear();
        summary::print(&report.map_err(failure)?, &database);
        Ok(())
    }
}

fn failure(error: ImportError) -> anyhow::Error {
    match error {
        ImportError::Backspin(error) => explain(error),
        error => anyhow!(error.to_string()),
    }
}
