//! How many files of records, backups and scripts there are.

use std::fs;
use std::path::Path;

/// Files and their size together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// The files of records: `storage/COLLECTION/RECORD/NAME`. Thumbnails and notes on a file, which PocketBase makes
/// itself, do not count; nor does what cannot be read.
pub(crate) fn stored(folder: &Path) -> Stored {
    let mut stored = Stored::default();
    for record in entries(&folder.join("storage")).flat_map(|path| entries(&path).collect::<Vec<_>>()) {
        for file in entries(&record).filter(|file| file.extension().is_none_or(|end| end != "attrs")) {
            if let Ok(metadata) = fs::symlink_metadata(&file)
                && metadata.is_file()
            {
                stored.files += 1;
                stored.bytes += metadata.len();
            }
        }
    }
    stored
}

/// What is in a folder; nothing, if it is none.
fn entries(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
