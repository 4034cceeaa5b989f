//! Reads a filter. No recursion, so no nesting can overflow the stack.

use std::ops::Range;

use backspin_core::Value;

use crate::ast::{Comparison, Expression, Filter, Operand, OperandKind, Operator};
use crate::error::{QueryError, Result};
use crate::lexer::{Lexer, Token};
use crate::limits::{FilterLimits, STRFTIME_ARGUMENTS_MAX};

impl Filter {
    /// Reads the text of a filter or rule that is not empty.
    ///
    /// Quirks kept from PocketBase: a group may follow a comparison or group without a join and then
    /// takes the join before it (`a=1 || (b=2)(c=3)`), and the last argument of a function may end with
    /// a comma. `&&` binds stronger than `||`.
    ///
    /// Errors: what cannot be read or goes beyond `limits`, with its place.
    pub fn parse(text: &str, limits: &FilterLimits) -> Result<Self> {
        if text.len() > limits.bytes_max {
            let message = format!("The filter is longer than {} bytes.", limits.bytes_max);
            return Err(QueryError::invalid(message, 0..text.len()));
        }
        if let Some(at) = text.find('\0') {
            return Err(QueryError::invalid("The filter holds a NUL character.", at..at + 1));
        }
        let mut parser =
            Parser { lexer: Lexer::new(text), end: text.len(), limits, comparisons: 0, literals: vec![] };
        let root = parser.expression()?;
        Ok(Self { root, literals: parser.literals })
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    end: usize,
    limits: &'a FilterLimits,
    comparisons: usize,
    literals: Vec<Value>,
}

#[derive(Clone, Copy, PartialEq)]
enum Join {
    And,
    Or,
}

/// An open group.
struct Group {
    opened: Range<usize>,
    /// Each with its depth and the join before it.
    parts: Vec<(Join, Expression, usize)>,
    /// The join read and not yet used.
    pending: Option<Join>,
}

impl Group {
    fn new(opened: Range<usize>) -> Self {
        Self { opened, parts: vec![], pending: None }
    }

    fn takes_operand(&self) -> bool {
        self.parts.is_empty() || self.pending.is_some()
    }

    fn add(&mut self, expression: Expression, depth: usize) {
        let last = self.parts.last().map_or(Join::And, |(join, ..)| *join);
        let join = self.pending.take().unwrap_or(last);
        // The first part has no join of its own: the second decides what an unjoined third takes.
        self.parts.push((join, expression, depth));
    }

    /// The group as one expression and its depth. There is at least one part.
    fn close(self) -> (Expression, usize) {
        // A group within a group of its own kind becomes part of it, and its level goes.
        let mut alternatives: Vec<(Vec<Expression>, usize)> = vec![];
        for (i, (join, expression, depth)) in self.parts.into_iter().enumerate() {
            let (conjuncts, depth) = match expression {
                Expression::And(inner) => (inner, depth - 1),
                other => (vec![other], depth),
            };
            match alternatives.last_mut() {
                Some((parts, deepest)) if i > 0 && join == Join::And => {
                    parts.extend(conjuncts);
                    *deepest = depth.max(*deepest);
                }
                _ => alternatives.push((conjuncts, depth)),
            }
        }
        let mut parts = vec![];
        let mut deepest = 0;
        for (mut conjuncts, depth) in alternatives {
            let single = if conjuncts.len() == 1 { conjuncts.pop() } else { None };
            let depth = match single {
                Some(Expression::Or(inner)) => {
                    parts.extend(inner);
                    depth - 1
                }
                Some(part) => {
                    parts.push(part);
                    depth
                }
                None => {
                    parts.push(Expression::And(conjuncts));
                    depth + 1
                }
            };
            deepest = deepest.max(depth);
        }
        let single = if parts.len() == 1 { parts.pop() } else { None };
        match single {
            Some(part) => (part, deepest),
            None => (Expression::Or(parts), deepest + 1),
        }
    }
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Expression> {
        let mut group = Group::new(0..self.end);
        let mut outer: Vec<Group> = vec![];
        while let Some((token, span)) = self.lexer.next_token()? {
            match token {
                Token::And | Token::Or if !group.takes_operand() => {
                    group.pending = Some(if token == Token::And { Join::And } else { Join::Or });
                }
                Token::Open => outer.push(std::mem::replace(&mut group, Group::new(span))),
                Token::Close => {
                    let Some(parent) = outer.pop() else {
                        return Err(QueryError::invalid("There is a ) without its (.", span));
                    };
                    if group.takes_operand() {
                        return Err(QueryError::invalid("A comparison is missing before the ).", span));
                    }
                    let (expression, depth) = std::mem::replace(&mut group, parent).close();
                    self.check_depth(depth, &span)?;
                    group.add(expression, depth);
                }
                Token::Identifier(_) | Token::FunctionStart(_) | Token::Text(_) | Token::Number(_)
                    if group.takes_operand() =>
                {
                    let comparison = self.comparison(token, span)?;
                    group.add(Expression::Comparison(comparison), 0);
                }
                _ => {
                    let expected = if group.takes_operand() { "a comparison" } else { "&&, || or the end" };
                    return Err(QueryError::invalid(format!("Expected {expected} here."), span));
                }
            }
        }
        if !outer.is_empty() {
            return Err(QueryError::invalid("There is a ( without its ).", group.opened));
        }
        if group.takes_operand() {
            return Err(QueryError::invalid("A comparison is missing at the end.", self.end..self.end));
        }
        let (expression, depth) = group.close();
        self.check_depth(depth, &(0..self.end))?;
        Ok(expression)
    }

