//! `backspin schema diff`

use backspin_schema_files::compare;
use clap::Args;
use serde_json::json;

use crate::outcome::Outcome;
use crate::output::{print, println};
use crate::schema_folder::SchemaFolder;
use crate::target::{Missing, TargetArguments};

/// Show what differs between the database (-) and the schema files (+)
///
/// Ends with 0 if nothing does, and with 2 if something does.
#[derive(Args)]
pub(super) struct Diff {
    #[command(flatten)]
    folder: SchemaFolder,

    #[command(flatten)]
    target: TargetArguments,

    /// Print the differences as JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let files = self.folder.read()?;
        let database = self.target.open(Missing::Refuse)?.collections()?;
        let differences = compare(&database, &files);
        let in_step = differences.is_empty();
        if self.json {
            println!("{:#}", json!({ "inStep": in_step, "collections": differences }));
        } else if in_step {
            println!("In step: the database is as the files say.");
        } else {
            differences.iter().for_each(|difference| print!("{difference}"));
        }
        Ok(Outcome::of_difference(!in_step))
    }
}
