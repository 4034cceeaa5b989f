//! The names in a piece of SQL that users have written: indexes and views.

use std::ops::Range;

use backspin_schema::quote::Backticked;

/// Whether `sql` names `name`, in any case and any quotes. A text in single quotes is no name.
pub(crate) fn mentions(sql: &str, name: &str) -> bool {
    find(sql).iter().any(|(_, found)| found.eq_ignore_ascii_case(name))
}

/// `sql` with each name replaced for which `new_name` knows another, in the quotes of an index.
pub(crate) fn renamed(sql: &str, new_name: impl Fn(&str) -> Option<String>) -> String {
    let (mut text, mut end) = (String::with_capacity(sql.len()), 0);
    for (range, name) in find(sql) {
        if let Some(new) = new_name(&name) {
            text.push_str(&sql[end..range.start]);
            text.push_str(&Backticked(&new).to_string());
            end = range.end;
        }
    }
    text.push_str(&sql[end..]);
    text
}

/// The names with their places, quotes included.
fn find(sql: &str) -> Vec<(Range<usize>, String)> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let length = match first {
            '\'' | '"' | '`' => {
                let length = quoted_length(rest, first);
                if first != '\'' {
                    let inner = rest[..length].trim_matches(first);
                    names.push((
                        at..at + length,
                        inner.replace(&format!("{first}{first}"), &first.to_string()),
                    ));
                }
                length
            }
            '[' => {
                let length = rest.find(']').map_or(rest.len(), |end| end + 1);
                names.push((at..at + length, rest[..length].trim_matches(['[', ']']).to_owned()));
                length
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if c.is_alphanumeric() || c == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                names.push((at..at + length, rest[..length].to_owned()));
                length
            }
            other => other.len_utf8(),
        };
        at += length;
    }
    names
}

/// The length of a quoted text that `text` begins with; a doubled quote does not end it.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut after = 1;
    while let Some(end) = text[after..].find(quote) {
        after += end + 1;
        if !text[after..].starts_with(quote) {
            return after;
        }
        after += 1;
    }
    text.len()
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

    #[test]
    fn names_are_exchanged_at_once() {
        let swap = |name: &str| match name {
            "a" => Some("b".to_owned()),
            "b" => Some("a".to_owned()),
            _ => None,
        };
        assert_eq!(renamed("lower(a), `b` desc, c = 'a'", swap), "lower(`b`), `a` desc, c = 'a'");
    }
}
