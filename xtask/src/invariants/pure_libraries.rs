//! Libraries get time, randomness, variables and the network from their ports, so that tests are deterministic.

use std::path::Path;

use anyhow::Result;

use super::{Breach, source};
use source::Source;

/// The crates that run inside a component. `backspin-spin` implements the ports there, `backspin-native` elsewhere.
const PURE: [&str; 16] = [
    "backspin-auth",
    "backspin-changes",
    "backspin-collections",
    "backspin-core",
    "backspin-delivery",
    "backspin-files",
    "backspin-http",
    "backspin-mail",
    "backspin-migrations",
    "backspin-password",
    "backspin-query",
    "backspin-realtime",
    "backspin-records",
    "backspin-schema",
    "backspin-settings",
    "backspin-smtp",
];

/// Addresses are values, so of the network only what connects is ambient.
const FORBIDDEN: [&str; 13] = [
    "SystemTime::now",
    "Instant::now",
    "std::env",
    "std::fs",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "std::process",
    "std::thread",
    "getrandom",
    "OsRng",
    "rand::",
];

/// Checks the source of the pure crates that exist.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn check(root: &Path) -> Result<Vec<Breach>> {
    let folders =
        PURE.iter().map(|name| format!("crates/{name}/src")).filter(|folder| root.join(folder).is_dir());
    let sources = folders.map(|folder| source::in_folder(root, &folder)).collect::<Result<Vec<_>>>()?;
    Ok(breaches(&sources.concat()))
}

fn breaches(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            let words = FORBIDDEN.iter().filter(|word| names(line, word));
            breaches.extend(words.map(|word| {
                Breach::new(
                    format!("{}:{number}", source.path),
                    format!("uses {word}; take it from a port of backspin-core"),
                )
            }));
        }
    }
    breaches
}

/// Whether the line has the word with nothing before it that makes it part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_at_fault(text: &str) -> usize {
        breaches(&[Source { path: "crates/backspin-core/src/lib.rs".to_owned(), text: text.to_owned() }])
            .len()
    }

    #[test]
    fn ambient_state_is_found() {
        for line in FORBIDDEN {
            assert_eq!(lines_at_fault(&format!("let a = {line}();")), 1, "{line}");
        }
    }

    #[test]
    fn longer_words_are_others() {
        assert_eq!(lines_at_fault("let a = operand::new(); // std::env"), 1);
        assert_eq!(lines_at_fault("let a = operand::new();\n// std::env"), 0);
    }
}
