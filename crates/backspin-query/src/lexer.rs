//! Cuts a filter into tokens.

use std::ops::Range;

use crate::ast::{Operator, OperatorKind};
use crate::error::{QueryError, Result};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Identifier(String),
    /// An identifier with the `(` that follows it at once.
    FunctionStart(String),
    Text(String),
    Number(f64),
    Operator(Operator),
    And,
    Or,
    Open,
    Close,
    Comma,
}

pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and where it stands; `None` at the end.
    pub(crate) fn next_token(&mut self) -> Result<Option<(Token, Range<usize>)>> {
        self.skip_space_and_comments();
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(None) };
        let token = match first {
            '(' => self.symbol(Token::Open),
            ')' => self.symbol(Token::Close),
            ',' => self.symbol(Token::Comma),
            '"' | '\'' => self.quoted(first)?,
            '-' | '0'..='9' => self.number()?,
            '@' | '#' | '_' | 'a'..='z' | 'A'..='Z' => self.identifier()?,
            '&' | '|' => self.join(first)?,
            '=' | '!' | '<' | '>' | '~' | '?' => self.operator()?,
            other => {
                let message = format!("Unexpected character {other:?}.");
                return Err(QueryError::invalid(message, start..start + other.len_utf8()));
            }
        };
        Ok(Some((token, start..self.at)))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn symbol(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn skip_space_and_comments(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n']);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// Text in single or double quotes. `\n`, `\r`, `\t`, `\\` and escaped quotes are taken for what
    /// they stand for, any other backslash for itself.
    fn quoted(&mut self, quote: char) -> Result<Token> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((offset, char)) = chars.next() {
            if char == quote {
                self.at = start + offset + 1;
                return Ok(Token::Text(text));
            }
            if char != '\\' {
                text.push(char);
                continue;
            }
            let unescaped = chars.peek().and_then(|(_, next)| match next {
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                '\\' | '"' | '\'' => Some(*next),
                _ => None,
            });
            text.push(unescaped.unwrap_or('\\'));
            if unescaped.is_some() {
                chars.next();
            }
        }
        Err(QueryError::invalid("The quoted text has no end.", start..self.text.len()))
    }

    fn number(&mut self) -> Result<Token> {
        let start = self.at;
        let word = self.take_while(|char| char.is_ascii_digit() || matches!(char, '-' | '.'));
        let unsigned = word.strip_prefix('-').unwrap_or(word);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let well_formed = digits(whole)
            && digits(fraction)
            && !fraction.is_empty()
            && (!whole.is_empty() || unsigned.len() > 1);
        match word.parse::<f64>() {
            Ok(number) if well_formed && number.is_finite() => Ok(Token::Number(number)),
            Ok(_) if well_formed => Err(QueryError::invalid("The number is too large.", start..self.at)),
            _ => Err(QueryError::invalid(format!("Invalid number {word:?}."), start..self.at)),
        }
    }

    fn identifier(&mut self) -> Result<Token> {
        let start = self.at;
        let word = self
            .take_while(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | ':' | '@' | '#'));
        let name = word.strip_prefix(['@', '#']).unwrap_or(word);
        let ends_well = name.ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
        if !ends_well || name.contains(['@', '#']) || word == "_" {
            return Err(QueryError::invalid(format!("Invalid identifier {word:?}."), start..self.at));
        }
        let word = word.to_owned();
        if self.rest().starts_with('(') {
            self.at += 1;
            return Ok(Token::FunctionStart(word));
        }
        Ok(Token::Identifier(word))
    }

    fn join(&mut self, first: char) -> Result<Token> {
        let start = self.at;
        let word = self.take_while(|char| char == first);
        match word {
            "&&" => Ok(Token::And),
            "||" => Ok(Token::Or),
            _ => Err(QueryError::invalid(
                format!("Unexpected {word:?}: join comparisons with && or ||."),
                start..self.at,
            )),
        }
    }

    fn operator(&mut self) -> Result<Token> {
        let start = self.at;
        let word = self.take_while(|char| matches!(char, '=' | '!' | '<' | '>' | '~' | '?'));
        let (any, plain) = match word.strip_prefix('?') {
            Some(plain) => (true, plain),
            None => (false, word),
        };
        let kind = match plain {
            "=" => OperatorKind::Equal,
            "!=" => OperatorKind::NotEqual,
            ">" => OperatorKind::Greater,
            ">=" => OperatorKind::GreaterOrEqual,
            "<" => OperatorKind::Less,
            "<=" => OperatorKind::LessOrEqual,
            "~" => OperatorKind::Like,
            "!~" => OperatorKind::NotLike,
            _ => return Err(QueryError::invalid(format!("Invalid operator {word:?}."), start..self.at)),
        };
        Ok(Token::Operator(Operator { kind, any }))
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|char| !belongs(char)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}
