//! The database that a command is about: behind a running server, or in a state folder.

mod refusal;
mod server;
mod state;

use backspin_schema::Collection;
use clap::Args;
use serde_json::Value;

use crate::application::ApplicationPath;
use server::{Server, ServerArguments};
use state::State;

/// The schema of one database and its migrations. Bodies and replies are those of the HTTP API
/// `/api/migrations`; errors are for people.
pub(crate) trait Target {
    /// All collections, without their secrets where the way there hides them.
    fn collections(&self) -> anyhow::Result<Vec<Collection>>;

    /// The newest migrations, at most `count`, and the fingerprint of the schema.
    fn history(&self, count: u32) -> anyhow::Result<Value>;

    /// The plan for `{"collections":[…],"deleteMissing":bool}`, measured. Nothing is changed.
    fn plan(&self, wanted: &Value) -> anyhow::Result<Value>;

    /// Applies what was planned, with `fingerprint` and `acceptedLosses` in the same body; the migration.
    fn apply(&self, wanted: &Value) -> anyhow::Result<Value>;

    /// Takes back the migration of `{"number":N,"acceptedLosses":[…]}`; the migration.
    fn revert(&self, terms: &Value) -> anyhow::Result<Value>;

    /// Deletes for good what the migration of `{"number":N}`, or those of `{"before":N}`, took away.
    fn forget(&self, terms: &Value) -> anyhow::Result<()>;
}

/// Which database a command is about: that of a server if one is named, else that of the application here.
#[derive(Args)]
pub(crate) struct TargetArguments {
    #[command(flatten)]
    server: ServerArguments,

    #[command(flatten)]
    application: ApplicationPath,
}

/// Whether a state folder without a database gets one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Refuse,
    Make,
}

impl TargetArguments {
    /// Signs in at the server, or opens the database.
    pub(crate) fn open(&self, missing: Missing) -> anyhow::Result<Box<dyn Target>> {
        Ok(match self.server.url() {
            Some(url) => Box::new(Server::sign_in(url, &self.server)?),
            None => Box::new(State::open(&self.application, missing)?),
        })
    }
}
