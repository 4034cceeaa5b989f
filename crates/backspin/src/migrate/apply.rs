//! `backspin migrate apply`

use clap::Args;

use crate::change::ApplyArguments;
use crate::outcome::Outcome;

/// Make the database what the schema files say
///
/// Shows the plan and asks. All of it is applied, or nothing.
#[derive(Args)]
pub(super) struct Apply {
    #[command(flatten)]
    arguments: ApplyArguments,
}

impl Apply {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        self.arguments.run()
    }
}
