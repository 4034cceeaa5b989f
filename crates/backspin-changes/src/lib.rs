//! What is built on the change log: it is listed, tells the history of a record, and puts records back.

mod change;
mod feed;
mod history;
mod page;
mod restore;
mod retention;
mod show;

pub use feed::changes;
pub use history::history;
pub use restore::{apply, plan, restore, restore_version};
pub use retention::{compact, set_retention, view_retention};

use backspin_core::{Error, Result};

fn to_text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.into()))
}

/// A 400 about one parameter or member.
fn invalid(name: &str, reason: &str) -> Error {
    Error::field(
        "Something went wrong while processing your request.",
        name,
        "validation_invalid_value",
        reason,
    )
}
