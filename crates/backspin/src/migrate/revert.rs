//! `backspin migrate revert`

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::read_history;
use crate::change::{Consent, read_migration};
use crate::outcome::Outcome;
use crate::output::{print, println};
use crate::target::{Missing, TargetArguments};

/// Take back the last migration, with the values that it took away
///
/// Shows the migration and asks. What was written since stays, as far as the earlier schema has a place for it; what
/// has none must be named by --accept-loss. That is gone for good: a revert cannot be taken back.
#[derive(Args)]
pub(super) struct Revert {
    /// The migration that must be the last one; without it, whichever is
    number: Option<i64>,

    #[command(flatten)]
    consent: Consent,

    #[command(flatten)]
    target: TargetArguments,
}

impl Revert {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let target = self.target.open(Missing::Refuse)?;
        let history = read_history(target.as_ref())?;
        let Some(last) = history.last() else { bail!("there is no migration to take back") };
        if let Some(number) = self.number.filter(|number| *number != last.number) {
            let last = last.number;
            bail!("only the last migration, {last}, can be taken back, not {number}. Nothing was changed");
        }
        print!("{last}");
        let accepted = self.consent.agree("Take it back? [y/N]")?;
        let terms = json!({ "number": last.number, "acceptedLosses": accepted });
        let reverted = read_migration(target.revert(&terms)?)?;
        println!("Took back migration {}.", reverted.number);
        Ok(Outcome::Done)
    }
}
