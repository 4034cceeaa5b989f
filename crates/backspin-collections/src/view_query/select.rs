//! The parts of a `SELECT`, as far as a view needs to know them.

use super::token::{Token, to_sql};

/// Where the columns, and where the tables of a `SELECT` end.
const CLAUSES: [&str; 9] =
    ["WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT"];
const COMPOUNDS: [&str; 3] = ["UNION", "INTERSECT", "EXCEPT"];
/// After these comes an operand, not a name for the column.
const OPERATORS: [&str; 17] = [
    "AND", "OR", "NOT", "IS", "IN", "LIKE", "GLOB", "REGEXP", "MATCH", "BETWEEN", "COLLATE", "ESCAPE",
    "DISTINCT", "FROM", "WHEN", "THEN", "ELSE",
];
/// These end an operand and are no name of a column.
const ENDINGS: [&str; 3] = ["END", "ISNULL", "NOTNULL"];
/// After a table, these are no name for it.
const JOIN_WORDS: [&str; 11] =
    ["JOIN", "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL", "ON", "USING", "INDEXED"];

/// The first `SELECT` of a query.
#[derive(Debug)]
pub(super) struct Select {
    pub(super) columns: Vec<SelectColumn>,
    pub(super) tables: Vec<SelectTable>,
    /// Whether there are more, joined by `UNION` and the like.
    pub(super) is_compound: bool,
}

#[derive(Debug)]
pub(super) struct SelectColumn {
    pub(super) expression: Expression,
    pub(super) alias: Option<String>,
}

/// A column's expression, as far as it tells a type.
#[derive(Debug, PartialEq)]
pub(super) enum Expression {
    Column {
        table: Option<String>,
        column: String,
    },
    Call(String),
    /// To this type.
    Cast(String),
    Wildcard,
    /// As it is written.
    Other(String),
}

#[derive(Debug)]
pub(super) struct SelectTable {
    /// `None` for a subquery or function, or what the query has named itself.
    pub(super) table: Option<String>,
    /// By which its columns are named.
    pub(super) name: String,
}

/// Reads the tokens of a whole query that begins with `SELECT` or `WITH`; `None` without a `SELECT`.
pub(super) fn read(tokens: &[Token]) -> Option<Select> {
    let start = find(tokens, 0, |token| token.is_word("SELECT"))?;
    let local = local_names(&tokens[..start]);
    let mut first = start + 1;
    first += usize::from(tokens.get(first).is_some_and(|token| token.is_one_of(&["DISTINCT", "ALL"])));
    let is_from = |at: usize| tokens[at].is_word("FROM") && !tokens[at - 1].is_word("DISTINCT");
    let columns_end = find_at(tokens, first, |at| tokens[at].is_one_of(&CLAUSES) || is_from(at));
    let columns_end = columns_end.unwrap_or(tokens.len());
    let tables_end = find(tokens, columns_end, |token| token.is_one_of(&CLAUSES)).unwrap_or(tokens.len());
    let tables = match tokens.get(columns_end) {
        Some(token) if token.is_word("FROM") => self::tables(&tokens[columns_end + 1..tables_end], &local),
        _ => Vec::new(),
    };
    Some(Select {
        columns: split(&tokens[first..columns_end]).into_iter().map(column).collect(),
        tables,
        is_compound: find(tokens, columns_end, |token| token.is_one_of(&COMPOUNDS)).is_some(),
    })
}

/// The place of the first token outside of parentheses that is wanted.
fn find(tokens: &[Token], from: usize, wanted: impl Fn(&Token) -> bool) -> Option<usize> {
    find_at(tokens, from, |at| wanted(&tokens[at]))
}

fn find_at(tokens: &[Token], from: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
    let mut depth = 0;
    (from..tokens.len()).find(|at| {
        depth += tokens[*at].depth();
        depth == 0 && wanted(*at)
    })
}

/// The names that `WITH` gives to subqueries.
fn local_names(with: &[Token]) -> Vec<String> {
    let parts = split(with).into_iter();
    let names = parts.filter_map(|part| {
        let named = part.iter().find(|token| !token.is_one_of(&["WITH", "RECURSIVE"]));
        named.and_then(Token::name).map(str::to_owned)
    });
    names.collect()
}

