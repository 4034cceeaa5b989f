//! Rust source as the checks read it: files of a folder, and their text without comments and tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// One file of Rust source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Relative to the root.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The lines that run: numbered from 1, without comments and without the tests at the end of the file.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).enumerate();
        lines.map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// All Rust files in `folder`, which is relative to `root`, and below.
///
/// # Errors
/// When the folder or a file cannot be read.
pub(crate) fn in_folder(root: &Path, folder: &str) -> Result<Vec<Source>> {
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths)?;
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Source { path: path.strip_prefix(root).unwrap_or(&path).display().to_string(), text })
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_no_code() {
        let text = "//! doc\nlet a = 1;\n    // why\nlet b = 2;\n#[cfg(test)]\nmod tests {}\n".to_owned();
        let source = Source { path: String::new(), text };
        assert_eq!(source.code().collect::<Vec<_>>(), [(2, "let a = 1;"), (4, "let b = 2;")]);
    }
}
