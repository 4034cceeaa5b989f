//! Moving in from PocketBase: the data folder of a PocketBase 0.23 or later becomes a database of Backspin, with
//! the ids, times, rules, secrets and hashes that it has, so that its users stay signed in.
//!
//! The source is copied before it is read, and never written to. The database is made beside its place and moved
//! there when it is whole: an import that is interrupted, however hard, leaves the target as it was.

mod error;
mod import;
mod left_behind;
mod load;
mod place;
mod platform;
mod progress;
mod relations;
mod report;
mod rules;
mod settings;
mod source;
mod target;
mod value;
mod views;
mod work_folder;

pub use error::ImportError;
pub use import::Import;
pub use progress::Progress;
pub use report::{Brought, Note, Report};
