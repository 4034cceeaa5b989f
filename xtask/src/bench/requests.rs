//! The requests of each scenario, as the load generator reads them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::data::{self, ENTRIES, PAGES, PER_PAGE, POSTS_COUNT, post, view_path};
use super::numbers::Numbers;
use super::related::{self, NOTES, OWNED, SHARED, TASKS};
use super::scenario::Scenario;

const DIFFERENT_REQUESTS: usize = 2_000;
const DIFFERENT_BATCHES: usize = 100;
/// Creates in one batch: as many as PocketBase takes by default.
pub(crate) const BATCH_LENGTH: usize = 50;

/// Writes a file of requests for each scenario.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(folder: &Path) -> Result<()> {
    for scenario in Scenario::ALL {
        let path = scenario.requests_file(folder);
        fs::write(&path, lines(scenario)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Writes a file of inserts into `collection`, which has the fields of [`data::definition`].
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_inserts(folder: &Path, collection: &str) -> Result<PathBuf> {
    let mut numbers = Numbers::seeded(0xB0D1);
    let path = folder.join(format!("{collection}.requests"));
    let line = |at| format!("POST\t/api/collections/{collection}/records\t{}\n", post(&mut numbers, at));
    fs::write(&path, (0..DIFFERENT_REQUESTS).map(line).collect::<String>())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// The requests of a scenario that only reads; empty for one that writes.
pub(crate) fn read_paths(scenario: Scenario) -> Vec<String> {
    let mut numbers = Numbers::seeded(0xB0D1);
    let pages = |path: &dyn Fn(usize) -> String| (1..=PAGES).map(path).collect();
    match scenario {
        Scenario::View | Scenario::AuthenticatedView => {
            (0..DIFFERENT_REQUESTS).map(|_| view_path(numbers.below(POSTS_COUNT))).collect()
        }
        Scenario::List => pages(&data::list_path),
        Scenario::Filter => pages(&|page| {
            let state = related::state(page);
            list_path(TASKS, page, &format!("&filter=state%3D'{state}'%26%26rank%3E{}", page * 400))
        }),
        Scenario::OwnerRule => pages(&|page| list_path(OWNED, page, "")),
        Scenario::NestedRule => pages(&|page| list_path(SHARED, page, "")),
        Scenario::Expand => pages(&|page| list_path(TASKS, page, "&expand=owner,org")),
        Scenario::Insert
        | Scenario::CreateRule
        | Scenario::Update
        | Scenario::Batch
        | Scenario::AuthRefresh
        | Scenario::SignIn => Vec::new(),
    }
}

/// A page of tasks by an indexed column.
fn list_path(collection: &str, page: usize, rest: &str) -> String {
    format!("/api/collections/{collection}/records?page={page}&perPage={PER_PAGE}&sort=-rank{rest}")
}

fn lines(scenario: Scenario) -> String {
    let mut numbers = Numbers::seeded(0xB0D1);
    let mut many = |count: usize, line: &dyn Fn(&mut Numbers, usize) -> (&'static str, String, Value)| {
        let lines = (0..count).map(|at| line(&mut numbers, at));
        lines.map(|(method, path, body)| format!("{method}\t{path}\t{body}\n")).collect::<String>()
    };
    let users = format!("/api/collections/{}", related::USERS);
    let records = |collection: &str| format!("/api/collections/{collection}/records");
    match scenario {
        Scenario::Insert => {
            many(DIFFERENT_REQUESTS, &|numbers, at| ("POST", records(ENTRIES), post(numbers, at)))
        }
        Scenario::CreateRule => many(DIFFERENT_REQUESTS, &|numbers, at| {
            ("POST", records(NOTES), json!({"text": numbers.words(10), "org": related::own_org_id(at)}))
        }),
        Scenario::Update => many(DIFFERENT_REQUESTS, &|numbers, _| {
            let id = related::task_id(numbers.below(related::TASKS_COUNT));
            ("PATCH", format!("{}/{id}", records(TASKS)), json!({"title": numbers.words(12)}))
        }),
        Scenario::Batch => many(DIFFERENT_BATCHES, &|numbers, at| {
            let create = |_| json!({"method": "POST", "url": records(ENTRIES), "body": post(numbers, at)});
            (
                "POST",
                "/api/batch".to_owned(),
                json!({"requests": (0..BATCH_LENGTH).map(create).collect::<Vec<_>>()}),
            )
        }),
        // As the SDK sends it, which has no body for it.
        Scenario::AuthRefresh => format!("POST\t{users}/auth-refresh\t\n"),
        Scenario::SignIn => many(PAGES, &|_, at| {
            let credentials = json!({"identity": related::email(at), "password": related::PASSWORD});
            ("POST", format!("{users}/auth-with-password"), credentials)
        }),
        reading => read_paths(reading).iter().map(|path| format!("GET\t{path}\t\n")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_requests_of_three_columns() {
        for scenario in Scenario::ALL {
            let lines = lines(scenario);
            assert!(!lines.is_empty(), "{}", scenario.title());
            assert!(lines.lines().all(|line| line.split('\t').count() == 3), "{}", scenario.title());
        }
    }
}
