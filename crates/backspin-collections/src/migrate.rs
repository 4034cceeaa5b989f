//! `/api/migrations`: changes of the schema seen before they are made, applied, listed and taken back.

mod apply;
mod body;
mod history;
mod plan;
mod revert;

pub use apply::apply;
pub use history::history;
pub use plan::plan;
pub use revert::{forget, revert};

use backspin_core::{Error, Result};

fn to_text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.into()))
}
