//! Which collection of the one schema is which of the other, and which field.

use backspin_schema::{Collection, Field};

/// The collections of two schemas, matched by id.
pub(super) struct Pairs<'a> {
    /// Tables in both.
    pub(super) tables: Vec<Table<'a>>,
    /// Views in both.
    pub(super) views: Vec<(&'a Collection, &'a Collection)>,
    pub(super) dropped: Vec<&'a Collection>,
    pub(super) created: Vec<&'a Collection>,
}

/// A base or auth collection before and after.
pub(super) struct Table<'a> {
    pub(super) old: &'a Collection,
    pub(super) new: &'a Collection,
    pub(super) fields: Vec<(&'a Field, &'a Field)>,
    pub(super) dropped: Vec<&'a Field>,
    pub(super) added: Vec<&'a Field>,
}

impl<'a> Pairs<'a> {
    pub(super) fn match_collections(old: &'a [Collection], new: &'a [Collection]) -> Self {
        let mut pairs = Pairs { tables: vec![], views: vec![], dropped: vec![], created: vec![] };
        for old in old {
            match new.iter().find(|new| new.id == old.id) {
                Some(new) if old.is_view() => pairs.views.push((old, new)),
                Some(new) => pairs.tables.push(Table::match_fields(old, new)),
                None => pairs.dropped.push(old),
            }
        }
        pairs.created = new.iter().filter(|new| old.iter().all(|old| old.id != new.id)).collect();
        pairs
    }

    /// The collections in both, whatever their type.
    pub(super) fn both(&self) -> impl Iterator<Item = (&'a Collection, &'a Collection)> {
        self.tables.iter().map(|table| (table.old, table.new)).chain(self.views.iter().copied())
    }
}

impl<'a> Table<'a> {
    pub(super) fn match_fields(old: &'a Collection, new: &'a Collection) -> Self {
        let is_same = |a: &Field, b: &Field| a.id == b.id || a.is_primary_key() && b.is_primary_key();
        let (mut fields, mut dropped) = (vec![], vec![]);
        for field in &old.fields {
            match new.fields.iter().find(|other| is_same(field, other)) {
                Some(other) => fields.push((field, other)),
                None => dropped.push(field),
            }
        }
        let is_added = |field: &&Field| !old.fields.iter().any(|other| is_same(field, other));
        Table { old, new, fields, dropped, added: new.fields.iter().filter(is_added).collect() }
    }

    /// Whether the columns of the table change, or its name.
    pub(super) fn is_rebuilt(&self) -> bool {
        self.old.name != self.new.name
            || !self.dropped.is_empty()
            || !self.added.is_empty()
            || self.fields.iter().any(|(old, new)| old.name != new.name || converts(old, new))
    }

    /// The new name of the column `name`; `None` if it stays.
    pub(super) fn new_name(&self, name: &str) -> Option<&'a str> {
        self.fields
            .iter()
            .find(|(old, new)| old.name.eq_ignore_ascii_case(name) && old.name != new.name)
            .map(|(_, new)| new.name.as_str())
    }
}

/// Whether the stored values of a field must change with it.
pub(super) fn converts(old: &Field, new: &Field) -> bool {
    use crate::conversion::Shape;
    let (from, to) = (Shape::of(old), Shape::of(new));
    // Every date is a text already.
    old.column() != new.column() || from != to && to != Shape::Text
}
