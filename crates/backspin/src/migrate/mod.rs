//! `backspin migrate`: changes of the schema, before, while and after they are made.

mod apply;
mod plan;
mod revert;
mod status;

use clap::{Args, Subcommand};

use crate::outcome::Outcome;

/// Plan, apply and take back changes of the schema
///
/// The files of the folder `schema` say what is wanted; `backspin schema pull` writes them. Works on a running server
/// (--server), or on the database of an application, whether a server is running or not.
#[derive(Args)]
pub(crate) struct Migrate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Status(status::Status),
    Plan(plan::PlanCommand),
    Apply(apply::Apply),
    Revert(revert::Revert),
}

impl Migrate {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Status(status) => status.run(),
            Command::Plan(plan) => plan.run(),
            Command::Apply(apply) => apply.run(),
            Command::Revert(revert) => revert.run(),
        }
    }
}
