//! The schema and the settings at one version, with what was compiled from them.

use std::ops::Deref;

use backspin_core::{Timestamp, Value};

use crate::{Memo, Schema};

/// A schema, the version it had in the database, and a [`Memo`] that lives as long.
pub struct Snapshot {
    version: String,
    schema: Schema,
    settings: Option<Value>,
    imported: Option<Timestamp>,
    memo: Memo,
}

impl Snapshot {
    pub fn new(version: String, schema: Schema) -> Self {
        Snapshot { version, schema, settings: None, imported: None, memo: Memo::default() }
    }

    /// The same, with the application's settings at that version.
    pub fn with_settings(self, settings: Option<Value>) -> Self {
        Snapshot { settings, ..self }
    }

    /// The same, of a database that came from PocketBase then.
    pub fn with_imported(self, imported: Option<Timestamp>) -> Self {
        Snapshot { imported, ..self }
    }

    /// A text that differs from that of every other version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The application's settings as they are stored; `None` if they never were.
    pub fn settings(&self) -> Option<&Value> {
        self.settings.as_ref()
    }

    /// When the database came from PocketBase; `None` if it was made here.
    pub fn imported(&self) -> Option<Timestamp> {
        self.imported
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
