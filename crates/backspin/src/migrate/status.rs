//! `backspin migrate status`

use anyhow::Context;
use backspin_schema_files::{CollectionDifference, History, Migration, compare};
use clap::Args;
use serde_json::{Value, json};

use crate::change::counted;
use crate::outcome::Outcome;
use crate::output::println;
use crate::schema_folder::SchemaFolder;
use crate::target::{Missing, TargetArguments};

const SHOWN: u32 = 5;

/// Tell whether the database is in step with the schema files, and the last migrations
///
/// Ends with 0 if it is in step, and with 2 if it differs.
#[derive(Args)]
pub(super) struct Status {
    #[command(flatten)]
    folder: SchemaFolder,

    #[command(flatten)]
    target: TargetArguments,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let target = self.target.open(Missing::Refuse)?;
        let reply = target.history(SHOWN)?;
        let history: History = serde_json::from_value(reply.clone())
            .context("the history cannot be read: the server is of another version")?;
        if !self.json {
            show(&history);
        }
        let differences = compare(&target.collections()?, &self.folder.read()?);
        let outcome = Outcome::of_difference(!differences.is_empty());
        if self.json {
            println!("{:#}", status(&history, &reply, &differences));
        } else if differences.is_empty() {
            println!("In step: the database is as the files say.");
        } else {
            let names: Vec<&str> = differences.iter().map(|differs| differs.name.as_str()).collect();
            let count = counted(differences.len(), "collection");
            println!("Differs from the files in {count}: {}.", names.join(", "));
            println!("To see how: backspin schema diff");
        }
        Ok(outcome)
    }
}

fn show(history: &History) {
    println!("Schema {}", history.current.schema);
    if history.items.is_empty() {
        println!("No migration was applied yet.");
        return;
    }
    println!("Migrations: {}, the last first", history.total_items);
    history.items.iter().for_each(|migration| println!("  {}", line(migration)));
}

fn line(migration: &Migration) -> String {
    let mut summaries = migration.steps.iter().map(|step| step.summary.lines().next().unwrap_or_default());
    let first = summaries.next().unwrap_or_default();
    let more = match summaries.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let since = match (migration.reverted.is_empty(), migration.forgotten.is_empty()) {
        (false, _) => " (taken back)",
        (true, false) => " (what it took away is deleted)",
        (true, true) => "",
    };
    let Migration { number, applied, author, .. } = migration;
    format!("{number}  {applied}  {author}  {first}{more}{since}")
}

fn status(history: &History, reply: &Value, differences: &[CollectionDifference]) -> Value {
    json!({
        "inStep": differences.is_empty(),
        "schema": history.current.schema,
        "differences": differences,
        "migrations": reply["items"],
    })
}
