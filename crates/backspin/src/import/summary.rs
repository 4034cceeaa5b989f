//! What came of an import, as tables for people.

use std::path::Path;

use backspin_import::{Note, Report};

use crate::output::{print, println};

/// Prints the counts, and what is missing or different.
pub(super) fn print(report: &Report, database: &Path) {
    let width =
        report.collections.iter().map(|brought| brought.name.chars().count()).max().unwrap_or_default();
    for brought in &report.collections {
        let records = brought.records.map_or_else(|| "-".to_owned(), |records| records.to_string());
        println!("{:width$}  {:4}  {records:>12}", brought.name, brought.kind);
    }
    println!("{:width$}        {:>12}", "records", report.records());
    notes("Not brought:", &report.not_brought);
    notes("Look at:", &report.remarks);
    let settings = if report.settings { "The settings were brought too.\n" } else { "" };
    print!("\n{settings}");
    if let Some(previous) = &report.previous {
        println!("The database that was there is kept as {}.", previous.display());
    }
    println!("The new database is {}. Start it with `backspin up`.", database.display());
}

fn notes(title: &str, notes: &[Note]) {
    if notes.is_empty() {
        return;
    }
    println!("\n{title}");
    for note in notes {
        println!("  {}: {}", note.what, note.why);
    }
}
