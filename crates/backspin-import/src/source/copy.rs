//! A copy of a SQLite database that another process may be writing to, made without a lock and without writing
//! a byte beside it.
//!
//! The file first, its write-ahead log second. Whatever a checkpoint moves into the file meanwhile is in the log
//! too, for as long as the log is not begun anew; that shows in the log's header. An unfinished transaction at the
//! end of the copied log is ignored by SQLite.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{ImportError, Progress};

/// After how much somebody is asked whether to go on.
const STEP_BYTES: u64 = 16 << 20;
const ATTEMPTS_MAX: u32 = 5;
const WAL_HEADER_BYTES: u64 = 32;

/// Copies the database `from` to `to`, which does not exist yet.
///
/// Errors: `Changing` if the log is begun anew faster than the file can be copied; `Stopped`; `File`.
pub(crate) fn copy(from: &Path, to: &Path, progress: &mut impl Progress) -> Result<(), ImportError> {
    let journal = beside(from, "-journal");
    if fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0) {
        let reason = "it was not closed cleanly; start PocketBase on it once, then stop it".to_owned();
        return Err(ImportError::Damaged(from.to_owned(), reason));
    }
    for _ in 0..ATTEMPTS_MAX {
        let before = State::of(from)?;
        copy_file(from, to, progress)?;
        copy_file(&beside(from, "-wal"), &beside(to, "-wal"), progress)?;
        if before == State::of(from)? {
            return Ok(());
        }
    }
    Err(ImportError::Changing(from.to_owned()))
}

/// The file that SQLite keeps beside a database.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes the copy if there is nothing to copy.
fn copy_file(from: &Path, to: &Path, progress: &mut impl Progress) -> Result<(), ImportError> {
    let failed = |error| ImportError::file("copy", from)(error);
    match File::open(from) {
        Ok(from) => {
            let mut copy = File::create(to).map_err(failed)?;
            while io::copy(&mut (&from).take(STEP_BYTES), &mut copy).map_err(failed)? > 0 {
                if progress.records(0).is_break() {
                    return Err(ImportError::Stopped);
                }
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !to.exists() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::remove_file(to).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

/// What tells whether a copy made meanwhile is whole.
#[derive(PartialEq)]
enum State {
    /// The header of the log: other random numbers each time it is begun anew.
    Logged(Vec<u8>),
    /// There is no log: nobody writes, or everything is in the file.
    Unlogged { bytes: u64, modified: SystemTime },
}

impl State {
    fn of(path: &Path) -> Result<Self, ImportError> {
        let mut header = Vec::new();
        match File::open(beside(path, "-wal")).map(|log| log.take(WAL_HEADER_BYTES).read_to_end(&mut header))
        {
            Ok(Err(error)) => return Err(ImportError::file("read", beside(path, "-wal"))(error)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ImportError::file("read", beside(path, "-wal"))(error));
            }
            _ if header.len() as u64 == WAL_HEADER_BYTES => return Ok(State::Logged(header)),
            _ => {}
        }
        let file = fs::metadata(path).and_then(|file| Ok((file.len(), file.modified()?)));
        let (bytes, modified) = file.map_err(ImportError::file("read", path))?;
        Ok(State::Unlogged { bytes, modified })
    }
}
