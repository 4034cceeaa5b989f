//! Records put back, as new changes.

mod assign;
mod check;
mod moment;
mod request;
mod target;
mod version;
mod write;

pub use request::{apply, plan};
pub use version::restore_version;