/// The parts between commas outside of parentheses.
fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0;
    tokens
        .split(|token| {
            depth += token.depth();
            depth == 0 && token.is(",")
        })
        .collect()
}

fn column(tokens: &[Token]) -> SelectColumn {
    let (expression, alias) = match tokens {
        [expression @ .., before, name] if before.is_word("AS") => (expression, alias(name)),
        [.., before, Token::Word(_) | Token::Name(..)] if ends_operand(before) => {
            let (last, expression) = tokens.split_last().unwrap_or((before, tokens));
            if last.is_one_of(&ENDINGS) { (tokens, None) } else { (expression, alias(last)) }
        }
        _ => (tokens, None),
    };
    SelectColumn { expression: self::expression(expression), alias: alias.or_else(|| name_within(tokens)) }
}

/// A column in parentheses has that column's name, if not its type.
fn name_within(tokens: &[Token]) -> Option<String> {
    match tokens {
        [open, inner @ .., close] if open.is("(") && close.is(")") => {
            name_within(inner).or_else(|| match expression(inner) {
                Expression::Column { column, .. } => Some(column),
                _ => None,
            })
        }
        _ => None,
    }
}

fn alias(token: &Token) -> Option<String> {
    match token {
        Token::Text(name) => Some(name.clone()),
        token => token.name().map(str::to_owned),
    }
}

fn ends_operand(token: &Token) -> bool {
    match token {
        Token::Symbol(symbol) => *symbol == ")",
        token => !token.is_one_of(&OPERATORS),
    }
}

fn expression(tokens: &[Token]) -> Expression {
    let other = || Expression::Other(to_sql(tokens));
    let is_call = |open: &Token, rest: &[Token]| {
        open.is("(") && {
            let mut depth = 1;
            let close = rest.iter().position(|token| {
                depth += token.depth();
                depth == 0
            });
            let after = close.and_then(|close| rest.get(close + 1));
            close.is_some() && after.is_none_or(|token| token.is_one_of(&["FILTER", "OVER"]))
        }
    };
    match tokens {
        [.., last] if last.is("*") => Expression::Wildcard,
        [column] => match column.name() {
            Some(name) => Expression::Column { table: None, column: name.to_owned() },
            None => other(),
        },
        [table, point, column] if point.is(".") => match (table.name(), column.name()) {
            (Some(table), Some(column)) => {
                Expression::Column { table: Some(table.to_owned()), column: column.to_owned() }
            }
            _ => other(),
        },
        [cast, open, .., to, Token::Word(kind), close]
            if cast.is_word("CAST") && to.is_word("AS") && close.is(")") && is_call(open, &tokens[2..]) =>
        {
            Expression::Cast(kind.to_ascii_lowercase())
        }
        [Token::Word(function), open, rest @ ..] if is_call(open, rest) => {
            Expression::Call(function.to_ascii_lowercase())
        }
        _ => other(),
    }
}

fn tables(tokens: &[Token], local: &[String]) -> Vec<SelectTable> {
    let mut tables = Vec::new();
    for part in split(tokens) {
        let mut rest = Some(part);
        while let Some(part) = rest {
            tables.push(table(part, local));
            rest = find(part, 0, |token| token.is_word("JOIN")).map(|join| &part[join + 1..]);
        }
    }
    tables
}

/// The table at the beginning of the tokens.
fn table(tokens: &[Token], local: &[String]) -> SelectTable {
    let (table, rest) = match tokens {
        [_, point, table, rest @ ..] if point.is(".") => (table.name(), rest),
        [table, rest @ ..] if !table.is("(") => {
            (table.name().filter(|name| !local.iter().any(|own| own.eq_ignore_ascii_case(name))), rest)
        }
        _ => {
            let end = find(tokens, 0, |token| token.is(")")).map_or(tokens.len(), |close| close + 1);
            (None, &tokens[end..])
        }
    };
    let table = table.filter(|_| !rest.first().is_some_and(|token| token.is("(")));
    let alias = match rest {
        [before, name, ..] if before.is_word("AS") => alias(name),
        [name, ..] if !name.is_one_of(&JOIN_WORDS) => name.name().map(str::to_owned),
        _ => None,
    };
    let name = alias.or_else(|| table.map(str::to_owned)).unwrap_or_default();
    SelectTable { table: table.map(str::to_owned), name }
}
