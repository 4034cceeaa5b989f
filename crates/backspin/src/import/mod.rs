//! `backspin import`: moving in from elsewhere.

mod bar;
mod pocketbase;
mod summary;

use clap::{Args, Subcommand};

/// Move in from another back end
#[derive(Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Pocketbase(pocketbase::Pocketbase),
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        match self.command {
            Command::Pocketbase(pocketbase) => runtime.block_on(pocketbase.run()),
        }
    }
}
