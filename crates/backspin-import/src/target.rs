//! The database that is to be replaced, if there is one.

mod contents;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use backspin_core::{DatabaseError, Timestamp};
use backspin_native::SoleConnection;

use crate::ImportError;

/// How many databases of the same second are kept.
const KEPT_PER_SECOND_MAX: u32 = 100;

/// The place of the new database. Nobody else can open the database that is there now.
pub(crate) struct Target<'a> {
    path: &'a Path,
    present: Option<SoleConnection>,
    /// What the database that is there holds, in words; `None` if it is as good as empty.
    holds: Option<String>,
}

impl<'a> Target<'a> {
    /// Takes the place `path`.
    ///
    /// Errors: `InUse`, or `NotEmpty` unless `replace`.
    pub(crate) fn take(path: &'a Path, replace: bool) -> Result<Self, ImportError> {
        if !path.exists() {
            return Ok(Target { path, present: None, holds: None });
        }
        let present = SoleConnection::open(path).map_err(|error| match error {
            DatabaseError::Busy => ImportError::InUse(path.to_owned()),
            error => error.into(),
        })?;
        let holds = contents::describe(&present)?;
        match holds {
            Some(holds) if !replace => Err(ImportError::NotEmpty { path: path.to_owned(), holds }),
            holds => Ok(Target { path, present: Some(present), holds }),
        }
    }

    /// Puts the finished database `new` in place. Returns where the old one is kept, if it held anything.
    pub(crate) fn replace_with(self, new: &Path, now: Timestamp) -> Result<Option<PathBuf>, ImportError> {
        sync(new)?;
        if let Some(present) = &self.present {
            present.fold_log()?;
        }
        let kept = self.holds.is_some().then(|| keep(self.path, now)).transpose()?;
        if self.present.is_none() {
            remove_logs(self.path)?;
        }
        fs::rename(new, self.path).map_err(ImportError::file("replace", self.path))?;
        sync(self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(kept)
    }
}

/// Gives the database a second name: its place is never empty, for the new one takes the first name from it.
fn keep(path: &Path, now: Timestamp) -> Result<PathBuf, ImportError> {
    let time: String = now.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let mut number = 1;
    loop {
        let name = if number == 1 { time.clone() } else { format!("{time}-{number}") };
        let kept = path.with_extension(format!("before-import-{name}.db"));
        match fs::hard_link(path, &kept) {
            Ok(()) => return Ok(kept),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < KEPT_PER_SECOND_MAX => {
                number += 1;
            }
            Err(error) => return Err(ImportError::file("create", kept)(error)),
        }
    }
}

fn sync(path: &Path) -> Result<(), ImportError> {
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(ImportError::file("write", path))
}

/// A log that lost its database would be taken for one of the new database.
fn remove_logs(path: &Path) -> Result<(), ImportError> {
    for suffix in ["-wal", "-shm", "-journal"] {
        let mut log = path.as_os_str().to_owned();
        log.push(suffix);
        let log = PathBuf::from(log);
        if log.exists() {
            fs::remove_file(&log).map_err(ImportError::file("remove", log))?;
        }
    }
    Ok(())
}
