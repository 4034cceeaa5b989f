//! The columns that an index names. Its SQL has words of other kinds too, which a field may have for its name:
//! `date(title)`, `title DESC`, `title COLLATE nocase`, `CAST(title AS text)`.

use std::ops::Range;

use backspin_schema::Index;
use backspin_schema::quote::Backticked;

use crate::tokens::{Kind, Token, cut};

/// A name in the columns or the condition of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) what: What,
    pub(crate) name: String,
    /// Whether it is certain: in double quotes it is a text if there is no such column.
    pub(crate) is_certain: bool,
    /// Quotes included.
    range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Column,
    /// Before the `.` of a column.
    Table,
}

/// Words that never are a column unless they are all there is of it.
const RESERVED: [&str; 10] =
    ["NOT", "CASE", "WHEN", "EXISTS", "DISTINCT", "FROM", "ALL", "SELECT", "VALUES", "WHERE"];
/// Values that are no column.
const VALUES: [&str; 4] = ["NULL", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"];
/// After a value: these end it, while others are operators with a value to come.
const ENDS: [&str; 8] = ["ASC", "DESC", "END", "ISNULL", "NOTNULL", "NULLS", "FIRST", "LAST"];
/// What may follow a column that is no more than its name.
const TAILS: [&str; 3] = ["COLLATE", "ASC", "DESC"];

/// The names in `sql`, the columns or the condition of an index, in their order.
pub(crate) fn find(sql: &str) -> Vec<Named> {
    let tokens = cut(sql);
    let mut found = Vec::new();
    // Whether a value is to come, or an operator; and how deep in parentheses.
    let (mut value_comes, mut depth, mut at) = (true, 0_usize, 0);
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        let is_whole = depth == 0
            && at.checked_sub(1).is_none_or(|before| tokens[before].is(","))
            && next.is_none_or(|next| next.is(",") || next.is_word(&TAILS));
        at += 1;
        match token.kind {
            Kind::Symbol => {
                depth = match token.text.as_str() {
                    "(" => depth + 1,
                    ")" => depth.saturating_sub(1),
                    _ => depth,
                };
                value_comes = !token.is(")");
            }
            Kind::Text if is_whole => {
                found.push(named(token, What::Column));
                value_comes = false;
            }
            Kind::Text | Kind::Number => value_comes = false,
            _ if !value_comes && token.is_word(&["COLLATE"]) => at += 1,
            _ if !value_comes && token.is_word(&["AS"]) => at += type_length(&tokens[at..]),
            _ if !value_comes && token.is_word(&["NOT"]) => {
                value_comes = !next.is_some_and(|next| next.is_word(&["NULL"]));
                at += 1;
            }
            _ if !value_comes => value_comes = !token.is_word(&ENDS),
            _ if is_whole => {
                found.push(named(token, What::Column));
                value_comes = false;
            }
            _ if token.is_word(&RESERVED) || next.is_some_and(|next| next.is("(")) => {}
            _ if token.is_word(&VALUES) => value_comes = false,
            _ if next.is_some_and(|next| next.is(".")) => {
                found.push(named(token, What::Table));
                at += 1;
            }
            _ => {
                found.push(named(token, What::Column));
                value_comes = false;
            }
        }
    }
    found
}

/// How many tokens the type of a `CAST` has.
fn type_length(tokens: &[Token]) -> usize {
    let mut depth = 0_i32;
    let ends = |token: &Token| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        depth < 0
    };
    tokens.iter().position(ends).unwrap_or(tokens.len())
}

fn named(token: &Token, what: What) -> Named {
    let is_certain = token.kind != Kind::NameOrText;
    Named { what, name: token.text.clone(), is_certain, range: token.range.clone() }
}

/// The columns of an index one by one, without how they are sorted.
pub(crate) fn keys(columns: &str) -> Vec<&str> {
    let tokens = cut(columns);
    let mut depth = 0_i32;
    let mut is_comma = |token: &Token| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        depth == 0 && token.is(",")
    };
    let mut keys = Vec::new();
    for column in tokens.split(|token| is_comma(token)) {
        let is_order = |token: &&Token| token.is_word(&["ASC", "DESC"]);
        // A column may be called so, if it is all there is.
        let key = match column.split_last() {
            Some((last, before)) if is_order(&last) && !before.is_empty() => before,
            _ => column,
        };
        if let (Some(first), Some(last)) = (key.first(), key.last()) {
            keys.push(&columns[first.range.start..last.range.end]);
        }
    }
    keys
}

/// Whether the columns or the condition of the index name the column, in any case and any quotes.
pub(crate) fn mentions(index: &Index, column: &str) -> bool {
    let is_it = |named: Named| named.what == What::Column && named.name.eq_ignore_ascii_case(column);
    [&index.columns, &index.condition].into_iter().any(|sql| find(sql).into_iter().any(is_it))
}

/// The index on the table `table`, its columns by the names that `new_name` knows for them.
pub(crate) fn moved(index: &Index, table: &str, new_name: impl Fn(&str) -> Option<String>) -> Index {
    let part = |sql: &str| {
        replaced(sql, |named| match named.what {
            What::Column => new_name(&named.name).map(|new| Backticked(&new).to_string()),
            What::Table => {
                let is_own = named.name.eq_ignore_ascii_case(&index.table) && named.name != table;
                is_own.then(|| Backticked(table).to_string())
            }
        })
    };
    let (columns, condition) = (part(&index.columns), part(&index.condition));
    Index { table: table.to_owned(), columns, condition, ..index.clone() }
}

