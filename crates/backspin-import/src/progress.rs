//! How far an import is, and whether it is to stop.

use std::ops::ControlFlow;

/// Somebody who watches.
pub trait Progress {
    /// The records of a collection come next.
    fn collection(&mut self, name: &str, records: u64);

    /// So many more records have been brought: a few thousand at a time. `Break` ends the import without a
    /// trace.
    fn records(&mut self, records: u64) -> ControlFlow<()>;
}

/// Nobody watches.
impl Progress for () {
    fn collection(&mut self, _name: &str, _records: u64) {}

    fn records(&mut self, _records: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
