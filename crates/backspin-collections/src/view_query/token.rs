//! A query cut into tokens, as SQLite cuts it, and put together again.

use std::fmt;
use std::ops::Range;

use backspin_schema::quote::{Literal, Quoted};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A keyword or a name without quotes.
    Word(String),
    /// A name, and the quote before it: `"`, a backtick or `[`.
    Name(String, char),
    /// What stands between single quotes.
    Text(String),
    /// Hexadecimal digits.
    Blob(String),
    Number(String),
    Symbol(&'static str),
}

/// Longer ones first.
const SYMBOLS: [&str; 26] = [
    "->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!=", "(", ")", ",", ".", ";", "*", "+", "-", "/",
    "%", "=", "<", ">", "&", "|", "~",
];

impl Token {
    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self, Token::Symbol(other) if *other == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Token::Word(other) if other.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    /// What may be the name of a table or column.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Token::Word(name) | Token::Name(name, _) => Some(name),
            _ => None,
        }
    }

    /// By how much parentheses go deeper here.
    pub(super) fn depth(&self) -> i32 {
        i32::from(self.is("(")) - i32::from(self.is(")"))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Word(text) | Token::Number(text) => f.write_str(text),
            Token::Name(name, '"') => write!(f, "{}", Quoted(name)),
            // Unlike a name in double quotes, one that nothing has is never taken for a text.
            Token::Name(name, _) => write!(f, "`{}`", name.replace('`', "``")),
            Token::Text(text) => write!(f, "{}", Literal(text)),
            Token::Blob(digits) => write!(f, "x{}", Literal(digits)),
            Token::Symbol(symbol) => f.write_str(symbol),
        }
    }
}

/// The tokens as text that SQLite reads as the same.
pub(super) fn to_sql(tokens: &[Token]) -> String {
    tokens.iter().map(Token::to_string).collect::<Vec<_>>().join(" ")
}

/// Errors: what cannot be read, and where.
pub(super) fn cut(text: &str) -> Result<Vec<Token>, String> {
    Ok(cut_in_place(text)?.into_iter().map(|(_, token)| token).collect())
}

/// Each token with the bytes of the text that it is.
///
/// Errors: as for [`cut`].
pub(super) fn cut_in_place(text: &str) -> Result<Vec<(Range<usize>, Token)>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    loop {
        rest = skip_space_and_comments(rest)?;
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let (token, after) = match first {
            'x' | 'X' if rest[1..].starts_with('\'') => {
                let (digits, after) = quoted(&rest[1..], '\'')?;
                (Token::Blob(digits), after)
            }
            '\'' => {
                let (text, after) = quoted(rest, '\'')?;
                (Token::Text(text), after)
            }
            '"' | '`' => {
                let (name, after) = quoted(rest, first)?;
                (Token::Name(name, first), after)
            }
            '[' => {
                let (name, after) = rest[1..].split_once(']').ok_or("a [ is not closed")?;
                (Token::Name(name.to_owned(), first), after)
            }
            _ if is_word(first) && !first.is_ascii_digit() && first != '$' => {
                let (word, after) = split(rest, is_word);
                (Token::Word(word.to_owned()), after)
            }
            _ if first.is_ascii_digit()
                || rest[1..].starts_with(|c: char| c.is_ascii_digit()) && first == '.' =>
            {
                let (number, after) = number(rest);
                (Token::Number(number.to_owned()), after)
            }
            '?' | ':' | '@' | '$' => return Err("parameters are not allowed in views".to_owned()),
            _ => {
                let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
                let symbol = symbol.ok_or_else(|| format!("unexpected character {first:?}"))?;
                (Token::Symbol(symbol), &rest[symbol.len()..])
            }
        };
        tokens.push((text.len() - rest.len()..text.len() - after.len(), token));
        rest = after;
    }
}

fn skip_space_and_comments(mut text: &str) -> Result<&str, String> {
    loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = comment.split_once("*/").ok_or("a comment is not closed")?.1;
        } else {
            return Ok(text);
        }
    }
}

/// What stands between two quotes; two of them within stand for one.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let (mut inside, mut rest) = (String::new(), &text[1..]);
    loop {
        let (before, after) = rest.split_once(quote).ok_or_else(|| format!("a {quote} is not closed"))?;
        inside.push_str(before);
        if !after.starts_with(quote) {
            return Ok((inside, after));
        }
        inside.push(quote);
        rest = &after[1..];
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn number(text: &str) -> (&str, &str) {
    let (digits, after) = split(text, |c| is_word(c) || c == '.');
    let has_exponent = digits.ends_with(['e', 'E']) && !digits.starts_with("0x") && !digits.starts_with("0X");
    match after.strip_prefix(['+', '-']).filter(|_| has_exponent) {
        Some(exponent) => {
            let (exponent, _) = split(exponent, is_word);
            text.split_at(digits.len() + 1 + exponent.len())
        }
        None => (digits, after),
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}
