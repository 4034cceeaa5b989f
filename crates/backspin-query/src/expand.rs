//! The `expand` of a read: which relations to follow, as `author,comments_via_post.author`.

use backspin_schema::{Collection, Field, Schema};

use crate::error::{QueryError, Result};
use crate::index::IndexColumns;
use crate::limits::{EXPAND_BYTES_MAX, EXPAND_LEVELS_MAX, EXPAND_PATHS_MAX};

/// Relations to follow, by name, each with what to follow from there. In the order asked for, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expand(pub Vec<(String, Expand)>);

/// A relation that an [`Expand`] names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExpandStep<'s> {
    /// The records whose ids this field of the record holds: one, or a list if the field is multiple.
    Relation { field: &'s Field, collection: &'s Collection },
    /// The records of `collection` whose `field` holds the record's id. There is at most one if `unique`.
    Back { field: &'s Field, collection: &'s Collection, unique: bool },
}

impl Expand {
    /// Reads a list of paths. What lies deeper than 6 levels is left out and empty names are skipped, as in
    /// PocketBase; whether the names exist is seen when they are followed.
    ///
    /// Errors: more than 8,192 bytes or 100 paths.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = |message: String| Err(QueryError::invalid(message, 0..text.len()));
        if text.len() > EXPAND_BYTES_MAX {
            return refused(format!("The expand is longer than {EXPAND_BYTES_MAX} bytes."));
        }
        if text.split(',').count() > EXPAND_PATHS_MAX {
            return refused(format!("The expand has more than {EXPAND_PATHS_MAX} paths."));
        }
        let mut root = Self::default();
        for path in text.split(',') {
            let names = path.split('.').map(str::trim).filter(|name| !name.is_empty());
            names.take(EXPAND_LEVELS_MAX).fold(&mut root, |level, name| level.enter(name));
        }
        Ok(root)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn enter(&mut self, name: &str) -> &mut Self {
        let at = self.0.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
            self.0.push((name.to_owned(), Self::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

impl<'s> ExpandStep<'s> {
    /// The relation of this name from records of `collection`, forward (`author`) or back
    /// (`comments_via_post`). `None` if there is none: PocketBase leaves such names out of the reply.
    pub fn find(schema: &'s Schema, collection: &'s Collection, name: &str) -> Option<Self> {
        if let Some(field) = collection.find_field(name) {
            let collection = schema.find_by_id(&field.relation()?.collection_id)?;
            return Some(Self::Relation { field, collection });
        }
        let (source, field) = name.split_once("_via_")?;
        let source = schema.find_by_name(source)?;
        let field = source.find_field(field)?;
        if field.relation()?.collection_id != collection.id {
            return None;
        }
        let unique =
            !field.is_multiple() && IndexColumns::of(source).any(|index| index.makes_unique(&field.name));
        Some(Self::Back { field, collection: source, unique })
    }

    /// The collection that it leads to.
    pub fn collection(&self) -> &'s Collection {
        match self {
            Self::Relation { collection, .. } | Self::Back { collection, .. } => collection,
        }
    }
}
