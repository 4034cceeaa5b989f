//! Where a query names tables.

use std::collections::BTreeSet;
use std::ops::Range;

use super::token::{self, Token};

/// These end the tables of a `SELECT`.
const AFTER_TABLES: [&str; 10] =
    ["WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "SELECT"];

/// A token with its bytes in the query.
type Placed = (Range<usize>, Token);

/// How a table is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// Where it is read.
    Read,
    /// Before the `.` of a column, where it may be the name of another thing that is read.
    Qualifier,
}

/// The tables that a query reads, in lower case, but for those that it defines itself; nothing if it cannot be read.
pub(crate) fn read(text: &str) -> BTreeSet<String> {
    let Ok(tokens) = token::cut_in_place(text) else { return BTreeSet::new() };
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut add = |at: usize| {
        if let Some((_, Token::Word(name) | Token::Name(name, _) | Token::Text(name))) = tokens.get(at) {
            names.insert(name.to_lowercase());
        }
    };
    for (at, place) in places(&tokens) {
        if place == Place::Read {
            // `main.posts` is a table of the database `main`.
            let is_qualified = tokens.get(at + 1).is_some_and(|(_, token)| token.is("."));
            add(if is_qualified { at + 2 } else { at });
        }
    }
    // Here SQLite takes a text for a name too.
    for (at, (_, token)) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map(|(_, token)| token);
        let is_text = matches!(next, Some(Token::Text(_)));
        let is_named = next.is_some_and(|next| next.name().is_some());
        if token.is_word("IN") && (is_named || is_text) || token.is_one_of(&["FROM", "JOIN"]) && is_text {
            add(at + 1);
        }
    }
    for own in defined(&tokens) {
        names.remove(&own.to_lowercase());
    }
    names
}

/// What a query has names for itself, after `WITH`.
pub(super) fn defined(tokens: &[Placed]) -> impl Iterator<Item = &str> {
    let is_with = tokens.iter().any(|(_, token)| token.is_word("WITH"));
    tokens.iter().enumerate().filter_map(move |(at, (_, token))| {
        let is = |at: usize, matches: &dyn Fn(&Token) -> bool| {
            tokens.get(at).is_some_and(|(_, token)| matches(token))
        };
        let begins = |token: &Token| token.is_one_of(&["WITH", "RECURSIVE"]) || token.is(",");
        let begins_body = |token: &Token| token.is_word("AS") || token.is("(");
        let is_defined = is_with && at > 0 && is(at - 1, &begins) && is(at + 1, &begins_body);
        token.name().filter(|_| is_defined)
    })
}

/// The places of the names of tables: where they are read, and before the `.` of a column.
pub(super) fn places(tokens: &[Placed]) -> Vec<(usize, Place)> {
    // Whether tables are listed, for each parenthesis that is open.
    let mut listed = vec![false];
    let mut found = Vec::new();
    for (at, (_, token)) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map(|(_, token)| token);
        let before = at.checked_sub(1).map(|before| &tokens[before].1);
        let may_be_read = listed.last() == Some(&true)
            && before.is_some_and(|before| {
                before.is_one_of(&["FROM", "JOIN"]) || before.is(",") || before.is("(")
            });
        match token {
            token if token.is("(") => {
                let begins_query = next.is_some_and(|next| next.is_one_of(&["SELECT", "WITH", "VALUES"]));
                listed.push(may_be_read && !begins_query);
            }
            token if token.is(")") => {
                listed.pop();
            }
            token if token.is_word("FROM") => {
                listed.iter_mut().last().into_iter().for_each(|last| *last = true)
            }
            token if token.is_one_of(&AFTER_TABLES) => {
                listed.iter_mut().last().into_iter().for_each(|last| *last = false);
            }
            _ => {}
        }
        let is = |symbol: &str| next.is_some_and(|next| next.is(symbol));
        let qualifies = is(".") && !before.is_some_and(|before| before.is("."));
        if token.name().is_none() {
            continue;
        }
        if may_be_read && !is("(") {
            found.push((at, Place::Read));
        } else if qualifies {
            found.push((at, Place::Qualifier));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &str) {
        assert_eq!(read(query).into_iter().collect::<Vec<_>>().join(" "), expected, "{query}");
    }

    #[test]
    fn tables_are_told_from_columns_and_aliases_of_their_name() {
        check("SELECT id, title, tags FROM posts", "posts");
        check("SELECT tags.id, tags.n AS notes FROM posts tags, `Other` o ORDER BY tags", "other posts");
        check("SELECT id FROM a JOIN [b] ON a.c = b.d LEFT JOIN \"e\" USING (f)", "a b e");
        check("SELECT id, (SELECT max(n) FROM b) FROM (SELECT * FROM c), (d JOIN (e))", "b c d e");
        check(
            "SELECT id FROM main.posts WHERE id IN tags OR id IN (SELECT x FROM 'notes')",
            "notes posts tags",
        );
        check("SELECT id FROM a UNION SELECT b FROM c", "a c");
        check("SELECT json_each.value AS id FROM a, json_each(a.tags)", "a");
    }

    #[test]
    fn what_a_query_defines_is_no_table() {
        check("WITH tags AS (SELECT id FROM posts), n(x) AS (SELECT 1) SELECT id FROM tags, n", "posts");
        check("SELECT 'open FROM posts", "");
    }
}
