//! SQL that users have written, cut as SQLite cuts it. What is not closed ends with the text.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in backticks or brackets.
    Name,
    /// In double quotes: a name, or a text if nothing has that name.
    NameOrText,
    /// In single quotes.
    Text,
    /// A number or a blob.
    Number,
    /// A single character; longer symbols come in several.
    Symbol,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Its bytes in the SQL, quotes included.
    pub(crate) range: Range<usize>,
    /// Without its quotes.
    pub(crate) text: String,
}

impl Token {
    pub(crate) fn is(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    pub(crate) fn is_word(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.iter().any(|word| self.text.eq_ignore_ascii_case(word))
    }

    /// Whether it can be the name of something.
    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Name | Kind::NameOrText)
    }
}

/// The tokens with their places; comments are none.
pub(crate) fn cut(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (kind, length) = match first {
            '\'' => (Some(Kind::Text), quoted_length(rest, first)),
            '"' => (Some(Kind::NameOrText), quoted_length(rest, first)),
            '`' => (Some(Kind::Name), quoted_length(rest, first)),
            '[' => (Some(Kind::Name), rest.find(']').map_or(rest.len(), |end| end + 1)),
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (None, rest.find("*/").map_or(rest.len(), |end| end + 2)),
            'x' | 'X' if rest[1..].starts_with('\'') => {
                (Some(Kind::Number), 1 + quoted_length(&rest[1..], '\''))
            }
            '0'..='9' => (Some(Kind::Number), length(rest, |c| is_part(c) || c == '.')),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                (Some(Kind::Number), 1 + length(&rest[1..], is_part))
            }
            c if is_part(c) => (Some(Kind::Word), length(rest, is_part)),
            c if c.is_whitespace() => (None, c.len_utf8()),
            other => (Some(Kind::Symbol), other.len_utf8()),
        };
        if let Some(kind) = kind {
            let text = text(&rest[..length], kind);
            tokens.push(Token { kind, range: at..at + length, text });
        }
        at += length;
    }
    tokens
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
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

fn text(token: &str, kind: Kind) -> String {
    let inner = |close: char| {
        let inner = &token[1..];
        inner.strip_suffix(close).unwrap_or(inner)
    };
    match (kind, token.chars().next()) {
        (Kind::Name, Some('[')) => inner(']').to_owned(),
        (Kind::Name | Kind::NameOrText | Kind::Text, Some(quote)) => {
            inner(quote).replace(&format!("{quote}{quote}"), &quote.to_string())
        }
        _ => token.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let tokens = cut(sql).into_iter().map(|token| format!("{:?}:{}", token.kind, token.text));
        assert_eq!(tokens.collect::<Vec<_>>().join(" "), expected, "{sql}");
    }

    #[test]
    fn sql_is_cut_into_its_words_names_and_texts() {
        check("a_1 `b c` [d]", "Word:a_1 Name:b c Name:d");
        check("\"a\"\"b\" 'it''s'", "NameOrText:a\"b Text:it's");
        check("x'00' 1.5e3 .5 t.a ü", "Number:x'00' Number:1.5e3 Number:.5 Word:t Symbol:. Word:a Word:ü");
        check("a--b\n||/* c */d", "Word:a Symbol:| Symbol:| Word:d");
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        for sql in ["'a", "\"a", "`a", "[a", "/* a", "-- a", "x'", "'", "`"] {
            assert!(cut(sql).len() <= 1, "{sql}");
        }
    }
}
