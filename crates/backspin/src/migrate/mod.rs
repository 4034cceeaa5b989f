//! `backspin migrate`: changes of the schema, before, while and after they are made.

mod apply;
mod forget;
mod plan;
mod revert;
mod status;

use anyhow::Context;
use backspin_schema_files::History;
use clap::{Args, Subcommand};

use crate::outcome::Outcome;
use crate::target::Target;

/// How far back migrations are looked at.
const LOOKED_AT_MAX: u32 = 500;

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
    Forget(forget::Forget),
}

impl Migrate {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Status(status) => status.run(),
            Command::Plan(plan) => plan.run(),
            Command::Apply(apply) => apply.run(),
            Command::Revert(revert) => revert.run(),
            Command::Forget(forget) => forget.run(),
        }
    }
}

/// The last migrations of the database, as many as one may want to name.
fn read_history(target: &dyn Target) -> anyhow::Result<History> {
    serde_json::from_value(target.history(LOOKED_AT_MAX)?)
        .context("the history cannot be read: the server is of another version")
}
