//! Components are thin: no type of the SDK, no SQL, no header strings, no chains of `if`.

use std::path::Path;

use anyhow::Result;

use super::{Breach, source};
use source::Source;

/// What may not stand in a component, and where it belongs.
const FORBIDDEN: [(&[&str], &str); 5] = [
    (&["spin_sdk::"], "names the SDK; what it needs belongs into backspin-spin"),
    (
        &["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "CREATE TABLE", "ALTER TABLE", "PRAGMA "],
        "holds SQL; it belongs beside the function that runs it, in a crate",
    ),
    (
        &[
            "\"content-",
            "\"authorization\"",
            "\"access-control-",
            "\"cache-control\"",
            "\"set-cookie\"",
            "\"x-",
            ".header(",
        ],
        "names a header; headers belong into backspin-http",
    ),
    (&["else if "], "decides; a chain of `if` belongs into a crate"),
    (&[".unwrap(", ".expect("], "can panic; give the error to the reply"),
];

/// Checks the source of every component.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    Ok(breaches(&source::in_folder(root, "components")?))
}

fn breaches(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            let faults = FORBIDDEN.iter().filter(|(words, _)| words.iter().any(|word| line.contains(word)));
            breaches
                .extend(faults.map(|(_, fault)| Breach::new(format!("{}:{number}", source.path), *fault)));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_at_fault(text: &str) -> usize {
        breaches(&[Source { path: "components/a/src/lib.rs".to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn a_thin_component_breaks_nothing() {
        assert_eq!(
            lines_at_fault(
                "//! UPDATE one record\nbackspin_spin::serve!(|request| records::update(request));"
            ),
            0
        );
    }

    #[test]
    fn each_forbidden_thing_is_found() {
        for line in [
            "use spin_sdk::http::Request;",
            r#"db.run("SELECT 1")"#,
            r#"let sql = "DELETE FROM a";"#,
            r#"reply.set("content-type", "text/plain")"#,
            r#"reply.header("X", "1")"#,
            "} else if method == Method::POST {",
            "let body = read().unwrap();",
        ] {
            assert_eq!(lines_at_fault(line), 1, "{line}");
        }
    }
}
