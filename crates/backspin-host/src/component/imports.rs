//! What a component imports, checked by name before anything runs.

/// The interfaces that this runtime offers: package, interfaces (all of them where empty), and the
/// version, of which later compatible ones are offered too.
const OFFERED: &[(&str, &[&str], &str)] = &[
    ("wasi:cli", &[], "0.2"),
    ("wasi:cli", &[], "0.3"),
    ("wasi:clocks", &[], "0.2"),
    ("wasi:clocks", &[], "0.3"),
    ("wasi:filesystem", &[], "0.2"),
    ("wasi:filesystem", &[], "0.3"),
    ("wasi:http", &["types", "outgoing-handler"], "0.2"),
    ("wasi:http", &["types", "client"], "0.3"),
    ("wasi:io", &[], "0.2"),
    ("wasi:random", &[], "0.2"),
    ("wasi:random", &[], "0.3"),
    ("wasi:sockets", &[], "0.2"),
    ("wasi:sockets", &[], "0.3"),
    ("spin:sqlite", &["sqlite"], "3"),
    ("spin:key-value", &["key-value"], "3"),
    ("spin:variables", &["variables"], "3"),
    ("fermyon:spin", &["sqlite", "key-value", "variables"], "2"),
];

/// Whether this runtime offers the interface `import`, written as in `spin:sqlite/sqlite@3.1.0`.
pub(super) fn is_offered(import: &str) -> bool {
    let (path, version) = import.split_once('@').unwrap_or((import, ""));
    let Some((package, interface)) = path.split_once('/') else { return false };
    OFFERED.iter().any(|(offered, interfaces, offered_version)| {
        *offered == package
            && (interfaces.is_empty() || interfaces.contains(&interface))
            && version
                .strip_prefix(offered_version)
                .is_some_and(|rest| rest.starts_with('.') && !rest.contains('-'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_offered;

    #[test]
    fn offered_interfaces_of_each_generation() {
        for import in [
            "wasi:http/types@0.3.0",
            "wasi:http/client@0.3.0",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:cli/stderr@0.2.0",
            "spin:sqlite/sqlite@3.0.0",
            "spin:sqlite/sqlite@3.1.0",
            "fermyon:spin/key-value@2.0.0",
        ] {
            assert!(is_offered(import), "{import}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for import in [
            "spin:postgres/postgres@4.2.0",
            "fermyon:spin/llm@2.0.0",
            "wasi:keyvalue/store@0.2.0-draft2",
            "wasi:http/handler@0.3.0",
            "wasi:http/types@0.3.0-rc-2026-01-06",
            "wasi:http/types@0.30.0",
            "spin:sqlite/sqlite@4.0.0",
            "sqlite",
            "",
        ] {
            assert!(!is_offered(import), "{import}");
        }
    }
}
