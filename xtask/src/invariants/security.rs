//! docs/security.md names a test for each threat, and every test that it names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Breach;
use super::source::{self, Source};

const PAGE: &str = "docs/security.md";
/// Folders of packages, or of folders of them, and how the packages below are called.
const PACKAGES: [(&str, Option<&str>); 4] =
    [("crates", None), ("components", None), ("tests", Some("backspin-tests")), ("xtask", Some("xtask"))];
/// What shows that a threat is stopped and is no test of Rust.
const TASKS: [&str; 3] = ["`cargo xtask invariants`", "`cargo xtask bench`", "`cargo xtask conformance`"];

/// Checks the page against the tests of all packages.
///
/// # Errors
/// When the page or a source cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("{PAGE} is missing"))?;
    let mut tests = BTreeSet::new();
    for (folder, package) in PACKAGES {
        for source in source::in_folder(root, folder)? {
            tests.extend(tests_of(&source, package));
        }
    }
    Ok(breaches(&page, &tests))
}

/// The names of a file's tests: `PACKAGE::MODULE::…::TEST`, where the module is the file's path below `src` or `tests`
/// and the module within it.
fn tests_of(source: &Source, package: Option<&str>) -> Vec<String> {
    let mut parts = source.path.trim_end_matches(".rs").split('/').skip(1);
    let package = match package {
        Some(package) => package,
        None => parts.next().unwrap_or_default(),
    };
    let modules = parts.filter(|part| !["src", "tests", "lib", "main", "mod"].contains(part));
    let file = std::iter::once(package).chain(modules).collect::<Vec<_>>().join("::");
    let (mut inner, mut is_test, mut tests) = (String::new(), false, Vec::new());
    for line in source.text.lines() {
        if let Some(module) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
            inner = format!("{module}::");
        } else if line == "}" {
            inner.clear();
        }
        let line = line.trim_start();
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = function(line).filter(|_| std::mem::take(&mut is_test)) {
            tests.push(format!("{file}::{inner}{name}"));
        }
    }
    tests
}

fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// Rows of tables without a test, and tests that are not there.
fn breaches(page: &str, tests: &BTreeSet<String>) -> Vec<Breach> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat |"));
    let mut breaches = Vec::new();
    for row in rows {
        let shown_by = row.trim_end_matches(['|', ' ']).rsplit(" | ").next().unwrap_or_default();
        let named = shown_by.split('`').skip(1).step_by(2).filter(|name| name.contains("::"));
        let named = named.collect::<Vec<_>>();
        if named.is_empty() && !TASKS.iter().any(|task| shown_by.contains(task)) {
            breaches.push(Breach::new(PAGE, format!("names no test: {row}")));
        }
        let missing = named.into_iter().filter(|name| !tests.contains(*name));
        breaches.extend(missing.map(|name| Breach::new(PAGE, format!("there is no test `{name}`"))));
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, package: Option<&str>, text: &str) -> Vec<String> {
        tests_of(&Source { path: path.to_owned(), text: text.to_owned() }, package)
    }

    #[test]
    fn tests_are_named_by_package_file_and_module() {
        let text =
            "fn no() {}\nmod tests {\n    #[test]\n    fn a() {}\n    fn no() {}\n}\n#[test]\nfn b() {}\n";
        assert_eq!(names("crates/x-y/src/z/mod.rs", None, text), ["x-y::z::tests::a", "x-y::z::b"]);
        assert_eq!(names("crates/x/tests/t/main.rs", None, "#[test]\nfn a<'x>() {}"), ["x::t::a"]);
        assert_eq!(names("tests/e2e/a.rs", Some("t"), "#[tokio::test]\nasync fn b() {}"), ["t::e2e::a::b"]);
    }

    #[test]
    fn a_row_without_a_test_and_a_test_that_is_not_there_are_found() {
        let tests = BTreeSet::from(["x::a".to_owned()]);
        let faults =
            |row: &str| breaches(&format!("| threat | b | c |\n|---|---|---|\n{row}\n"), &tests).len();
        assert_eq!(faults("| a | `x::b` stops it | `x::a`; `cargo xtask bench` |"), 0);
        assert_eq!(faults("| a | b | `cargo xtask invariants` |"), 0);
        assert_eq!(faults("| a | b | `x::a`, `x::b` |"), 1);
        assert_eq!(faults("| a | b | the same |"), 1);
    }
}
