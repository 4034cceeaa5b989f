//! Changes relative to what a field holds: `f+`, `+f`, `f-`, `f:autogenerate`.

use backspin_core::{Env, Result, Value};
use backspin_schema::field::FieldOptions;
use backspin_schema::value::{autogenerate, texts};
use backspin_schema::{Field, Snapshot};
use serde_json::Value as Json;

use super::stored;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modifier {
    /// `f+`: adds a number, or appends values.
    Add,
    /// `+f`: prepends values.
    Prepend,
    /// `f-`: subtracts a number, or removes values.
    Remove,
    /// `f:autogenerate`: a text made from the field's pattern, after what is given.
    Autogenerate,
}

impl Modifier {
    /// Splits a key of a body into a name and its modifier.
    pub(crate) fn split(key: &str) -> Option<(&str, Self)> {
        if let Some(name) = key.strip_suffix('+') {
            return Some((name, Self::Add));
        }
        if let Some(name) = key.strip_suffix('-') {
            return Some((name, Self::Remove));
        }
        if let Some(name) = key.strip_prefix('+') {
            return Some((name, Self::Prepend));
        }
        key.strip_suffix(":autogenerate").map(|name| (name, Self::Autogenerate))
    }

    pub(crate) fn applies_to(self, field: &Field) -> bool {
        match &field.options {
            FieldOptions::Number(_) => matches!(self, Self::Add | Self::Remove),
            FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_) => {
                self != Self::Autogenerate
            }
            FieldOptions::Text(_) => self == Self::Autogenerate,
            _ => false,
        }
    }

    /// What it makes of `value`, before that is checked.
    pub(crate) fn apply(
        self,
        snapshot: &Snapshot,
        field: &Field,
        value: &Json,
        operand: &Json,
        env: &impl Env,
    ) -> Result<Json> {
        match &field.options {
            FieldOptions::Number(_) => {
                let (value, operand) = (number(snapshot, field, value)?, number(snapshot, field, operand)?);
                let result = if self == Self::Remove { value - operand } else { value + operand };
                // Beyond all numbers there is no JSON, but a text that is refused as no number.
                Ok(if result.is_finite() { Json::from(result) } else { Json::from(result.to_string()) })
            }
            FieldOptions::Text(options) => {
                let Value::Text(mut text) = stored::unchecked(snapshot, field, operand)? else {
                    return Ok(operand.clone());
                };
                text.push_str(&autogenerate(&options.autogenerate_pattern, env)?);
                Ok(Json::from(text))
            }
            _ => Ok(Json::from(self.apply_to_list(field, value, operand))),
        }
    }

    fn apply_to_list(self, field: &Field, value: &Json, operand: &Json) -> Vec<String> {
        let mut value = texts(field, value);
        let mut operand = match operand {
            Json::Array(items) => items.iter().flat_map(|item| texts(field, item)).collect(),
            single => texts(field, single),
        };
        let all = match self {
            Self::Remove => {
                value.retain(|text| !operand.contains(text));
                value
            }
            Self::Prepend => {
                operand.append(&mut value);
                operand
            }
            Self::Add | Self::Autogenerate => {
                value.append(&mut operand);
                value
            }
        };
        texts(field, &Json::from(all))
    }
}

fn number(snapshot: &Snapshot, field: &Field, input: &Json) -> Result<f64> {
    Ok(match stored::unchecked(snapshot, field, input)? {
        Value::Integer(number) => number as f64,
        Value::Real(number) => number,
        _ => 0.0,
    })
}
