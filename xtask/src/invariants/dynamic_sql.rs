//! SQL with a changing part: only crates that compile it may build it, and what they put in is a parameter or has gone
//! through the one function that quotes identifiers, never a value between quotes written by hand.

use std::path::Path;

use anyhow::Result;

use super::{Breach, source};
use source::Source;

/// Crates in which every statement is a constant. (`backspin-native` and `backspin-host` run what they are given.)
const CONSTANT_ONLY: [&str; 5] = [
    "crates/backspin-core/src",
    "crates/backspin-http/src",
    "crates/backspin-spin/src",
    "crates/backspin-native/src",
    "crates/backspin-files/src",
];

/// Words by which a line is taken for SQL.
const KEYWORDS: [&str; 14] = [
    "SELECT ",
    "FROM ",
    "WHERE ",
    "JOIN ",
    "ORDER BY ",
    "SET ",
    "VALUES ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE ",
    "ALTER TABLE ",
    "DROP ",
    "RETURNING ",
];

/// Checks the source of all crates.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let is_test =
        |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/examples/");
    let mut sources = source::in_folder(root, "crates")?;
    sources.retain(|source| !is_test(&source.path));
    Ok(breaches(&sources))
}

fn breaches(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources {
        let constant_only = CONSTANT_ONLY.iter().any(|folder| source.path.starts_with(folder));
        let code = source.code().collect::<Vec<_>>();
        for (at, (number, line)) in code.iter().enumerate() {
            let place = || format!("{}:{number}", source.path);
            // The text of a `format!` often begins on the line after.
            let next = code.get(at + 1).map_or("", |(_, line)| line);
            let is_formatted = ["format!(", "write!(", "writeln!("].iter().any(|name| line.contains(name));
            if constant_only && is_formatted && (starts_statement(line) || starts_statement(next)) {
                breaches.push(Breach::new(
                    place(),
                    "builds SQL; that belongs into backspin-query or the DDL planner",
                ));
            }
            if is_sql(line) && quotes_by_hand(line) {
                breaches.push(Breach::new(
                    place(),
                    "puts something between quotes into SQL; bind it, or use `Quoted`",
                ));
            }
        }
    }
    breaches
}

fn starts_statement(line: &str) -> bool {
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "DROP TABLE "]
        .iter()
        .any(|words| line.contains(&format!("\"{words}")))
}

fn is_sql(line: &str) -> bool {
    KEYWORDS.iter().any(|keyword| {
        line.match_indices(keyword)
            .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// `'{a}'` and the like: a placeholder directly after a quote that is part of the text. (`{{` is a brace.)
fn quotes_by_hand(line: &str) -> bool {
    ["'{", "\\\"{", "`{"]
        .iter()
        .any(|quoted| line.match_indices(quoted).any(|(at, _)| !line[at + quoted.len()..].starts_with('{')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_at_fault(path: &str, text: &str) -> usize {
        breaches(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn built_statements_are_found_where_all_are_constant() {
        let path = "crates/backspin-http/src/lib.rs";
        assert_eq!(lines_at_fault(path, r#"let sql = format!("SELECT {column} FROM a");"#), 1);
        assert_eq!(lines_at_fault(path, "let sql = format!(\n    \"DELETE FROM {table}\",\n);"), 1);
        assert_eq!(lines_at_fault(path, r#"const SQL: &str = "SELECT a FROM b";"#), 0);
        assert_eq!(lines_at_fault(path, r#"let message = format!("Select {one}.");"#), 0);
        assert_eq!(
            lines_at_fault(
                "crates/backspin-query/src/lib.rs",
                r#"let sql = format!("SELECT {column} FROM a");"#
            ),
            0
        );
    }

    #[test]
    fn values_between_quotes_are_found_everywhere() {
        let path = "crates/backspin-records/src/lib.rs";
        for line in [
            r#"format!("SELECT a FROM b WHERE c = '{value}'")"#,
            r#"format!("SELECT a FROM \"{table}\"")"#,
            r#"format!("SELECT a FROM `{table}`")"#,
        ] {
            assert_eq!(lines_at_fault(path, line), 1, "{line}");
        }
        assert_eq!(lines_at_fault(path, r#"format!("SELECT a FROM {}", Quoted(&table))"#), 0);
        assert_eq!(lines_at_fault(path, r##"format!(r#"SELECT format('{{"a":%d}}', b) FROM c"#)"##), 0);
        assert_eq!(lines_at_fault(path, r#"format!("no collection '{name}'")"#), 0);
    }
}
