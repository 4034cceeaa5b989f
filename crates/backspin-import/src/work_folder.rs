//! The folder beside the target in which the new database is made.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::ImportError;

const NAME: &str = "import";
const LOCK_NAME: &str = "lock";

/// Empty when it is made, gone when it is dropped. After a crash, the next import clears it.
pub(crate) struct WorkFolder {
    path: PathBuf,
    _lock: File,
}

impl WorkFolder {
    /// Makes the folder within `state`, which is made if it is missing.
    ///
    /// Errors: `Importing` if another process has it.
    pub(crate) fn make(state: &Path) -> Result<Self, ImportError> {
        let path = state.join(NAME);
        fs::create_dir_all(&path).map_err(ImportError::file("create", &path))?;
        let lock_path = path.join(LOCK_NAME);
        let lock = File::create(&lock_path).map_err(ImportError::file("create", &lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => ImportError::Importing(state.to_owned()),
            TryLockError::Error(error) => ImportError::file("lock", &lock_path)(error),
        })?;
        let folder = WorkFolder { path, _lock: lock };
        let entries = fs::read_dir(&folder.path).map_err(ImportError::file("read", &folder.path))?;
        for entry in entries.flatten().filter(|entry| entry.file_name() != LOCK_NAME) {
            fs::remove_file(entry.path()).map_err(ImportError::file("remove", entry.path()))?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the new database is made.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("new.db")
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // What stays is cleared by the next import.
        let _ = fs::remove_dir_all(&self.path);
    }
}
