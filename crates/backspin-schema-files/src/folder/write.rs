//! Makes the files of a folder what the collections are.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use backspin_schema::Collection;

use super::read;
use crate::error::FileError;
use crate::read::read as read_collection;
use crate::write::to_text;

/// With `.json` behind it, what file systems take.
const NAME_CHARS_MAX: usize = 250;

/// What has become of the files; each is a path in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// New, or with other bytes than before.
    pub written: Vec<PathBuf>,
    /// Files whose bytes were right.
    pub unchanged: usize,
    /// Files of collections that are gone or have another name.
    pub removed: Vec<PathBuf>,
    /// Files that are no collection's, and not as `pull` writes them, so that somebody may want to keep them.
    pub left: Vec<PathBuf>,
}

pub(super) fn write(folder: &Path, collections: &[Collection]) -> Result<Written, FileError> {
    let mut texts = Vec::with_capacity(collections.len());
    for collection in collections {
        let path = folder.join(file_name(&collection.name)?);
        let text = to_text(collection)
            .map_err(|error| FileError::Collection { file: path.clone(), reason: error.to_string() })?;
        texts.push((path, text));
    }
    let failed = |done| move |source| FileError::Io { path: folder.to_owned(), done, source };
    match read::paths(folder) {
        Err(FileError::NoFolder { .. }) => fs::create_dir_all(folder).map_err(failed("made"))?,
        found => found.map(|_| ())?,
    }
    let mut written = Written::default();
    for (path, text) in &texts {
        if read::text(path).is_ok_and(|bytes| bytes == text.as_bytes()) {
            written.unchanged += 1;
        } else {
            replace(folder, path, text).map_err(|source| FileError::Io {
                path: path.clone(),
                done: "written",
                source,
            })?;
            written.written.push(path.clone());
        }
    }
    let ours: HashSet<&PathBuf> = texts.iter().map(|(path, _)| path).collect();
    for path in read::paths(folder)?.into_iter().filter(|path| !ours.contains(path)) {
        if is_as_written(&path) {
            fs::remove_file(&path).map_err(|source| FileError::Io {
                path: path.clone(),
                done: "removed",
                source,
            })?;
            written.removed.push(path);
        } else {
            written.left.push(path);
        }
    }
    Ok(written)
}

fn file_name(name: &str) -> Result<String, FileError> {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !is_word {
        return Err(FileError::Name { name: name.to_owned(), chars_max: NAME_CHARS_MAX });
    }
    Ok(format!("{name}.json"))
}

/// A file that is interrupted is not seen, and a link in its place is replaced, not followed.
fn replace(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = new_file(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Readable by whom the user's mask allows, as any other source.
fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".new");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Whether the file has exactly the text that its collection, which has an id, would get: nothing is lost that
/// a database did not have.
fn is_as_written(path: &Path) -> bool {
    let Ok(bytes) = read::text(path) else { return false };
    let Ok(collection) = read_collection(path, &bytes) else { return false };
    let is_named_after = file_name(&collection.name).is_ok_and(|name| path.ends_with(name));
    is_named_after
        && !collection.id.is_empty()
        && to_text(&collection).is_ok_and(|text| text.as_bytes() == bytes)
}
