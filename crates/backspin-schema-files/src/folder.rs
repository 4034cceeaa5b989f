//! The folder of the schema files.

mod read;
mod write;

use std::path::{Path, PathBuf};

use backspin_schema::Collection;

use crate::error::FileError;
pub use write::Written;

/// A folder such as `schema`, with a file such as `movies.json` for each collection. What is in it besides, and
/// what is in folders within it, is left alone.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Folder { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The collections of all files, in the order of the files' names.
    ///
    /// Errors: no folder, a file that is no collection, is too long or is not a regular file, two files of one
    /// collection.
    pub fn read(&self) -> Result<Vec<Collection>, FileError> {
        let files = read::files(&self.path)?;
        read::refuse_twins(&files)?;
        Ok(files.into_iter().map(|file| file.collection).collect())
    }

    /// Makes the folder what the collections are: writes a file for each unless it is there with the same
    /// bytes, and removes files of collections that are gone. Only what looks exactly as this function writes it
    /// is removed; what was written by hand stays.
    ///
    /// Errors: a name that cannot be a file's, a folder that cannot be written. Each file is written whole or not
    /// at all.
    pub fn write(&self, collections: &[Collection]) -> Result<Written, FileError> {
        write::write(&self.path, collections)
    }
}
