//! How a command ends that did what it was asked.

use std::process::ExitCode;

/// What the exit code tells a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, or in step: 0.
    Done,
    /// Asked for a difference, and there is one: 2.
    Differs,
}

impl Outcome {
    pub(crate) fn of_difference(differs: bool) -> Self {
        if differs { Outcome::Differs } else { Outcome::Done }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Differs => ExitCode::from(2),
        }
    }
}
