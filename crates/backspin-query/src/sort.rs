//! The `sort` of a list: `-created,title,author.name`.

use std::ops::Range;

use backspin_core::limits::{SORT_BYTES_MAX, SORT_FIELDS_MAX};

use crate::error::{QueryError, Result};

/// What to sort by, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort(pub(crate) Vec<SortKey>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortKey {
    pub(crate) by: SortBy,
    pub(crate) descending: bool,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SortBy {
    /// A path, as in a filter, with its modifier.
    Path(String),
    Random,
    /// The order of creation.
    RowId,
}

impl Sort {
    /// Reads a list of fields, each with `-` (descending), `+` or nothing before it. Empty text is no sort.
    ///
    /// Errors: a name that cannot be one, more than 8 names.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.len() > SORT_BYTES_MAX {
            let message = format!("The sort is longer than {SORT_BYTES_MAX} bytes.");
            return Err(QueryError::invalid(message, 0..text.len()));
        }
        if text.split(',').count() > SORT_FIELDS_MAX {
            let message = format!("The sort has more than {SORT_FIELDS_MAX} fields.");
            return Err(QueryError::invalid(message, 0..text.len()));
        }
        let mut at = 0;
        let mut keys = vec![];
        for part in text.split(',') {
            keys.push(SortKey::parse(part, at..at + part.len())?);
            at += part.len() + 1;
        }
        Ok(Self(keys))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl SortKey {
    fn parse(part: &str, span: Range<usize>) -> Result<Self> {
        let part = part.trim();
        let name = part.strip_prefix(['-', '+']).unwrap_or(part);
        let belongs = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | ':');
        let by = match name {
            "@random" => SortBy::Random,
            "@rowid" => SortBy::RowId,
            name => {
                let path = name.strip_prefix('@').unwrap_or(name);
                if path.is_empty() || !path.chars().all(belongs) {
                    return Err(QueryError::invalid(format!("Invalid sort field {name:?}."), span));
                }
                SortBy::Path(name.to_owned())
            }
        };
        Ok(Self { by, descending: part.starts_with('-'), span })
    }
}
