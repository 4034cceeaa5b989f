//! Paths of fields: `title`, `author.team.name`, `comments_via_post.text`, `meta.tags.0`, `tags:each`.

use std::ops::Range;

use backspin_schema::field::{ColumnKind, FieldOptions};
use backspin_schema::{Collection, Field};

use super::{Base, Resolved, Resolver};
use crate::error::{QueryError, Result};
use crate::index::IndexColumns;
use crate::join::{JoinId, JoinKind};
use crate::limits::{PATH_RELATIONS_MAX, PATH_SEGMENTS_MAX};
use crate::value::{Column, ValueExpr};

/// What may follow a path after a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    IsSet,
    Changed,
    Length,
    Each,
    Lower,
}

impl Modifier {
    /// Splits `name:modifier`.
    pub(super) fn split<'n>(segment: &'n str, span: &Range<usize>) -> Result<(&'n str, Option<Self>)> {
        let Some((name, modifier)) = segment.split_once(':') else { return Ok((segment, None)) };
        let modifier = match modifier {
            "isset" => Self::IsSet,
            "changed" => Self::Changed,
            "length" => Self::Length,
            "each" => Self::Each,
            "lower" => Self::Lower,
            other => return Err(QueryError::invalid(format!("Unknown modifier {other:?}."), span.clone())),
        };
        Ok((name, Some(modifier)))
    }
}

impl<'s> Resolver<'s> {
    /// A path that starts at a record. As in PocketBase, modifiers that a field cannot have do nothing.
    pub(super) fn path(
        &mut self,
        base: Base<'s>,
        segments: &[&str],
        span: &Range<usize>,
    ) -> Result<Resolved> {
        if segments.len() > PATH_SEGMENTS_MAX {
            let message = format!("A path has at most {PATH_SEGMENTS_MAX} names.");
            return Err(QueryError::invalid(message, span.clone()));
        }
        let mut base = base;
        let mut rest = segments;
        let mut relations = 0;
        let mut follow = || {
            relations += 1;
            if relations <= PATH_RELATIONS_MAX {
                return Ok(());
            }
            let message = format!("A path follows at most {PATH_RELATIONS_MAX} relations.");
            Err(QueryError::invalid(message, span.clone()))
        };
        loop {
            let Some((segment, after)) = rest.split_first() else {
                return Err(QueryError::invalid("The path names no field.", span.clone()));
            };
            let (name, modifier) =
                if after.is_empty() { self.last_name(base, segment, span)? } else { (*segment, None) };
            let Some(field) = base.collection.find_field(name) else {
                match name.split_once("_via_") {
                    Some((collection, field)) if !after.is_empty() => {
                        follow()?;
                        base = self.back_relation(base, collection, field, span)?;
                        rest = after;
                        continue;
                    }
                    _ => return Err(unknown_field(name, base.collection, span)),
                }
            };
            self.check_filterable(field, span)?;
            let holds_json = matches!(field.options, FieldOptions::Json(_));
            if holds_json || (matches!(field.options, FieldOptions::GeoPoint(_)) && !after.is_empty()) {
                let column = self.column(base, name);
                let path = (!after.is_empty()).then(|| json_path(after));
                return Ok(self.leaf(base, ValueExpr::Json { column, path }));
            }
            if after.is_empty() {
                return self.field(base, field, modifier, span);
            }
            if field.relation().is_none() {
                let message = format!("The field {name:?} is not a relation, so nothing can follow it.");
                return Err(QueryError::invalid(message, span.clone()));
            }
            follow()?;
            if let ([last], false) = (after, field.is_multiple())
                && let ("id", modifier) = Modifier::split(last, span)?
            {
                // The id of the related record is what the relation holds.
                let modifier = modifier.filter(|modifier| *modifier == Modifier::Lower);
                return self.field(base, field, modifier, span);
            }
            base = self.relation(base, field, span)?;
            rest = after;
        }
    }

