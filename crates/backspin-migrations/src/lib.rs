//! Changes of the schema, planned before they are made.
//!
//! ```text
//! plan(current, wanted, …) → Plan: ordered steps, each with its SQL, the way back, and what it means
//!   → Plan::measure: how many rows a step rewrites, how many values it takes away
//!   → apply: one transaction, recorded in `_migrations`
//!   → revert: the last one is taken back, with the values it took away
//! ```
//!
//! What a step takes away is kept in a table of its own until [`forget`] removes it, so that a revert
//! restores it byte for byte; a step that takes nothing away keeps no table. Collections and fields are known by their ids, whatever they are named.

mod apply;
mod conversion;
mod failure;
mod fingerprint;
mod forget;
mod history;
mod identifiers;
mod index_names;
mod indexes_made;
mod kept;
mod measure;
mod narrowing;
mod plan;
mod revert;
mod step;
mod terms;
mod tokens;

pub use apply::{Applied, apply};
pub use conversion::{converted, zero};
pub use failure::{Failure, StepFailure};
pub use fingerprint::fingerprint;
pub use forget::{Forgotten, forget};
pub use history::{Migration, count, history};
pub use plan::{Plan, Problem, ViewSelect, follow_renames, plan};
pub use revert::revert;
pub use step::{Grade, Step, StepKind};
pub use terms::{Losses, Terms};
