//! The tables that keep what a step takes away. Their names hold a `~`, which no collection's name can.

use backspin_schema::quote::Quoted;

/// Names the tables of one plan.
pub(crate) struct Keeper<'a> {
    /// The version of the schema that the plan is made for; no two plans that are applied share it.
    version: &'a str,
    count: usize,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(version: &'a str) -> Self {
        Keeper { version, count: 0 }
    }

    pub(crate) fn next(&mut self) -> String {
        self.count += 1;
        format!("_kept~{}~{}", self.version, self.count)
    }
}

/// Keeps, by record id, the value that a field had and the one that it got in its place.
pub(crate) fn create(table: &str) -> String {
    format!(r#"CREATE TABLE {} ("id" TEXT PRIMARY KEY NOT NULL, "old", "new") WITHOUT ROWID"#, Quoted(table))
}

pub(crate) fn drop(table: &str) -> String {
    format!("DROP TABLE {}", Quoted(table))
}
