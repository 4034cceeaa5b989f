//! The functions `geoDistance` and `strftime`.

use std::ops::Range;

use backspin_core::Value;

use super::{Resolved, Resolver};
use crate::ast::{Operand, OperandKind};
use crate::error::{QueryError, Result};
use crate::parameter::Parameter;
use crate::value::{Emptiness, ValueExpr};

impl Resolver<'_> {
    pub(super) fn function(
        &mut self,
        name: &str,
        arguments: &[Operand],
        literals: &[Value],
        span: &Range<usize>,
    ) -> Result<Resolved> {
        match name {
            "geoDistance" => self.geo_distance(arguments, literals, span),
            "strftime" => self.strftime(arguments, literals, span),
            _ => Err(QueryError::invalid(
                format!("There is no function {name:?}; there are geoDistance and strftime."),
                span.clone(),
            )),
        }
    }

    /// `geoDistance(lonA, latA, lonB, latB)` in km, of degrees given as numbers or fields. Of a path with
    /// several values, any may match, whatever the operator.
    fn geo_distance(
        &mut self,
        arguments: &[Operand],
        literals: &[Value],
        span: &Range<usize>,
    ) -> Result<Resolved> {
        let mut visibility = vec![];
        let mut values = vec![];
        for argument in arguments {
            if is_text(argument, literals) {
                let message = "geoDistance takes numbers and fields, not quoted text.";
                return Err(QueryError::invalid(message, argument.span.clone()));
            }
            let resolved = self.operand(argument, literals)?;
            visibility.extend(resolved.visibility);
            values.push(match resolved.value {
                ValueExpr::Constant { parameter, emptiness } => {
                    ValueExpr::Constant { parameter: Parameter::Number(Box::new(parameter)), emptiness }
                }
                other => other,
            });
        }
        let Ok(degrees) = <[ValueExpr; 4]>::try_from(values) else {
            let message = "geoDistance takes four arguments: lonA, latA, lonB, latB.";
            return Err(QueryError::invalid(message, span.clone()));
        };
        Ok(Resolved { value: ValueExpr::GeoDistance(Box::new(degrees)), multi: false, visibility })
    }

    /// `strftime(format, [time, modifiers…])`, as in SQLite.
    fn strftime(
        &mut self,
        arguments: &[Operand],
        literals: &[Value],
        span: &Range<usize>,
    ) -> Result<Resolved> {
        let (mut multi, mut visibility, mut values) = (false, vec![], vec![]);
        for (i, argument) in arguments.iter().enumerate() {
            if i != 1 && !is_text(argument, literals) {
                let message = "The format and modifiers of strftime are quoted texts.";
                return Err(QueryError::invalid(message, argument.span.clone()));
            }
            let resolved = self.operand(argument, literals)?;
            multi |= resolved.multi;
            visibility.extend(resolved.visibility);
            values.push(match resolved.value {
                ValueExpr::Constant { parameter, .. } => {
                    ValueExpr::Constant { parameter, emptiness: Emptiness::Unknown }
                }
                other => other,
            });
        }
        if values.is_empty() {
            let message = "strftime takes a format and, after it, a time and modifiers.";
            return Err(QueryError::invalid(message, span.clone()));
        }
        Ok(Resolved { value: ValueExpr::Strftime(values), multi, visibility })
    }
}

fn is_text(argument: &Operand, literals: &[Value]) -> bool {
    matches!(argument.kind, OperandKind::Literal(index) if matches!(literals[index], Value::Text(_)))
}
