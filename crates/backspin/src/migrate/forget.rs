//! `backspin migrate forget`

use anyhow::bail;
use backspin_schema_files::Migration;
use clap::Args;
use serde_json::json;

use super::read_history;
use crate::outcome::Outcome;
use crate::output::{print, println};
use crate::question::ask;
use crate::target::{Missing, TargetArguments};

/// Delete for good the values that a migration took away
///
/// They are kept in the database, and take room there, until this is done. Shows the migration and asks. Neither it
/// nor an earlier one can be taken back afterwards.
#[derive(Args)]
pub(super) struct Forget {
    /// The migration, as `backspin migrate status` numbers it
    number: i64,

    /// Ask nothing
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    target: TargetArguments,
}

impl Forget {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let target = self.target.open(Missing::Refuse)?;
        let number = self.number;
        let history = read_history(target.as_ref())?;
        let is_older = |oldest: &Migration| (1..oldest.number).contains(&number);
        match history.items.iter().find(|migration| migration.number == number) {
            Some(migration) => print!("{migration}"),
            // It is there, only too long ago to be shown.
            None if history.items.last().is_some_and(is_older) => println!("Migration {number}"),
            None => bail!("there is no migration {number}. Nothing was deleted"),
        }
        if !self.yes && !ask("Delete for good what it took away? [y/N]", "yes")? {
            bail!("nothing was deleted");
        }
        target.forget(&json!({ "number": number }))?;
        println!("Deleted for good what migration {number} took away.");
        Ok(Outcome::Done)
    }
}
