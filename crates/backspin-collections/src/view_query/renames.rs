//! A view query follows the new names of the collections that it reads.

use backspin_schema::quote::Backticked;

use super::token::{self, Token};

/// These end the tables of a `SELECT`.
const AFTER_TABLES: [&str; 10] =
    ["WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "SELECT"];

/// The query with `new_name` in place of each table's name for which it knows one; everything else is as it
/// is written. A query that has such a name for something of its own, after `WITH`, stays as it is.
pub(crate) fn renamed(text: &str, new_name: impl Fn(&str) -> Option<String>) -> String {
    let Ok(tokens) = token::cut_in_place(text) else { return text.to_owned() };
    let is_defined = tokens.windows(2).any(|pair| {
        let begins = pair[0].1.is_one_of(&["WITH", "RECURSIVE"]) || pair[0].1.is(",");
        begins && pair[1].1.name().is_some_and(|name| new_name(name).is_some()) && is_with(&tokens)
    });
    if is_defined {
        return text.to_owned();
    }
    let (mut new, mut end) = (String::with_capacity(text.len()), 0);
    for at in tables(&tokens) {
        let (range, token) = &tokens[at];
        if let Some(name) = token.name().and_then(&new_name) {
            new.push_str(&text[end..range.start]);
            new.push_str(&Backticked(&name).to_string());
            end = range.end;
        }
    }
    new.push_str(&text[end..]);
    new
}

type Placed = (std::ops::Range<usize>, Token);

fn is_with(tokens: &[Placed]) -> bool {
    tokens.iter().any(|(_, token)| token.is_word("WITH"))
}

/// The places of the names of tables: where they are read, and before the `.` of a column.
fn tables(tokens: &[Placed]) -> Vec<usize> {
    // Whether tables are listed, for each parenthesis that is open.
    let mut listed = vec![false];
    let mut found = Vec::new();
    for (at, (_, token)) in tokens.iter().enumerate() {
        let is = |at: usize, symbol: &str| tokens.get(at).is_some_and(|(_, token)| token.is(symbol));
        let before = at.checked_sub(1).map(|before| &tokens[before].1);
        match token {
            token if token.is("(") => listed.push(false),
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
        let is_listed = listed.last() == Some(&true)
            && before.is_some_and(|before| before.is_one_of(&["FROM", "JOIN"]) || before.is(","));
        let qualifies = is(at + 1, ".") && !before.is_some_and(|before| before.is("."));
        if token.name().is_some() && (is_listed && !is(at + 1, "(") || qualifies) {
            found.push(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let new_name = |name: &str| name.eq_ignore_ascii_case("p").then(|| "q".to_owned());
        assert_eq!(renamed(query, new_name), expected);
    }

    #[test]
    fn tables_have_their_new_name_and_all_else_is_as_it_was() {
        check("select id,  p.title  from p -- p\n", "select id,  `q`.title  from `q` -- p\n");
        check(
            "SELECT id, p FROM `p` WHERE x = 'p' ORDER BY p",
            "SELECT id, p FROM `q` WHERE x = 'p' ORDER BY p",
        );
        check(
            "select u.id from u, [P] join \"p\" as x on x.p = p.p",
            "select u.id from u, `q` join `q` as x on x.p = `q`.p",
        );
        check(
            "select id, (select max(p.n) from p where p.n > 1) from u",
            "select id, (select max(`q`.n) from `q` where `q`.n > 1) from u",
        );
        check("select id from u union select id from p", "select id from u union select id from `q`");
        check("select id, p(1), max(1, p) from u", "select id, p(1), max(1, p) from u");
    }

    #[test]
    fn a_query_with_a_table_of_its_own_of_that_name_stays() {
        for query in [
            "with p as (select 1 id) select id from p",
            "with a as (select 1), p as (select 1 id) select id from p",
        ] {
            check(query, query);
        }
        check(
            "with a as (select id from p) select id from a",
            "with a as (select id from `q`) select id from a",
        );
    }

    #[test]
    fn what_cannot_be_read_stays() {
        check("select 'open from p", "select 'open from p");
        check(")) from p ((", ")) from p ((");
    }
}
