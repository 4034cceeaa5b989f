//! Records put back, as new changes.
//!
//! ```text
//! past: the rows of a collection as the log says they were, as a part of statements
//!   → moment: what would change, and what stands in the way (links, unique), by reading alone
//!   → write: two statements for each collection
//! ```
//!
//! No row passes through the instance: SQLite makes the values from the images, so memory does not grow with the records.

mod links;
mod moment;
mod past;
mod reads;
mod request;
mod target;
mod unique;
mod values;
mod version;
mod write;

pub use request::{apply, plan, restore};
pub use version::restore_version;