/// `sql` with what `by` yields in place of names.
pub(crate) fn replaced(sql: &str, by: impl Fn(&Named) -> Option<String>) -> String {
    let (mut text, mut end) = (String::with_capacity(sql.len()), 0);
    for named in find(sql) {
        if let Some(new) = by(&named) {
            text.push_str(&sql[end..named.range.start]);
            text.push_str(&new);
            end = named.range.end;
        }
    }
    text.push_str(&sql[end..]);
    text
}

/// Whether two definitions are one index to SQLite, whatever quotes they have.
pub(crate) fn is_same(a: &Index, b: &Index) -> bool {
    let same_part = |a: &str, b: &str| {
        let (a, b) = (cut(a), cut(b));
        let is_same = |(a, b): (&Token, &Token)| match (a.kind, b.kind) {
            (Kind::Text, Kind::Text) => a.text == b.text,
            _ => a.text.eq_ignore_ascii_case(&b.text),
        };
        a.len() == b.len() && a.iter().zip(&b).all(is_same)
    };
    a.unique == b.unique
        && a.table.eq_ignore_ascii_case(&b.table)
        && same_part(&a.columns, &b.columns)
        && same_part(&a.condition, &b.condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns, and the tables with a dot.
    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let dotted = |named: &Named| match named.what {
            What::Column => named.name.clone(),
            What::Table => format!("{}.", named.name),
        };
        let found: Vec<String> = find(sql).iter().map(dotted).collect();
        assert_eq!(found.join(" "), expected, "{sql}");
    }

    #[test]
    fn columns_are_told_from_all_other_words() {
        check("a", "a");
        check("a, `b c` DESC, [d] COLLATE nocase asc, \"e\", 'f' desc", "a b c d e f");
        check("date(a), lower(`b`) COLLATE rtrim DESC", "a b");
        check("`lower`(a)", "a");
        check("CAST(a AS decimal(10, 2)) DESC, b", "a b");
        check("a NOT NULL AND b IS NOT NULL OR c ISNULL", "a b c");
        check("a IN ('x', b) AND c NOT BETWEEN 1 AND d", "a b c d");
        check("CASE a WHEN b THEN c ELSE d END DESC, e", "a b c d e");
        check("CASE WHEN NOT a THEN 1e-5 END, b", "a b");
        check("a LIKE 'b' ESCAPE '\\' || c", "a c");
        check("a IS NOT DISTINCT FROM b", "a b");
        check("a->>'$.b' > x'00' AND current_date > c", "a c");
        check("posts.a > 1 AND `posts`.`b` = 'c'", "posts. a posts. b");
        check("-a || (b) -- c\n", "a b");
    }

    #[test]
    fn a_keyword_is_a_column_where_a_column_stands() {
        check("desc DESC", "desc");
        check("desc, asc asc", "desc asc");
        check("order, `select` COLLATE nocase, not", "order select not");
        check("like LIKE glob", "like glob");
        check("end > 1", "end");
        check("CASE WHEN end THEN key END", "end key");
        check("date(date), left + 1", "date left");
        check("collate COLLATE collate", "collate");
    }

    #[test]
    fn keys_are_the_columns_without_their_order() {
        assert_eq!(
            keys("a, desc, lower(b, 'x,y') COLLATE nocase desc, `c` ASC, desc DESC"),
            ["a", "desc", "lower(b, 'x,y') COLLATE nocase", "`c`", "desc"]
        );
    }

    #[test]
    fn what_is_no_sql_is_read_to_its_end() {
        for sql in ["", ")", "((", "a COLLATE", "CAST(a AS", "a.", ".", "'", "a,,b", "= ="] {
            find(sql);
        }
    }

    #[test]
    fn columns_are_exchanged_at_once_and_tables_with_them() {
        let swap = |name: &str| match name {
            "a" => Some("b".to_owned()),
            "b" => Some("a".to_owned()),
            _ => None,
        };
        let sql = "CREATE INDEX i ON t (lower(a), `b` desc, c) WHERE t.a = 'a' AND b(c)";
        let moved = moved(&Index::parse(sql).unwrap(), "u", swap);
        assert_eq!(moved.columns, "lower(`b`), `a` desc, c");
        assert_eq!(moved.condition, "`u`.`b` = 'a' AND b(c)");
        assert_eq!(moved.table, "u");
    }

    #[test]
    fn definitions_are_the_same_whatever_their_quotes() {
        let index = |sql: &str| Index::parse(sql).unwrap();
        let one = index("CREATE INDEX i ON t (`a` DESC, lower(b)) WHERE c != ''");
        assert!(is_same(&one, &index("create index i on \"T\" (\"a\"  desc,LOWER(\"b\")) where c!=\"\"")));
        for other in [
            "CREATE UNIQUE INDEX i ON t (`a` DESC, lower(b)) WHERE c != ''",
            "CREATE INDEX i ON u (`a` DESC, lower(b)) WHERE c != ''",
            "CREATE INDEX i ON t (`a` `description`, lower(b)) WHERE c != ''",
            "CREATE INDEX i ON t (`a` DESC, lower(b))",
            "CREATE INDEX i ON t (`a` DESC, lower(b)) WHERE c != 'x'",
        ] {
            assert!(!is_same(&one, &index(other)), "{other}");
        }
    }
}
