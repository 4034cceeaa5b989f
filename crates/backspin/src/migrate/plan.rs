//! `backspin migrate plan`

use clap::Args;

use crate::change::{PlanArguments, counted, read_plan};
use crate::outcome::Outcome;
use crate::output::{print, println};
use crate::target::Missing;

/// Show what it takes to make the database what the schema files say
///
/// Changes nothing. Ends with 0 if there is nothing to do, and with 2 if there is.
#[derive(Args)]
pub(super) struct PlanCommand {
    #[command(flatten)]
    arguments: PlanArguments,

    /// Show the SQL of each step too
    #[arg(long)]
    sql: bool,

    /// Print the plan as JSON
    #[arg(long, conflicts_with = "sql")]
    json: bool,
}

impl PlanCommand {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let (_, _, reply) = self.arguments.plan(Missing::Refuse)?;
        if self.json {
            println!("{reply:#}");
        }
        let plan = read_plan(reply)?;
        let outcome = Outcome::of_difference(!plan.is_empty());
        if self.json {
            return Ok(outcome);
        }
        if plan.is_empty() {
            println!("Nothing to do: the database is as the files say.");
            return Ok(outcome);
        }
        print!("{plan}");
        if self.sql {
            for sql in plan.steps.iter().flat_map(|step| &step.up) {
                println!("{sql};");
            }
        }
        match plan.problems.len() {
            0 => println!("Nothing was changed. To do it: backspin migrate apply"),
            problems => println!("Nothing can be done before {} solved.", are(problems)),
        }
        Ok(outcome)
    }
}

fn are(problems: usize) -> String {
    format!("the {} {}", counted(problems, "problem"), if problems == 1 { "is" } else { "are" })
}
