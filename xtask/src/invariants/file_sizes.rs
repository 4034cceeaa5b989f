//! No file of the repository is larger than 1 MB: what is generated or fetched stays outside.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::tool;

use super::Breach;

const FILE_BYTES_MAX: u64 = 1_000_000;

/// Checks every file that Git has or would take.
///
/// # Errors
/// When Git cannot list them.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = tool::output(tool::command_in(root, "git").args(arguments))?;
    // A file that is listed but deleted has no size to speak of.
    let size = |path: &str| fs::metadata(root.join(path)).map_or(0, |metadata| metadata.len());
    let files = listed.split('\0').filter(|path| !path.is_empty()).map(|path| (path.to_owned(), size(path)));
    Ok(breaches(&files.collect::<Vec<_>>()))
}

fn breaches(files: &[(String, u64)]) -> Vec<Breach> {
    let large = files.iter().filter(|(_, bytes)| *bytes > FILE_BYTES_MAX);
    large
        .map(|(path, bytes)| {
            Breach::new(path, format!("has {bytes} bytes; at most {FILE_BYTES_MAX} are taken"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_above_the_limit_are_found() {
        let files = [("small".to_owned(), FILE_BYTES_MAX), ("large".to_owned(), FILE_BYTES_MAX + 1)];
        assert_eq!(breaches(&files).iter().map(|one| one.place.as_str()).collect::<Vec<_>>(), ["large"]);
    }
}
