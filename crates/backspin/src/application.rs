//! The application on its own database, without a server: the same library code as the server's.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use backspin_core::Error;
use backspin_host::StateFolder;
use backspin_host::manifest::Manifest;
use backspin_host::stores::sqlite;
use backspin_native::{Native, NativeDatabase, SystemEnv};
use backspin_schema::App;
use clap::Args;

use crate::manifest_path::ManifestPath;

/// Which database a command is about.
#[derive(Args)]
pub(crate) struct ApplicationPath {
    #[command(flatten)]
    manifest: ManifestPath,

    /// Folder of the databases [default: .spin beside the manifest]
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
}

impl ApplicationPath {
    /// Opens the database, or makes an empty one. A server may use it at the same time.
    pub(crate) async fn open(&self) -> anyhow::Result<App<Native>> {
        open_checked(&self.state()?).await
    }

    /// Opens the database that is there.
    ///
    /// Errors: there is none.
    pub(crate) async fn open_existing(&self) -> anyhow::Result<App<Native>> {
        let state = self.state()?;
        let file = state.sqlite();
        if !file.try_exists()? {
            bail!(
                "there is no database {}; start the application once, or name another --state-dir",
                file.display()
            );
        }
        open_checked(&state).await
    }

    /// Where the databases are. There need be none yet.
    pub(crate) fn state(&self) -> anyhow::Result<StateFolder> {
        let manifest = Manifest::load(&self.manifest.find()?)?;
        Ok(StateFolder::new(self.state_dir.as_deref(), &manifest))
    }
}

async fn open_checked(state: &StateFolder) -> anyhow::Result<App<Native>> {
    // As the server opens it: with the same mode, and the same messages if it cannot be.
    sqlite::Database::open(state.sqlite(), sqlite::Options::default()).await?.close().await;
    open(state)
}

/// The application on the database in `state`, which has been opened before.
pub(crate) fn open(state: &StateFolder) -> anyhow::Result<App<Native>> {
    Ok(App::new(Native { database: NativeDatabase::open(state.sqlite())?, env: SystemEnv }))
}

/// An error of the application as one of the command line: with the reasons for each field.
pub(crate) fn explain(error: Error) -> anyhow::Error {
    match &error {
        Error::BadRequest { fields, .. } if !fields.is_empty() => {
            let reasons = ["email", "password"].into_iter().filter_map(|name| match fields.get(name)? {
                backspin_core::FieldError::Leaf { message, .. } => Some(format!("{name}: {message}")),
                backspin_core::FieldError::Nested(_) | backspin_core::FieldError::Request { .. } => None,
            });
            anyhow!(reasons.collect::<Vec<_>>().join(" "))
        }
        _ => anyhow!(error.chain()),
    }
}
