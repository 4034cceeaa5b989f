//! A parsed filter.

use std::ops::Range;

use backspin_core::Value;

/// A filter or rule, read but not yet matched with a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub(crate) root: Expression,
    /// The quoted texts and numbers in the order of the text. [`crate::Parameter::Literal`] counts them.
    pub literals: Vec<Value>,
}

/// Groups are never empty nor hold a group of their own kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Comparison(Comparison),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) left: Operand,
    pub(crate) operator: Operator,
    pub(crate) right: Operand,
}

/// One of the eight comparisons, in its plain or its any-of form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) kind: OperatorKind,
    /// `?=`: at least one of several values matches. Otherwise all must.
    pub(crate) any: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperatorKind {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Like,
    NotLike,
}

impl OperatorKind {
    /// As written in a filter.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Like => "~",
            Self::NotLike => "!~",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operand {
    pub(crate) kind: OperandKind,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum OperandKind {
    /// A path, macro, or one of `null`, `true`, `false`, with its modifier.
    Identifier(String),
    /// A position in [`Filter::literals`].
    Literal(usize),
    Function {
        name: String,
        arguments: Vec<Operand>,
    },
}

impl Filter {
    /// The filter with its values left out: two filters of one shape compile to the same SQL, with
    /// [`Filter::literals`] as parameters. For the key of a cache of plans.
    pub fn shape(&self) -> String {
        let mut shape = String::new();
        self.root.write_shape(&self.literals, &mut shape);
        shape
    }

    /// The paths and macros that it names, with their modifiers, in the order of the text.
    pub fn identifiers(&self) -> Vec<&str> {
        let mut found = vec![];
        self.root.collect_identifiers(&mut found);
        found
    }
}

impl Expression {
    fn collect_identifiers<'f>(&'f self, found: &mut Vec<&'f str>) {
        match self {
            Self::Comparison(comparison) => {
                comparison.left.collect_identifiers(found);
                comparison.right.collect_identifiers(found);
            }
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.collect_identifiers(found));
            }
        }
    }

    fn write_shape(&self, literals: &[Value], shape: &mut String) {
        let (parts, separator) = match self {
            Self::Comparison(comparison) => {
                comparison.left.write_shape(literals, shape);
                if comparison.operator.any {
                    shape.push('?');
                }
                shape.push_str(comparison.operator.kind.symbol());
                return comparison.right.write_shape(literals, shape);
            }
            Self::And(parts) => (parts, '&'),
            Self::Or(parts) => (parts, '|'),
        };
        shape.push('(');
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                shape.push(separator);
            }
            part.write_shape(literals, shape);
        }
        shape.push(')');
    }
}

impl Operand {
    fn collect_identifiers<'f>(&'f self, found: &mut Vec<&'f str>) {
        match &self.kind {
            OperandKind::Identifier(name) => found.push(name),
            OperandKind::Literal(_) => {}
            OperandKind::Function { arguments, .. } => {
                arguments.iter().for_each(|argument| argument.collect_identifiers(found));
            }
        }
    }

    fn write_shape(&self, literals: &[Value], shape: &mut String) {
        match &self.kind {
            OperandKind::Identifier(name) => shape.push_str(name),
            // Whether a text is empty decides how it is compared.
            OperandKind::Literal(index) => shape.push_str(match &literals[*index] {
                Value::Text(text) if text.is_empty() => "''",
                Value::Text(_) => "'",
                _ => "0",
            }),
            OperandKind::Function { name, arguments } => {
                shape.push_str(name);
                shape.push('(');
                for argument in arguments {
                    argument.write_shape(literals, shape);
                    shape.push(',');
                }
                shape.push(')');
            }
        }
    }
}
