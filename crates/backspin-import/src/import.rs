//! An import from beginning to end.

use std::path::Path;

use backspin_core::{Database, Env, Transaction};
use backspin_native::bulk_load;
use backspin_schema::{Collection, ddl, store, system};

use crate::load::Loader;
use crate::source::{Source, SourceCollection, look, read_collections};
use crate::target::Target;
use crate::work_folder::WorkFolder;
use crate::{ImportError, Progress, Report, left_behind, place, platform, relations, rules, settings, views};

/// What goes where.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// The data folder of a PocketBase, `pb_data` as a rule. It may be served meanwhile, and is not written to.
    pub source: &'a Path,
    /// The database file of a Backspin. It need not exist; its folder is made if it is missing.
    pub target: &'a Path,
    /// Whether a database that holds something is replaced. It is then kept beside the new one.
    pub replace: bool,
}

impl Import<'_> {
    /// Makes the database from the folder.
    ///
    /// Takes a few seconds for each 100,000 records, and room for the new database and for a copy of the old one.
    /// Errors leave the target as it was; see [`ImportError`].
    pub async fn run(&self, env: &impl Env, progress: &mut impl Progress) -> Result<Report, ImportError> {
        let state = self.target.parent().filter(|folder| !folder.as_os_str().is_empty());
        look(self.source)?;
        let work = WorkFolder::make(state.unwrap_or(Path::new(".")))?;
        let target = Target::take(self.target, self.replace)?;
        let source = Source::open(self.source, &work.copy(), progress).await?;
        let new = work.database();
        let mut report = Report::default();
        let collections = read_collections(source.database(), &mut report).await?;
        let order: Vec<String> = ids(&collections);
        left_behind::tell(self.source, &source, &collections, &mut report).await?;
        let views = fill(&new, &source, collections, env, &mut report, progress).await?;
        finish(&new, views, &order, env, &mut report).await?;
        if progress.records(0).is_break() {
            return Err(ImportError::Stopped);
        }
        report.previous = target.replace_with(&new, env.now())?;
        Ok(report)
    }
}

fn ids(collections: &[SourceCollection]) -> Vec<String> {
    collections.iter().filter_map(|source| Some(source.collection.as_ref()?.id.clone())).collect()
}

/// Makes the database with all tables and records. Returns the views that are still to be made.
async fn fill(
    new: &Path,
    source: &Source,
    collections: Vec<SourceCollection>,
    env: &impl Env,
    report: &mut Report,
    progress: &mut impl Progress,
) -> Result<Vec<Collection>, ImportError> {
    let system = platform::open(new, env)?.reload().await?;
    let target = bulk_load(new)?;
    for collection in system.collections() {
        let is_kept = collection.name != "users" && !ids(&collections).contains(&collection.id);
        if !is_kept {
            store::delete(&target, collection).await?;
            target.run(&ddl::drop_table(collection), Vec::new())?;
        }
    }
    let mut views = Vec::new();
    let found = collections.into_iter().filter_map(|source| source.collection);
    let mut loader = Loader { source: source.database(), target: &target, report, progress };
    for mut collection in found {
        if collection.is_view() {
            views.push(collection);
            continue;
        }
        system::fill_secrets(&mut collection, env);
        loader.collection(collection).await?;
    }
    if settings::bring(source.database(), &target, report).await? {
        report.not_brought("the files of records in S3", "Backspin stores no files yet");
    }
    system::mark_imported(&target, env).await?;
    target.commit().await?;
    Ok(views)
}

/// Makes the views, looks at the rules, and leaves one file that a server can open.
async fn finish(
    new: &Path,
    views: Vec<Collection>,
    order: &[String],
    env: &impl Env,
    report: &mut Report,
) -> Result<(), ImportError> {
    let app = platform::open(new, env)?;
    views::bring(&app, views, report).await?;
    place::settle(&app, order).await?;
    let snapshot = app.reload().await?;
    relations::check(&snapshot, report);
    rules::check(&snapshot, report);
    let place = |name: &str| snapshot.collections().iter().position(|collection| collection.name == name);
    report.collections.sort_by_key(|brought| place(&brought.name));
    // As a server would do when it opens the file; closing it leaves no log beside it.
    app.database().execute("PRAGMA journal_mode = WAL", Vec::new()).await.map_err(ImportError::from)?;
    Ok(())
}