    fn check_depth(&self, depth: usize, span: &Range<usize>) -> Result<()> {
        if depth > self.limits.depth_max {
            let message = format!("The filter is nested deeper than {} levels.", self.limits.depth_max);
            return Err(QueryError::invalid(message, span.clone()));
        }
        Ok(())
    }

    fn comparison(&mut self, token: Token, span: Range<usize>) -> Result<Comparison> {
        self.comparisons += 1;
        if self.comparisons > self.limits.comparisons_max {
            let message = format!("The filter has more than {} comparisons.", self.limits.comparisons_max);
            return Err(QueryError::invalid(message, span));
        }
        let left = self.operand(token, span)?;
        let operator = self.operator(&left)?;
        let (token, span) = self.expect("a value or field after the operator")?;
        let right = self.operand(token, span)?;
        Ok(Comparison { left, operator, right })
    }

    fn operator(&mut self, left: &Operand) -> Result<Operator> {
        match self.expect("an operator after the first value or field")? {
            (Token::Operator(operator), _) => Ok(operator),
            (_, span) => Err(QueryError::invalid("Expected an operator here.", left.span.start..span.end)),
        }
    }

    fn operand(&mut self, token: Token, span: Range<usize>) -> Result<Operand> {
        let Token::FunctionStart(name) = token else { return self.plain_operand(token, span) };
        let mut arguments = vec![];
        loop {
            let (token, at) = self.expect("a ) after the arguments")?;
            if token == Token::Close {
                break Ok(Operand {
                    span: span.start..at.end,
                    kind: OperandKind::Function { name, arguments },
                });
            }
            if arguments.len() == STRFTIME_ARGUMENTS_MAX {
                let message = format!("A function takes at most {STRFTIME_ARGUMENTS_MAX} arguments.");
                return Err(QueryError::invalid(message, at));
            }
            arguments.push(self.plain_operand(token, at)?);
            match self.expect("a ) after the arguments")? {
                (Token::Comma, _) => {}
                (Token::Close, at) => {
                    break Ok(Operand {
                        span: span.start..at.end,
                        kind: OperandKind::Function { name, arguments },
                    });
                }
                (_, at) => return Err(QueryError::invalid("Expected a comma or ) here.", at)),
            }
        }
    }

    fn plain_operand(&mut self, token: Token, span: Range<usize>) -> Result<Operand> {
        let value = match token {
            Token::Identifier(name) => return Ok(Operand { kind: OperandKind::Identifier(name), span }),
            Token::Text(text) => Value::Text(text),
            Token::Number(number) => Value::Real(number),
            _ => return Err(QueryError::invalid("Expected a value or field here.", span)),
        };
        self.literals.push(value);
        Ok(Operand { kind: OperandKind::Literal(self.literals.len() - 1), span })
    }

    fn expect(&mut self, what: &str) -> Result<(Token, Range<usize>)> {
        match self.lexer.next_token()? {
            Some(token) => Ok(token),
            None => Err(QueryError::invalid(format!("Expected {what}."), self.end..self.end)),
        }
    }
}
