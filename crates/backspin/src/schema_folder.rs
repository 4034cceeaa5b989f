//! Where the schema files are, and what they ask of a database.

use std::path::PathBuf;

use backspin_schema::Collection;
use backspin_schema_files::{Folder, to_body};
use clap::Args;
use serde_json::{Value, json};

#[derive(Args)]
pub(crate) struct SchemaFolder {
    /// Folder of the schema files, one for each collection
    #[arg(long, value_name = "FOLDER", default_value = "schema")]
    dir: PathBuf,
}

impl SchemaFolder {
    pub(crate) fn folder(&self) -> Folder {
        Folder::new(&self.dir)
    }

    /// What the files say.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<Collection>> {
        Ok(self.folder().read()?)
    }
}

/// The body that plans for these collections.
pub(crate) fn wanted(collections: &[Collection], delete_missing: bool) -> anyhow::Result<Value> {
    let collections = collections.iter().map(to_body).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "collections": collections, "deleteMissing": delete_missing }))
}
