//! The folder of an application's state, and Spin's names of the files in it.

use std::path::{Path, PathBuf};

use crate::manifest::Manifest;

/// Beside the manifest, unless another is chosen.
const FOLDER_NAME: &str = ".spin";
const SQLITE_FILE_NAME: &str = "sqlite_db.db";
const KEY_VALUE_FILE_NAME: &str = "sqlite_key_value.db";
/// Ours: Spin keeps compiled code elsewhere.
const COMPILED_FOLDER_NAME: &str = "compiled";

/// Where the databases of an application are; `spin up` and `backspin up` can take over from each other here.
#[derive(Clone, Debug)]
pub struct StateFolder(PathBuf);

impl StateFolder {
    /// The folder that was `chosen`, or the one that belongs to `manifest`. It need not exist yet.
    pub fn new(chosen: Option<&Path>, manifest: &Manifest) -> Self {
        Self(chosen.map_or_else(|| manifest.folder.join(FOLDER_NAME), Path::to_owned))
    }

    /// The default SQLite database.
    pub fn sqlite(&self) -> PathBuf {
        self.0.join(SQLITE_FILE_NAME)
    }

    /// The default key-value store.
    pub fn key_value(&self) -> PathBuf {
        self.0.join(KEY_VALUE_FILE_NAME)
    }

    /// Compiled components; may be deleted at any time.
    pub fn compiled(&self) -> PathBuf {
        self.0.join(COMPILED_FOLDER_NAME)
    }
}
