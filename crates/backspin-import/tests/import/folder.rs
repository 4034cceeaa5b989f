//! A data folder of PocketBase, and what becomes of it.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use backspin_core::{Database, Value};
use backspin_import::{Import, ImportError, Progress, Report};
use backspin_native::{FixedEnv, NativeDatabase};
use futures::executor::block_on;

pub(crate) use crate::pocketbase_data::CREATED;
use crate::pocketbase_data::PocketBaseData;

/// A temporary folder with `pb_data` in it, and room for the state of a Backspin.
pub(crate) struct Folder {
    root: tempfile::TempDir,
    data: PocketBaseData,
}

impl Deref for Folder {
    type Target = PocketBaseData;

    fn deref(&self) -> &PocketBaseData {
        &self.data
    }
}

impl Folder {
    /// With the superusers and users of a new PocketBase, and nobody among them.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let data = PocketBaseData::new(&root.path().join("pb_data"));
        Folder { root, data }
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.root.path().join("pb_data")
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.root.path().join("state").join("sqlite_db.db")
    }

    pub(crate) fn import(&self) -> Result<Report, ImportError> {
        self.import_with(false, &mut ())
    }

    pub(crate) fn import_with(
        &self,
        replace: bool,
        progress: &mut impl Progress,
    ) -> Result<Report, ImportError> {
        import(&self.source(), &self.target(), replace, progress)
    }

    /// Rows of the new database.
    pub(crate) fn imported(&self, sql: &str) -> Vec<Vec<Value>> {
        let database = NativeDatabase::open(self.target()).unwrap();
        block_on(database.query(sql, Vec::new())).unwrap().rows
    }
}

pub(crate) fn import(
    source: &Path,
    target: &Path,
    replace: bool,
    progress: &mut impl Progress,
) -> Result<Report, ImportError> {
    block_on(Import { source, target, replace }.run(&FixedEnv::new(), progress))
}

/// As `what: why` of what was not brought.
pub(crate) fn not_brought(report: &Report) -> Vec<String> {
    report.not_brought.iter().map(|note| format!("{}: {}", note.what, note.why)).collect()
}

pub(crate) fn texts(rows: Vec<Vec<Value>>) -> Vec<String> {
    rows.into_iter()
        .flatten()
        .map(|value| match value {
            Value::Text(text) => text,
            other => format!("{other:?}"),
        })
        .collect()
}
