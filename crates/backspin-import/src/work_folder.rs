//! The folder beside the target in which the new database is made.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::ImportError;

/// A name that nobody gives to a folder of their own.
const NAME: &str = ".backspin-import~";
/// The first file to come and the last to go: a folder of files without it is not ours.
const LOCK_NAME: &str = "lock";
const COPY_NAME: &str = "data.db";
const NEW_NAME: &str = "new.db";
/// What SQLite names the files that it keeps beside a database.
const SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Empty when it is made, gone when it is dropped. After a crash, the next import clears it. Nothing is ever removed
/// but files that an import makes.
pub(crate) struct WorkFolder {
    path: PathBuf,
    _lock: File,
}

impl WorkFolder {
    /// Makes the folder within `state`, which is made if it is missing.
    ///
    /// Errors: `Importing` if another process has it; `InTheWay` if it is no import's.
    pub(crate) fn make(state: &Path) -> Result<Self, ImportError> {
        fs::create_dir_all(state).map_err(ImportError::file("create", state))?;
        let path = state.join(NAME);
        match fs::create_dir(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(ImportError::file("create", path)(error));
            }
            Ok(()) | Err(_) => {}
        }
        if !is_ours(&path).map_err(ImportError::file("read", &path))? {
            return Err(ImportError::InTheWay(path));
        }
        let lock_path = path.join(LOCK_NAME);
        let lock = File::options().write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(ImportError::file("create", &lock_path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => ImportError::Importing(state.to_owned()),
            TryLockError::Error(error) => ImportError::file("lock", &lock_path)(error),
        })?;
        let folder = WorkFolder { path, _lock: lock };
        for file in folder.files().filter(|file| file.exists()) {
            fs::remove_file(&file).map_err(ImportError::file("remove", &file))?;
        }
        Ok(folder)
    }

    /// Where the copy of the source is made.
    pub(crate) fn copy(&self) -> PathBuf {
        self.path.join(COPY_NAME)
    }

    /// Where the new database is made.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(NEW_NAME)
    }

    /// All files but the lock that may be here.
    fn files(&self) -> impl Iterator<Item = PathBuf> {
        names().map(|name| self.path.join(name))
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // What stays is cleared by the next import.
        for file in self.files() {
            let _ = fs::remove_file(file);
        }
        let _ = fs::remove_file(self.path.join(LOCK_NAME));
        let _ = fs::remove_dir(&self.path);
    }
}

fn names() -> impl Iterator<Item = String> {
    let databases = [COPY_NAME, NEW_NAME].into_iter();
    databases.flat_map(|database| SUFFIXES.map(|suffix| format!("{database}{suffix}")))
}

/// Whether it is a folder in which there is nothing, or nothing but what an import leaves when it is killed.
fn is_ours(path: &Path) -> std::io::Result<bool> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return Ok(false);
    }
    let (mut is_empty, mut has_lock) = (true, false);
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_lock = name == LOCK_NAME;
        if !entry.file_type()?.is_file() || !(is_lock || names().any(|ours| name == *ours)) {
            return Ok(false);
        }
        is_empty = false;
        has_lock |= is_lock;
    }
    Ok(is_empty || has_lock)
}
