//! Many rows written straight into a server's database while the server does not run, by Python's SQLite.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::tool;

/// Takes the file, the table that shall have no triggers any more (or nothing), and statements. Other triggers are made
/// again afterwards, so that the change log does not hold what was filled in.
const SCRIPT: &str = "
import sqlite3, sys
file, unlogged, *statements = sys.argv[1:]
db = sqlite3.connect(file)
triggers = db.execute(\"SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'\").fetchall()
for name, _, _ in triggers:
    db.execute(f'DROP TRIGGER \"{name}\"')
for statement in statements:
    if statement.startswith('ATTACH'):
        db.commit()
    db.execute(statement)
for _, table, sql in triggers:
    if table != unlogged:
        db.execute(sql)
db.commit()
";

/// Runs the statements on `file`. The table `unlogged` has no triggers afterwards, and so no log.
///
/// # Errors
/// When Python is missing or a statement fails.
pub(crate) fn write(file: &Path, unlogged: Option<&str>, statements: &[String]) -> Result<()> {
    tool::require("python3", "Install Python 3 (Debian: apt-get install python3).")?;
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).arg(file).arg(unlogged.unwrap_or_default()).args(statements);
    tool::output(&mut python).with_context(|| format!("{} could not be filled", file.display()))?;
    Ok(())
}
