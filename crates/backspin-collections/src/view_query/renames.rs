//! A view query follows the new names of the collections that it reads.

use backspin_schema::quote::Backticked;

use super::tables::{defined, places};
use super::token;

/// The query with `new_name` in place of each table's name for which it knows one; everything else is as it
/// is written. A query that has such a name for something of its own, after `WITH`, stays as it is.
pub(crate) fn renamed(text: &str, new_name: impl Fn(&str) -> Option<String>) -> String {
    let Ok(tokens) = token::cut_in_place(text) else { return text.to_owned() };
    if defined(&tokens).any(|name| new_name(name).is_some()) {
        return text.to_owned();
    }
    let (mut new, mut end) = (String::with_capacity(text.len()), 0);
    for (at, _) in places(&tokens) {
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
        check(
            "select id from (p join u), (select id from p)",
            "select id from (`q` join u), (select id from `q`)",
        );
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
