//! `@request.body.…`: what a create or update sends.

use std::ops::Range;

use backspin_schema::field::FieldOptions;

use super::path::{Modifier, holds_list};
use super::{Base, Resolved, Resolver, constant};
use crate::error::{QueryError, Result};
use crate::join::JoinKind;
use crate::parameter::{Parameter, RequestSource};
use crate::value::{Emptiness, ValueExpr};

impl Resolver<'_> {
    pub(super) fn request_body(&mut self, path: &[&str], span: &Range<usize>) -> Result<Resolved> {
        let base = self.base;
        if let [first, after @ ..] = path
            && !after.is_empty()
            && let Some(field) = base.collection.find_field(first)
            && field.relation().is_some()
        {
            let ids = Parameter::Request(RequestSource::BodyList(field.name.clone()));
            let collection = self.relation_target(field, span)?;
            let join =
                self.add_join(JoinKind::Listed(ids), None, Some(collection), field.is_multiple(), span)?;
            return self.path(Base { join: Some(join), collection }, after, span);
        }
        let Some((last, before)) = path.split_last() else {
            return Err(QueryError::invalid("The path names nothing.", span.clone()));
        };
        let (name, modifier) = Modifier::split(last, span)?;
        let names = before.iter().chain(std::iter::once(&name)).map(|name| (*name).to_owned()).collect();
        let body = constant(Parameter::Request(RequestSource::Body(names)), Emptiness::Unknown);
        let field = base.collection.find_field(name).filter(|_| before.is_empty());
        let source = |source: fn(String) -> RequestSource| Parameter::Request(source(name.to_owned()));
        let value = match (modifier, field) {
            (None, _) => body,
            (Some(Modifier::Lower), _) => ValueExpr::Lower(Box::new(body)),
            (Some(Modifier::IsSet), _) if before.is_empty() => {
                constant(source(RequestSource::BodyIsSet), Emptiness::NotEmpty)
            }
            (Some(Modifier::Changed), Some(field)) => {
                let column = self.column(base, &field.name);
                let stored = match field.options {
                    FieldOptions::Json(_) => ValueExpr::Json { column, path: None },
                    _ => ValueExpr::Column(column),
                };
                let is_set = source(RequestSource::BodyIsSet);
                ValueExpr::Changed { is_set, body: Box::new(body), stored: Box::new(stored) }
            }
            (Some(Modifier::Length), Some(field)) if holds_list(field) => {
                constant(source(RequestSource::BodyLength), Emptiness::NotEmpty)
            }
            (Some(Modifier::Each), Some(field)) if holds_list(field) => {
                let multi = field.is_multiple();
                let kind = JoinKind::ListedElements(source(RequestSource::BodyList));
                let join = self.add_join(kind, None, None, multi, span)?;
                return Ok(Resolved { value: ValueExpr::Element(join), multi, visibility: vec![] });
            }
            _ => {
                return Err(QueryError::invalid(
                    format!("{last:?} cannot have this modifier."),
                    span.clone(),
                ));
            }
        };
        Ok(Resolved::single(value))
    }
}
