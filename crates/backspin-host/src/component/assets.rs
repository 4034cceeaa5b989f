//! The files of the manifest that a component may read: folders are mounted as they are, anything finer
//! is copied into a folder of its own when the application starts.

use std::path::{Component as PathPart, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::manifest::FileMount;

/// Files that one component may be given by patterns, which are copied at each start.
const COPIED_FILES_MAX: usize = 100_000;

/// A folder of the host that a component sees read-only.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    /// The folder on the host.
    pub(crate) source: PathBuf,
    /// Where the component sees it, an absolute path such as `/`.
    pub(crate) destination: String,
    /// Removes the copies with the last mount of them.
    _copies: Option<Arc<TempDir>>,
}

/// The folders to mount for a component's `files`, with paths relative to `base`.
///
/// # Errors
/// When a file is missing or outside of `base`, a pattern is wrong, or a copy fails.
pub(crate) fn mounts(files: &[FileMount], excluded: &[String], base: &Path) -> anyhow::Result<Vec<Mount>> {
    if excluded.is_empty()
        && let Some(mounts) = folders_only(files, base)
    {
        return Ok(mounts);
    }
    let copies =
        TempDir::with_prefix("backspin-files-").context("no temporary folder for a component's files")?;
    let excluded = excluded
        .iter()
        .map(|pattern| glob::Pattern::new(pattern).with_context(|| format!("exclude_files {pattern:?}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut copier = Copier { base, excluded, target: copies.path(), copied: 0 };
    for file in files {
        match file {
            FileMount::Pattern(pattern) => copier.copy_pattern(&pattern.value)?,
            FileMount::Placement { source, destination } => {
                copier.copy_placement(&source.value, &destination.value)?;
            }
        }
    }
    let source = copies.path().to_owned();
    Ok(vec![Mount { source, destination: "/".into(), _copies: Some(Arc::new(copies)) }])
}

/// The mounts if every entry places a folder somewhere else.
fn folders_only(files: &[FileMount], base: &Path) -> Option<Vec<Mount>> {
    let mut mounts: Vec<Mount> = Vec::new();
    for file in files {
        let FileMount::Placement { source, destination } = file else { return None };
        let folder = base.join(&source.value);
        let is_taken = mounts.iter().any(|mount| mount.destination == destination.value);
        if !folder.is_dir() || is_taken {
            return None;
        }
        mounts.push(Mount { source: folder, destination: destination.value.clone(), _copies: None });
    }
    Some(mounts)
}

struct Copier<'a> {
    base: &'a Path,
    excluded: Vec<glob::Pattern>,
    target: &'a Path,
    copied: usize,
}

impl Copier<'_> {
    fn copy_pattern(&mut self, pattern: &str) -> anyhow::Result<()> {
        let full = self.base.join(pattern);
        if full.is_dir() {
            return self.copy_tree(&full, Path::new(pattern));
        }
        let Some(full) = full.to_str() else { bail!("the files pattern {pattern:?} is not UTF-8") };
        let paths =
            glob::glob(full).with_context(|| format!("the files pattern {pattern:?} is not valid"))?;
        let mut found = false;
        for path in paths {
            let path = path?;
            let relative =
                path.strip_prefix(self.base).context("a file outside of the manifest's folder")?.to_owned();
            found = true;
            if path.is_file() {
                self.copy_file(&path, &relative)?;
            }
        }
        if !found && !pattern.contains(['*', '?', '[']) {
            bail!("the file {pattern:?} is missing");
        }
        Ok(())
    }

    fn copy_placement(&mut self, source: &str, destination: &str) -> anyhow::Result<()> {
        let path = self.base.join(source);
        let destination = Path::new(destination.trim_start_matches('/'));
        if path.is_dir() {
            self.copy_tree(&path, destination)
        } else if path.is_file() {
            self.copy_file(&path, destination)
        } else {
            bail!("the file {source:?} is missing")
        }
    }

    fn copy_tree(&mut self, folder: &Path, destination: &Path) -> anyhow::Result<()> {
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (path, destination) = (entry.path(), destination.join(entry.file_name()));
            if path.is_dir() {
                self.copy_tree(&path, &destination)?;
            } else {
                self.copy_file(&path, &destination)?;
            }
        }
        Ok(())
    }

    fn copy_file(&mut self, source: &Path, destination: &Path) -> anyhow::Result<()> {
        let relative = source.strip_prefix(self.base).unwrap_or(source);
        if self.excluded.iter().any(|pattern| pattern.matches_path(relative)) {
            return Ok(());
        }
        if destination.components().any(|part| !matches!(part, PathPart::Normal(_) | PathPart::CurDir)) {
            bail!("the file {} would be placed outside of the component's folder", source.display());
        }
        self.copied += 1;
        if self.copied > COPIED_FILES_MAX {
            bail!("more than {COPIED_FILES_MAX} files; place a whole folder with {{ source, destination }}");
        }
        let target = self.target.join(destination);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::copy(source, &target).with_context(|| format!("cannot copy {}", source.display()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Located, Position};

    fn located(text: &str) -> Located<String> {
        Located { value: text.to_owned(), at: Position { line: 1, column: 1 } }
    }

    fn folder() -> TempDir {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir_all(folder.path().join("site/img")).unwrap();
        for file in ["site/index.html", "site/img/a.png", "site/notes.txt", "LICENSE"] {
            std::fs::write(folder.path().join(file), file).unwrap();
        }
        folder
    }

    #[test]
    fn a_placed_folder_is_mounted_as_it_is() {
        let folder = folder();
        let files = [FileMount::Placement { source: located("site"), destination: located("/www") }];
        let mounts = mounts(&files, &[], folder.path()).unwrap();
        assert_eq!(mounts.len(), 1);
        assert_eq!(
            (mounts[0].source.clone(), mounts[0].destination.as_str()),
            (folder.path().join("site"), "/www")
        );
    }

    #[test]
    fn patterns_are_copied_without_the_excluded() {
        let folder = folder();
        let files = [FileMount::Pattern(located("site/**/*")), FileMount::Pattern(located("LICENSE"))];
        let mounts = mounts(&files, &["site/*.txt".into()], folder.path()).unwrap();
        let copies = &mounts[0].source;
        assert!(copies.join("site/img/a.png").is_file());
        assert!(copies.join("LICENSE").is_file());
        assert!(!copies.join("site/notes.txt").exists());
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let folder = folder();
        let error = mounts(&[FileMount::Pattern(located("nothing.txt"))], &[], folder.path()).unwrap_err();
        assert!(error.to_string().contains("nothing.txt"), "{error:#}");
    }

    #[test]
    fn nothing_is_placed_outside() {
        let folder = folder();
        let files = [FileMount::Placement { source: located("LICENSE"), destination: located("/../x") }];
        assert!(mounts(&files, &[], folder.path()).is_err());
    }
}
