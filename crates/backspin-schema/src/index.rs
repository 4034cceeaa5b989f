//! Index definitions as users write them: `CREATE [UNIQUE] INDEX [IF NOT EXISTS] name ON table (columns)
//! [WHERE condition]`.

use std::fmt;

use crate::quote::Backticked;

/// The parts of a definition. Columns and condition are SQL of the user, who is a superuser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub unique: bool,
    pub name: String,
    pub table: String,
    /// What stands in the parentheses.
    pub columns: String,
    /// What follows `WHERE`; empty for none.
    pub condition: String,
}

impl Index {
    /// Reads one statement; `None` if it is anything else.
    pub fn parse(sql: &str) -> Option<Self> {
        let mut rest = sql.trim().trim_end_matches(';').trim_end();
        keyword(&mut rest, "CREATE")?;
        let unique = keyword(&mut rest, "UNIQUE").is_some();
        keyword(&mut rest, "INDEX")?;
        if keyword(&mut rest, "IF").is_some() {
            keyword(&mut rest, "NOT")?;
            keyword(&mut rest, "EXISTS")?;
        }
        let mut name = identifier(&mut rest)?;
        if rest.starts_with('.') {
            rest = rest[1..].trim_start();
            name = identifier(&mut rest)?;
        }
        keyword(&mut rest, "ON")?;
        let table = identifier(&mut rest)?;
        let columns = parenthesised(&mut rest)?.trim().to_owned();
        let condition = match keyword(&mut rest, "WHERE") {
            Some(()) => rest.trim(),
            None if rest.trim().is_empty() => "",
            None => return None,
        };
        let is_whole = !name.is_empty() && !columns.is_empty() && !name.eq_ignore_ascii_case("on");
        is_whole.then(|| Index { unique, name, table, columns, condition: condition.to_owned() })
    }

    /// The column, if the index is on just one and not on an expression.
    pub fn single_column(&self) -> Option<String> {
        match split_columns(&self.columns).as_slice() {
            [column] => plain(column),
            _ => None,
        }
    }

    /// The columns in their order, without how they are sorted and compared; expressions as they stand.
    pub fn column_names(&self) -> Vec<String> {
        split_columns(&self.columns).into_iter().map(|column| plain(&column).unwrap_or(column)).collect()
    }

    /// What two rows must not have in common if the index is unique: each column or expression with its collation.
    pub fn keys(&self) -> Vec<String> {
        let without_order = |column: String| {
            let orders = ["ASC", "DESC"];
            let order = column
                .rsplit_once(char::is_whitespace)
                .filter(|(_, word)| orders.iter().any(|order| order.eq_ignore_ascii_case(word)));
            order.map_or(column.as_str(), |(key, _)| key.trim_end()).to_owned()
        };
        split_columns(&self.columns).into_iter().map(without_order).collect()
    }

    /// Whether it is the same but for its name.
    pub fn is_like(&self, other: &Self) -> bool {
        Index { name: String::new(), ..self.clone() }.to_string()
            == Index { name: String::new(), ..other.clone() }.to_string()
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unique = if self.unique { "UNIQUE " } else { "" };
        let (name, table) = (Backticked(&self.name), Backticked(&self.table));
        write!(f, "CREATE {unique}INDEX {name} ON {table} (")?;
        match split_columns(&self.columns).as_slice() {
            [column] => write!(f, "{column})")?,
            columns => write!(f, "\n  {}\n)", columns.join(",\n  "))?,
        }
        if self.condition.is_empty() { Ok(()) } else { write!(f, " WHERE {}", self.condition) }
    }
}

/// The columns one by one, names in backticks.
fn split_columns(columns: &str) -> Vec<String> {
    let (mut depth, mut quote, mut parts) = (0_usize, None, vec![String::new()]);
    for c in columns.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| column(part.trim())).collect()
}

/// A column that is no more than a bare name, maybe with an order, gets that name in backticks; an expression stays
/// as it is.
fn column(text: &str) -> String {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !name.is_empty() && is_order(rest) { format!("{}{rest}", Backticked(name)) } else { text.to_owned() }
}

/// The name of a column that is no expression.
fn plain(column: &str) -> Option<String> {
    let mut rest = column;
    identifier(&mut rest).filter(|_| is_order(rest))
}

/// Whether this is nothing, or how a column is compared and sorted: `COLLATE NOCASE DESC`.
fn is_order(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    if words.next_if(|word| word.eq_ignore_ascii_case("COLLATE")).is_some() {
        let is_name = |word: &str| word.chars().all(|c| c.is_alphanumeric() || "_`\"'[]".contains(c));
        if !words.next().is_some_and(is_name) {
            return false;
        }
    }
    words.next_if(|word| word.eq_ignore_ascii_case("ASC") || word.eq_ignore_ascii_case("DESC"));
    words.next().is_none()
}

