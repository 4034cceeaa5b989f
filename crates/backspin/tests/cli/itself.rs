//! Backspin itself, as the application that is served.

use std::path::{Path, PathBuf};

use crate::process::{Backspin, Folder};

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Backspin itself, built as `cargo up` builds it, with its state in `folder`.
pub(crate) fn backspin_itself(folder: &Folder, arguments: &str) -> Backspin {
    talking(folder, &format!("--quiet {arguments}"))
}

/// The same, and what its components print is shown.
pub(crate) fn talking(folder: &Folder, arguments: &str) -> Backspin {
    folder
        .backspin(&format!("up --build --listen 127.0.0.1:0 --state-dir state {arguments}"))
        .argument("--from")
        .argument(repository())
        // Compiled once for all tests.
        .argument("--cache-dir")
        .argument(repository().join("target/compiled"))
}
