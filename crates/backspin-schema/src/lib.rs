//! Collections and their fields: the model, the values, the tables; and the
//! application of an instance, which keeps the schema as last seen.

mod app;
mod caller;
mod change;
pub mod collection;
pub mod ddl;
pub mod field;
mod index;
pub mod log;
mod memo;
mod null;
mod page;
pub mod quote;
pub mod schema;
mod scopes;
mod snapshot;
pub mod store;
pub mod system;
mod upgrade;
pub mod value;

pub use app::{App, Attempt, VERSION_SQL};
pub use caller::{AuthRecord, Caller, KeyBearer, SUPERUSERS_ID};
pub use change::change_schema;
pub use collection::Collection;
pub use field::{Field, FieldOptions};
pub use index::Index;
pub use memo::Memo;
pub use page::Page;
pub use schema::Schema;
pub use scopes::{Action, Scopes};
pub use snapshot::Snapshot;