fn keyword(rest: &mut &str, word: &str) -> Option<()> {
    let (head, tail) = rest.split_at_checked(word.len())?;
    let ends = tail.chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_');
    if !head.eq_ignore_ascii_case(word) || !ends {
        return None;
    }
    *rest = tail.trim_start();
    Some(())
}

/// A bare or quoted name. In quotes it may be empty, as the table of a collection that has no name yet.
fn identifier(rest: &mut &str) -> Option<String> {
    let first = rest.chars().next()?;
    let (name, tail) = match first {
        '`' | '"' | '\'' => rest[1..].split_once(first)?,
        '[' => rest[1..].split_once(']')?,
        _ => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())?
        }
    };
    *rest = tail.trim_start();
    Some(name.to_owned())
}

/// What stands between a parenthesis and its partner; quotes hide parentheses.
fn parenthesised<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let inner = rest.strip_prefix('(')?;
    let (mut depth, mut quote) = (1_usize, None);
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if depth == 0 {
            *rest = inner[at + 1..].trim_start();
            return Some(&inner[..at]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: Option<&str>) {
        assert_eq!(Index::parse(sql).map(|index| index.to_string()).as_deref(), expected);
    }

    #[test]
    fn definitions_are_read_in_every_spelling() {
        check("CREATE INDEX a ON t (x)", Some("CREATE INDEX `a` ON `t` (`x`)"));
        check(
            "create unique index if not exists `a b` on [t] (`x`, lower(y) collate nocase desc) where x != ')';",
            Some(
                "CREATE UNIQUE INDEX `a b` ON `t` (\n  `x`,\n  lower(y) collate nocase desc\n) WHERE x != ')'",
            ),
        );
        check("CREATE INDEX main.a ON t(x desc)", Some("CREATE INDEX `a` ON `t` (`x` desc)"));
        check("CREATE INDEX `a` ON `` (x)", Some("CREATE INDEX `a` ON `` (`x`)"));
        check(
            "CREATE INDEX a ON t (case when x then 1 end)",
            Some("CREATE INDEX `a` ON `t` (case when x then 1 end)"),
        );
        check("CREATE INDEX a ON t (not x, x + 1)", Some("CREATE INDEX `a` ON `t` (\n  not x,\n  x + 1\n)"));
        check("CREATE INDEX a ON t (x collate nocase)", Some("CREATE INDEX `a` ON `t` (`x` collate nocase)"));
    }

    #[test]
    fn a_single_column_is_told_from_several_and_from_expressions() {
        let column = |columns: &str| {
            Index::parse(&format!("CREATE INDEX a ON t ({columns})")).unwrap().single_column()
        };
        assert_eq!(column("`x` COLLATE NOCASE desc").as_deref(), Some("x"));
        assert_eq!(column("x").as_deref(), Some("x"));
        assert_eq!(column("x, y"), None);
        assert_eq!(column("lower(x)"), None);
        assert_eq!(column("x + 1"), None);
        assert_eq!(column("x desc desc"), None);
    }

    #[test]
    fn keys_have_their_collation_and_no_order() {
        let index =
            Index::parse("CREATE UNIQUE INDEX a ON t (x collate nocase desc, lower(y) ASC, z)").unwrap();
        assert_eq!(index.keys(), ["`x` collate nocase", "lower(y)", "`z`"]);
    }

    #[test]
    fn indexes_are_alike_whatever_their_names_and_quotes() {
        let index = |sql: &str| Index::parse(sql).unwrap();
        let first = index("CREATE UNIQUE INDEX a ON t (x, lower(y), `z` DESC)");
        assert_eq!(first.column_names(), ["x", "lower(y)", "z"]);
        assert!(first.is_like(&index("create unique index b on `t` ( `x`,lower(y),z DESC )")));
        assert_eq!(index("CREATE INDEX a ON t (x || y, [z])").column_names(), ["x || y", "z"]);
        assert!(!first.is_like(&index("CREATE INDEX b ON t (x, lower(y), z DESC)")));
        assert!(!first.is_like(&index("CREATE UNIQUE INDEX b ON t (x, lower(y), z DESC) WHERE x > 1")));
    }

    #[test]
    fn anything_else_is_refused() {
        for sql in [
            "",
            "CREATE INDEX ON t (x)",
            "CREATE INDEX `` ON t (x)",
            "CREATE INDEX a ON t",
            "CREATE INDEX a ON t (x",
            "CREATE INDEX a ON t ()",
            "CREATE INDEX a ON t (x) DROP TABLE t",
            "CREATE TABLE a (x)",
            "CREATE INDEXa ON t (x)",
        ] {
            check(sql, None);
        }
    }
}
