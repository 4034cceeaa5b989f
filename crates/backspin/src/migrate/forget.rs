//! `backspin migrate forget`

use anyhow::bail;
use backspin_core::Timestamp;
use backspin_schema_files::Migration;
use clap::{ArgGroup, Args};
use serde_json::{Value, json};

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
#[command(group = ArgGroup::new("which").required(true).args(["number", "before"]))]
pub(super) struct Forget {
    /// The migration, as `backspin migrate status` numbers it
    number: Option<i64>,

    /// What all migrations took away before this one, or before this day or time (UTC), as in 2026-01-31
    #[arg(long, value_name = "NUMBER|DATE", value_parser = parse_before)]
    before: Option<Value>,

    /// Ask nothing
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    target: TargetArguments,
}

/// Errors: neither a number nor a time.
fn parse_before(text: &str) -> Result<Value, String> {
    let number = text.parse::<i64>().ok().map(Value::from);
    let time = || Timestamp::parse(text).map(|time| time.to_string().into());
    number
        .or_else(time)
        .ok_or_else(|| "write the number of a migration, or a date as in 2026-01-31".to_owned())
}

impl Forget {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let target = self.target.open(Missing::Refuse)?;
        let history = read_history(target.as_ref())?;
        let (terms, what) = match (self.number, &self.before) {
            (Some(number), _) => {
                show(&history.items, number)?;
                (json!({ "number": number }), format!("migration {number}"))
            }
            (None, before) => {
                let before = before.clone().unwrap_or_default();
                let what = format!("the migrations before {}", before.to_string().trim_matches('"'));
                (json!({ "before": before }), what)
            }
        };
        if !self.yes && !ask(&format!("Delete for good what {what} took away? [y/N]"), "yes")? {
            bail!("nothing was deleted");
        }
        target.forget(&terms)?;
        println!("Deleted for good what {what} took away.");
        Ok(Outcome::Done)
    }
}

/// Errors: there is no such migration.
fn show(newest: &[Migration], number: i64) -> anyhow::Result<()> {
    let is_older = |oldest: &Migration| (1..oldest.number).contains(&number);
    match newest.iter().find(|migration| migration.number == number) {
        Some(migration) => print!("{migration}"),
        // It is there, only too long ago to be shown.
        None if newest.last().is_some_and(is_older) => println!("Migration {number}"),
        None => bail!("there is no migration {number}. Nothing was deleted"),
    }
    Ok(())
}
