//! The schema at one version, with what was compiled from it.

use std::ops::Deref;

use crate::{Memo, Schema};

/// A schema, the version it had in the database, and a [`Memo`] that lives as long.
pub struct Snapshot {
    version: String,
    schema: Schema,
    memo: Memo,
}

impl Snapshot {
    pub fn new(version: String, schema: Schema) -> Self {
        Snapshot { version, schema, memo: Memo::default() }
    }

    /// A text that differs from that of every other version.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn memo(&self) -> &Memo {
        &self.memo
    }
}

impl Deref for Snapshot {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        &self.schema
    }
}
