//! Reads the files of a folder, whatever somebody has put there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use backspin_schema::Collection;

use crate::error::FileError;
use crate::limits::{SCHEMA_FILE_BYTES_MAX, SCHEMA_FILES_MAX};
use crate::read::read;

/// One file and what it says.
pub(super) struct SchemaFile {
    pub(super) path: PathBuf,
    pub(super) collection: Collection,
}

/// All schema files of the folder, by name.
pub(super) fn files(folder: &Path) -> Result<Vec<SchemaFile>, FileError> {
    let mut files = Vec::new();
    for path in paths(folder)? {
        let text = text(&path)?;
        files.push(SchemaFile { collection: read(&path, &text)?, path });
    }
    Ok(files)
}

/// The paths of all `*.json` of the folder, by name; what is hidden is not for us.
///
/// Errors: no folder, or one that is a link to another.
pub(super) fn paths(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let unreadable = |source| FileError::Io { path: folder.to_owned(), done: "read", source };
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(found) => return Err(not_regular(folder, found.is_symlink())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(FileError::NoFolder { folder: folder.to_owned() });
        }
        Err(error) => return Err(unreadable(error)),
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|extension| extension == "json") && !is_hidden {
            if paths.len() == SCHEMA_FILES_MAX {
                return Err(FileError::TooMany { folder: folder.to_owned(), files_max: SCHEMA_FILES_MAX });
            }
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The bytes of a regular file of at most [`SCHEMA_FILE_BYTES_MAX`].
pub(super) fn text(path: &Path) -> Result<Vec<u8>, FileError> {
    let unreadable = |source| FileError::Io { path: path.to_owned(), done: "read", source };
    let found = fs::symlink_metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(not_regular(path, found.is_symlink()));
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // It may have grown since.
    let length = file.take(SCHEMA_FILE_BYTES_MAX + 1).read_to_end(&mut text).map_err(unreadable)?;
    if length as u64 > SCHEMA_FILE_BYTES_MAX {
        let bytes = found.len().max(length as u64);
        return Err(FileError::TooLong { file: path.to_owned(), bytes, bytes_max: SCHEMA_FILE_BYTES_MAX });
    }
    Ok(text)
}

fn not_regular(path: &Path, is_link: bool) -> FileError {
    let what = if is_link { "symbolic link" } else { "special file" };
    FileError::NotRegular { file: path.to_owned(), what }
}

/// Errors: the first two files with one id, or with one name in any case.
pub(super) fn refuse_twins(files: &[SchemaFile]) -> Result<(), FileError> {
    for (place, second) in files.iter().enumerate() {
        for first in &files[..place] {
            let twice = |what, value: &str| FileError::Twice {
                first: first.path.clone(),
                second: second.path.clone(),
                what,
                value: value.to_owned(),
            };
            let (one, other) = (&first.collection, &second.collection);
            if one.name.eq_ignore_ascii_case(&other.name) {
                return Err(twice("name", &other.name));
            }
            if !one.id.is_empty() && one.id == other.id {
                return Err(twice("id", &other.id));
            }
        }
    }
    Ok(())
}
