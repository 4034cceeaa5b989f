//! `@request.…`: the request as a rule sees it.

use std::ops::Range;

use backspin_schema::{Collection, Field};

use super::path::Modifier;
use super::{Base, Resolved, Resolver, constant};
use crate::error::{QueryError, Result};
use crate::join::JoinKind;
use crate::parameter::{Parameter, RequestSource};
use crate::value::{Emptiness, ValueExpr};

impl Resolver<'_> {
    pub(super) fn request(&mut self, rest: &str, span: &Range<usize>) -> Result<Resolved> {
        let segments: Vec<&str> = rest.split('.').collect();
        let source = |source| Ok(Resolved::single(constant(Parameter::Request(source), Emptiness::NotEmpty)));
        match segments.as_slice() {
            ["method"] => source(RequestSource::Method),
            ["context"] => {
                let context = Parameter::Value(self.context.into());
                Ok(Resolved::single(constant(context, Emptiness::NotEmpty)))
            }
            ["auth", path @ ..] if !path.is_empty() => self.request_auth(path, span),
            ["body", path @ ..] if !path.is_empty() => self.request_body(path, span),
            ["query", before @ .., last] => {
                request_pair(before, last, span, RequestSource::Query, RequestSource::QueryIsSet)
            }
            ["headers", before @ .., last] => {
                request_pair(before, last, span, RequestSource::Header, RequestSource::HeaderIsSet)
            }
            _ => Err(QueryError::invalid(format!("There is no @request.{rest}."), span.clone())),
        }
    }

    /// What the token's record holds is a parameter, whatever needs more of it is a join. Fields that
    /// the record's collection does not have are null, and so is everything for a guest.
    fn request_auth(&mut self, path: &[&str], span: &Range<usize>) -> Result<Resolved> {
        let Some(collection) = self.auth else { return Ok(Resolved::single(ValueExpr::Null)) };
        let source = |name: &str| Parameter::Request(RequestSource::Auth(name.to_owned()));
        match path {
            [name @ ("id" | "collectionId" | "collectionName" | "verified" | "emailVisibility")] => {
                return Ok(Resolved::single(constant(source(name), Emptiness::NotEmpty)));
            }
            ["email"] => return Ok(Resolved::single(constant(source("email"), Emptiness::Unknown))),
            _ => {}
        }
        let first = path.first().and_then(|first| first.split(':').next()).unwrap_or_default();
        if collection.find_field(first).is_none() && !self.leads_back_to(collection, first) {
            return Ok(Resolved::single(ValueExpr::Null));
        }
        let join = self.add_join(JoinKind::Auth(source("id")), None, Some(collection), false, span)?;
        self.path(Base { join: Some(join), collection }, path, span)
    }

    /// Whether `name` may be a back-relation to the collection. One to another collection is none, as the caller may
    /// be of any.
    fn leads_back_to(&self, collection: &Collection, name: &str) -> bool {
        let Some((source, field)) = name.split_once("_via_") else { return false };
        let field = self.schema.find_by_name(source).and_then(|source| source.find_field(field));
        match field.and_then(Field::relation) {
            Some(relation) => relation.collection_id == collection.id,
            None => true,
        }
    }
}

/// `@request.query.NAME` and `@request.headers.NAME`, which hold texts: a longer path finds nothing.
fn request_pair(
    before: &[&str],
    last: &str,
    span: &Range<usize>,
    value: fn(String) -> RequestSource,
    is_set: fn(String) -> RequestSource,
) -> Result<Resolved> {
    let (name, modifier) = Modifier::split(last, span)?;
    let value = match before {
        [] => constant(Parameter::Request(value(name.to_owned())), Emptiness::Unknown),
        _ => ValueExpr::Null,
    };
    Ok(Resolved::single(match modifier {
        None => value,
        Some(Modifier::Lower) => ValueExpr::Lower(Box::new(value)),
        Some(Modifier::IsSet) if before.is_empty() => {
            constant(Parameter::Request(is_set(name.to_owned())), Emptiness::NotEmpty)
        }
        Some(_) => {
            return Err(QueryError::invalid(format!("{last:?} cannot have this modifier."), span.clone()));
        }
    }))
}
