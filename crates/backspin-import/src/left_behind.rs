//! What is in the data folder, or beside it, and no part of a collection.

use std::path::{Path, absolute};

use crate::report::counted;
use crate::source::{Source, SourceCollection, stored};
use crate::{ImportError, Report};

/// Tells what nothing is made of.
pub(crate) async fn tell(
    folder: &Path,
    source: &Source,
    collections: &[SourceCollection],
    report: &mut Report,
) -> Result<(), ImportError> {
    for stray in source.strays(collections).await? {
        report.not_brought(stray.what, stray.why);
    }
    let files = stored(folder);
    if files.files > 0 {
        let what = format!("{} of records, {}", counted(files.files, "file"), counted(files.bytes, "byte"));
        report.not_brought(what, "Backspin stores no files yet; their names in the records are kept");
    }
    // Where PocketBase looks for them if it is not told otherwise.
    let beside = absolute(folder).map_err(ImportError::file("find", folder))?;
    let beside = beside.parent().unwrap_or(&beside);
    for (path, what, why) in [
        (folder.join("auxiliary.db"), "the request log (auxiliary.db)", "it is of no use elsewhere"),
        (folder.join("backups"), "the backups", "they are of no use here; keep them"),
        (beside.join("pb_hooks"), "the hooks (pb_hooks)", "Backspin runs components instead of scripts"),
        (
            beside.join("pb_migrations"),
            "the migrations (pb_migrations)",
            "what they did is in the collections, which `backspin schema pull` writes into files",
        ),
        (
            beside.join("pb_public"),
            "the public files (pb_public)",
            "Backspin serves the API; let a component of yours serve them",
        ),
    ] {
        if path.exists() {
            report.not_brought(what, why);
        }
    }
    Ok(())
}
