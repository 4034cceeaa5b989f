//! A database is made what the schema files say: planned, shown, agreed upon, applied.

use anyhow::{Context, bail};
use backspin_schema_files::{Migration, Plan};
use clap::Args;
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::output::{print, println};
use crate::question::ask;
use crate::schema_folder::{SchemaFolder, wanted};
use crate::target::{Missing, Target, TargetArguments};

/// What is wanted of which database.
#[derive(Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    folder: SchemaFolder,

    /// Delete collections that have no file, with their records; those of the system stay
    #[arg(long)]
    delete_missing: bool,

    #[command(flatten)]
    target: TargetArguments,
}

/// What may happen without a question.
#[derive(Args)]
pub(crate) struct Consent {
    /// Ask nothing; what would lose data is refused unless it is named by --accept-loss
    #[arg(long, short)]
    yes: bool,

    /// Let the values of this field, or the records of this collection, go; can be repeated
    #[arg(long, value_name = "COLLECTION.FIELD")]
    accept_loss: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    plan: PlanArguments,

    #[command(flatten)]
    consent: Consent,
}

impl PlanArguments {
    /// The database, what is wanted of it, and the plan as the server tells it.
    pub(crate) fn plan(&self, missing: Missing) -> anyhow::Result<(Box<dyn Target>, Value, Value)> {
        let wanted = wanted(&self.folder.read()?, self.delete_missing)?;
        let target = self.target.open(missing)?;
        let plan = target.plan(&wanted)?;
        Ok((target, wanted, plan))
    }
}

impl ApplyArguments {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let (target, mut wanted, plan) = self.plan.plan(Missing::Make)?;
        let plan = read_plan(plan)?;
        if plan.is_empty() {
            println!("Nothing to do: the database is as the files say.");
            return Ok(Outcome::Done);
        }
        print!("{plan}");
        if !plan.problems.is_empty() {
            bail!("the change would break what the problems name. Nothing was changed: mend the files first");
        }
        let accepted = self.consent.agree_to(&plan)?;
        wanted["fingerprint"] = json!(plan.fingerprint);
        wanted["acceptedLosses"] = json!(accepted);
        let migration = read_migration(target.apply(&wanted)?)?;
        println!("Applied as migration {}. It is taken back with: backspin migrate revert", migration.number);
        Ok(Outcome::Done)
    }
}

impl Consent {
    /// The losses that are accepted.
    ///
    /// Errors: somebody says no, or nobody can be asked.
    fn agree_to(mut self, plan: &Plan) -> anyhow::Result<Vec<String>> {
        let losses = plan.losses(&self.accept_loss);
        let targets: Vec<String> = losses.iter().map(|step| step.target.clone()).collect();
        if self.yes && !losses.is_empty() {
            let flags: Vec<String> = targets.iter().map(|target| format!("--accept-loss {target}")).collect();
            bail!("data would be lost. Nothing was changed. If that is meant, add {}", flags.join(" "));
        }
        if !self.yes {
            let agreed = if losses.is_empty() {
                ask(&format!("Apply {}? [y/N]", counted(plan.steps.len(), "step")), "yes")?
            } else {
                for step in &losses {
                    let lost = step.lost.unwrap_or_default();
                    println!(
                        "Lost from {}: {}.",
                        step.target,
                        counted(lost.unsigned_abs() as usize, "value")
                    );
                }
                ask("Type \"lose data\" to apply all of it:", "lose data")?
            };
            if !agreed {
                bail!("nothing was changed");
            }
            self.accept_loss.extend(targets);
        }
        Ok(self.accept_loss)
    }

    /// The losses that are accepted when a migration is taken back, once that is agreed.
    ///
    /// Errors: as [`Consent::agree_to`].
    pub(crate) fn agree(self, question: &str) -> anyhow::Result<Vec<String>> {
        if !self.yes && !ask(question, "yes")? {
            bail!("nothing was changed");
        }
        Ok(self.accept_loss)
    }
}

/// The plan of a reply.
pub(crate) fn read_plan(reply: Value) -> anyhow::Result<Plan> {
    serde_json::from_value(reply).context("the plan cannot be read: the server is of another version")
}

/// The migration of a reply.
pub(crate) fn read_migration(reply: Value) -> anyhow::Result<Migration> {
    serde_json::from_value(reply).context("the migration cannot be read: the server is of another version")
}

/// `1 step`, `3 steps`
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
