//! The names in a query that users have written.

use crate::tokens::cut;

/// Whether `sql` names `name`, in any case and any quotes, or has it for a keyword. A text in single quotes
/// is no name.
pub(crate) fn mentions(sql: &str, name: &str) -> bool {
    cut(sql).iter().any(|token| token.is_name() && token.text.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_every_spelling_and_not_in_texts_or_comments() {
        for sql in ["a", "x, A desc", "lower(`a`)", "\"a\" = 1", "[a]", "t.a", "/* */ a", "-- b\na"] {
            assert!(mentions(sql, "a"), "{sql}");
        }
        for sql in ["", "'a'", "ab", "_a", "'it''s a'", "-- a", "/* a */", "\"a b\"", "'a", "/* a"] {
            assert!(!mentions(sql, "a"), "{sql}");
        }
    }
}
