//! Opens a database file, and says what to do when it cannot.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Options;

/// Why a database cannot be opened, and what to do about it.
#[derive(Debug)]
pub enum OpenError {
    /// The folder does not exist and cannot be created.
    Folder { path: PathBuf, source: io::Error },
    /// The file or its folder cannot be read or written.
    NotWritable { path: PathBuf, reason: String },
    /// Another process holds the file's lock for longer than `busy_timeout`.
    Locked { path: PathBuf },
    /// The file is something else.
    NotADatabase { path: PathBuf },
    /// The file is damaged.
    Corrupt { path: PathBuf, reason: String },
    /// The file was made by a later version of SQLite.
    Newer { path: PathBuf },
    /// There is no room on the disk.
    DiskFull { path: PathBuf },
    /// The file system cannot share memory between processes, which the write-ahead log needs.
    NoSharedMemory { path: PathBuf },
    /// Anything else, in SQLite's or the system's words.
    Other { path: PathBuf, reason: String },
}

impl fmt::Display for OpenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Folder { path, source } => write!(
                formatter,
                "cannot create the folder {}: {source}. Create it, or choose another with --state-dir",
                path.display()
            ),
            OpenError::NotWritable { path, reason } => write!(
                formatter,
                "cannot write the database {}: {reason}. Give this user write access to the file and its \
                 folder, or choose another with --state-dir",
                path.display()
            ),
            OpenError::Locked { path } => write!(
                formatter,
                "the database {} is locked by another process. Stop it (another `backspin up`, `spin up` or \
                 an open SQLite tool), then start again",
                path.display()
            ),
            OpenError::NotADatabase { path } => write!(
                formatter,
                "{} is not a SQLite database. Move the file away to start with an empty one, or restore a \
                 backup in its place",
                path.display()
            ),
            OpenError::Corrupt { path, reason } => write!(
                formatter,
                "the database {} is damaged: {reason}. Keep a copy, then restore a backup, or rescue what is \
                 left with `sqlite3 {} .recover`",
                path.display(),
                path.display()
            ),
            OpenError::Newer { path } => write!(
                formatter,
                "the database {} was made by a newer version of SQLite than this program knows. Update the \
                 program, or restore a backup from before",
                path.display()
            ),
            OpenError::DiskFull { path } => write!(
                formatter,
                "there is no room on the disk for the database {}. Free some space, then start again",
                path.display()
            ),
            OpenError::NoSharedMemory { path } => write!(
                formatter,
                "the file system of {} cannot keep a write-ahead log (a network drive?). Choose a local \
                 folder with --state-dir",
                path.display()
            ),
            OpenError::Other { path, reason } => {
                write!(formatter, "cannot open the database {}: {reason}", path.display())
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            OpenError::Folder { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Makes the file if it is missing, puts it in WAL mode, and makes sure that it can be written now. The
/// connection is a plain one, without limits: for checkpoints.
pub(super) fn prepare_file(path: &Path, options: &Options) -> Result<Connection, OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
    }
    check_header(path)?;
    try_prepare(path, options)
        .map_err(|error| explain(path, error))?
        .ok_or_else(|| OpenError::NoSharedMemory { path: path.to_owned() })
}

fn try_prepare(path: &Path, options: &Options) -> rusqlite::Result<Option<Connection>> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", options.synchronous.level())?;
    // Once more: this time it is the log that is written.
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
    Ok((mode == "wal").then_some(connection))
}

/// SQLite says of a newer file that it is none, or opens it without the right to write.
fn check_header(path: &Path) -> Result<(), OpenError> {
    let mut header = [0; 48];
    match fs::File::open(path).and_then(|mut file| file.read_exact(&mut header)) {
        Err(_) => Ok(()), // missing, empty or unreadable: SQLite says which
        Ok(()) => {
            let is_sqlite = header.starts_with(b"SQLite format 3\0");
            let (write_version, read_version, schema_format) = (header[18], header[19], &header[44..48]);
            let is_newer = write_version > 2
                || read_version > 2
                || u32::from_be_bytes([
                    schema_format[0],
                    schema_format[1],
                    schema_format[2],
                    schema_format[3],
                ]) > 4;
            match is_sqlite && is_newer {
                true => Err(OpenError::Newer { path: path.to_owned() }),
                false => Ok(()),
            }
        }
    }
}

pub(super) fn explain(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path },
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path, reason },
        Some(ErrorCode::DiskFull) => OpenError::DiskFull { path },
        Some(ErrorCode::SystemIoFailure) if fs_is_full(&path) => OpenError::DiskFull { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::NotWritable { path, reason }
        }
        _ => OpenError::Other { path, reason },
    }
}

/// SQLite calls a disk that has no room for its shared memory an I/O error: try to write a page.
fn fs_is_full(path: &Path) -> bool {
    let probe = path.with_extension("room");
    let full = fs::write(&probe, [0; 32 << 10]).is_err_and(|error| {
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    });
    let _ = fs::remove_file(&probe);
    full
}
