//! `backspin schema`: the schema as files for Git.

mod diff;
mod pull;
mod push;

use clap::{Args, Subcommand};

use crate::outcome::Outcome;

/// Keep the schema as files for Git
///
/// One JSON file for each collection, in the folder `schema`: made to be read, reviewed and changed by hand. Works on
/// a running server (--server), or on the database of an application.
#[derive(Args)]
pub(crate) struct Schema {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Pull(pull::Pull),
    Push(push::Push),
    Diff(diff::Diff),
}

impl Schema {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Pull(pull) => pull.run(),
            Command::Push(push) => push.run(),
            Command::Diff(diff) => diff.run(),
        }
    }
}
