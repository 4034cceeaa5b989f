//! `backspin schema push`

use clap::Args;

use crate::change::ApplyArguments;
use crate::outcome::Outcome;

/// Make the database what the schema files say
///
/// Shows the plan with what each step means for data and clients, and asks. All of it is applied, or nothing; it is
/// in the history, and can be taken back. Secrets of the database stay as they are.
#[derive(Args)]
pub(super) struct Push {
    #[command(flatten)]
    arguments: ApplyArguments,
}

impl Push {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        self.arguments.run()
    }
}
