//! Why nothing was brought. Each says what to do about it.

use std::io;
use std::path::PathBuf;

use backspin_core::DatabaseError;

/// The target is as it was, whichever it is.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{0} is not a data folder of PocketBase: {1}")]
    NotPocketBase(PathBuf, String),
    #[error(
        "{0} was last opened by a PocketBase before 0.23, whose collections are kept in another form. Start \
         PocketBase 0.23 or later on a copy of it once (`pocketbase serve --dir COPY`), stop it, and import \
         the copy"
    )]
    TooOld(PathBuf),
    #[error(
        "{0} is written to faster than it can be copied. Stop its server, or make a backup in its dashboard and \
         import that, unpacked"
    )]
    Changing(PathBuf),
    #[error(
        "{0} is damaged: {1}. Rescue what is left with `sqlite3 data.db .recover`, or import a backup of it"
    )]
    Damaged(PathBuf, String),
    #[error(
        "{0} is in use: stop the server (`backspin up`, `spin up`) or tool that has it open, then try again"
    )]
    InUse(PathBuf),
    #[error("another import into {0} is running")]
    Importing(PathBuf),
    #[error(
        "{0} is in the way: an import works in a folder of this name, and what is there is not of an import. Move it \
         elsewhere, then try again"
    )]
    InTheWay(PathBuf),
    #[error(
        "the database {path} is not empty: it holds {holds}. Choose another folder with --state-dir, or put the \
         import in its place with --replace, which keeps the old database beside the new one"
    )]
    NotEmpty { path: PathBuf, holds: String },
    #[error("cannot {action} {path}: {source}")]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error("stopped: nothing was imported")]
    Stopped,
    #[error(transparent)]
    Backspin(#[from] backspin_core::Error),
}

impl From<DatabaseError> for ImportError {
    fn from(error: DatabaseError) -> Self {
        ImportError::Backspin(error.into())
    }
}

impl ImportError {
    /// For `map_err` on what failed with a file.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| ImportError::File { action, path, source }
    }
}
