//! Collections and their fields: the model, validation, the DDL planner and migrations.

pub mod collection;
pub mod field;
mod null;
pub mod schema;

pub use collection::Collection;
pub use field::{Field, FieldOptions};
pub use schema::Schema;
