//! `backspin superuser`: who may do everything.

mod delete;
mod list;
mod upsert;

use clap::{Args, Subcommand};

/// Add, change, list or delete superusers
///
/// Works on the database itself, whether a server is running or not.
#[derive(Args)]
pub(crate) struct Superuser {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Upsert(upsert::Upsert),
    List(list::List),
    Delete(delete::Delete),
}

impl Superuser {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.command {
                Command::Upsert(upsert) => upsert.run().await,
                Command::List(list) => list.run().await,
                Command::Delete(delete) => delete.run().await,
            }
        })
    }
}