    /// The last name of a path and its modifier, which is ignored for a JSON field.
    fn last_name<'n>(
        &self,
        base: Base<'s>,
        segment: &'n str,
        span: &Range<usize>,
    ) -> Result<(&'n str, Option<Modifier>)> {
        let (name, modifier) = Modifier::split(segment, span)?;
        let field = base.collection.find_field(name);
        let is_json = field.is_some_and(|field| matches!(field.options, FieldOptions::Json(_)));
        Ok((name, modifier.filter(|_| !is_json)))
    }

    pub(super) fn column(&self, base: Base<'s>, name: &str) -> Column {
        let kind = base.collection.find_field(name).map_or(ColumnKind::Text, Field::column);
        let stored = base.join.is_some() || self.stored;
        Column {
            join: base.join,
            name: name.to_owned(),
            kind,
            declared: stored && !base.collection.is_view(),
        }
    }

    fn leaf(&self, base: Base<'s>, value: ValueExpr) -> Resolved {
        Resolved { value, multi: self.is_multi(base.join), visibility: vec![] }
    }

    /// Whether the record of the expression can have several rows in this join.
    fn is_multi(&self, join: Option<JoinId>) -> bool {
        let before = self.joins.with_ancestors(self.base.join);
        self.joins.with_ancestors(join).difference(&before).any(|join| self.joins.get(*join).many)
    }

    fn field(
        &mut self,
        base: Base<'s>,
        field: &Field,
        modifier: Option<Modifier>,
        span: &Range<usize>,
    ) -> Result<Resolved> {
        let column = self.column(base, &field.name);
        let mut resolved = match modifier {
            Some(Modifier::Lower) => self.leaf(base, ValueExpr::Lower(Box::new(ValueExpr::Column(column)))),
            Some(Modifier::Length) if holds_list(field) => self.leaf(base, ValueExpr::Length(column)),
            Some(Modifier::Each) if holds_list(field) => {
                let elements = self.elements(base, field, span)?;
                let multi = self.is_multi(Some(elements));
                Resolved { value: ValueExpr::Element(elements), multi, visibility: vec![] }
            }
            _ => self.leaf(base, ValueExpr::Column(column)),
        };
        if self.is_guarded() && base.collection.is_auth() && field.name == "email" {
            resolved.visibility.push(self.column(base, "emailVisibility"));
        }
        Ok(resolved)
    }

    fn elements(&mut self, base: Base<'s>, field: &Field, span: &Range<usize>) -> Result<JoinId> {
        let kind = JoinKind::Elements(self.column(base, &field.name));
        self.add_join(kind, base.join, None, field.is_multiple(), span)
    }

    fn relation(&mut self, base: Base<'s>, field: &Field, span: &Range<usize>) -> Result<Base<'s>> {
        let collection = self.relation_target(field, span)?;
        self.check_listable(collection, span)?;
        let join = if field.is_multiple() {
            let elements = self.elements(base, field, span)?;
            self.add_join(JoinKind::RelationOfElement, Some(elements), Some(collection), true, span)?
        } else {
            let kind = JoinKind::Relation(self.column(base, &field.name));
            self.add_join(kind, base.join, Some(collection), false, span)?
        };
        Ok(Base { join: Some(join), collection })
    }

    pub(super) fn relation_target(&self, field: &Field, span: &Range<usize>) -> Result<&'s Collection> {
        let target = field.relation().and_then(|relation| self.schema.find_by_id(&relation.collection_id));
        target.ok_or_else(|| {
            let message = format!("The collection that {:?} refers to does not exist.", field.name);
            QueryError::invalid(message, span.clone())
        })
    }

    /// `comments_via_post`: the records of `comments` whose `post` is this record.
    fn back_relation(
        &mut self,
        base: Base<'s>,
        collection: &str,
        field: &str,
        span: &Range<usize>,
    ) -> Result<Base<'s>> {
        let Some(collection) = self.schema.find_by_name(collection) else {
            return Err(unknown_field(&format!("{collection}_via_{field}"), base.collection, span));
        };
        let refers = |field: &&Field| {
            field.relation().is_some_and(|relation| relation.collection_id == base.collection.id)
        };
        let Some(field) = collection.find_field(field).filter(refers) else {
            let message =
                format!("{:?} has no relation {field:?} to {:?}.", collection.name, base.collection.name);
            return Err(QueryError::invalid(message, span.clone()));
        };
        self.check_filterable(field, span)?;
        self.check_listable(collection, span)?;
        let name = field.name.clone();
        let parent_id = self.column(base, "id");
        let (kind, multi) = if field.is_multiple() {
            (JoinKind::BackList { field: name, parent_id }, true)
        } else {
            let unique = IndexColumns::of(collection).any(|index| index.makes_unique(&name));
            (JoinKind::Back { field: name, parent_id }, !unique)
        };
        let join = self.add_join(kind, base.join, Some(collection), multi, span)?;
        Ok(Base { join: Some(join), collection })
    }

    /// `NAME[:alias].path` after `@collection.`.
    pub(super) fn other_collection(&mut self, rest: &str, span: &Range<usize>) -> Result<Resolved> {
        let segments: Vec<&str> = rest.split('.').collect();
        let Some((first, path)) = segments.split_first().filter(|(_, path)| !path.is_empty()) else {
            return Err(QueryError::invalid(format!("@collection.{rest} names no field."), span.clone()));
        };
        let (name, alias) = first.split_once(':').map_or((*first, None), |(name, alias)| (name, Some(alias)));
        let well_formed = alias.is_none_or(|alias| !alias.is_empty() && !alias.contains(':'));
        let Some(collection) = self.schema.find(name).filter(|_| well_formed) else {
            return Err(QueryError::invalid(format!("There is no collection {first:?}."), span.clone()));
        };
        let alias = alias.map_or_else(|| collection.name.clone(), |alias| format!(":{alias}"));
        let join = self.add_join(JoinKind::Collection { alias }, None, Some(collection), true, span)?;
        self.path(Base { join: Some(join), collection }, path, span)
    }

    fn check_filterable(&self, field: &Field, span: &Range<usize>) -> Result<()> {
        let secret = field.hidden || matches!(field.options, FieldOptions::Password(_));
        if secret && self.is_guarded() {
            let message = format!("The field {:?} cannot be used in a filter or sort.", field.name);
            return Err(QueryError::invalid(message, span.clone()));
        }
        Ok(())
    }

    fn check_listable(&self, collection: &Collection, span: &Range<usize>) -> Result<()> {
        if self.is_guarded() && collection.list_rule.is_none() {
            let message =
                format!("Only superusers can list {:?}, and so filter or sort by it.", collection.name);
            return Err(QueryError::invalid(message, span.clone()));
        }
        Ok(())
    }
}

/// Whether the field is of a type that can hold several values, even if this one does not.
pub(super) fn holds_list(field: &Field) -> bool {
    matches!(field.options, FieldOptions::Select(_) | FieldOptions::Relation(_) | FieldOptions::File(_))
}

fn unknown_field(name: &str, collection: &Collection, span: &Range<usize>) -> QueryError {
    QueryError::invalid(format!("{:?} has no field {name:?}.", collection.name), span.clone())
}

/// The rest of a path as SQLite's JSON functions take it. Numbers are positions in an array. A colon is
/// dropped, as PocketBase does.
fn json_path(segments: &[&str]) -> String {
    let mut path = String::from("$");
    for segment in segments {
        let segment = segment.replace(':', "");
        if segment.is_empty() {
            path.push_str(".\"\"");
        } else if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{segment}]"));
        } else {
            path.push('.');
            path.push_str(&segment);
        }
    }
    path
}
