//! The rows that the paths of a query reach from a record: a tree of joins, one for each distinct path.

use std::collections::{BTreeMap, BTreeSet};

use backspin_schema::Collection;

use crate::index::IndexColumns;
use crate::parameter::Parameter;
use crate::value::Column;

/// A position in [`Joins`]. A join comes after the one it starts from.
pub(crate) type JoinId = usize;
pub(crate) type JoinSet = BTreeSet<JoinId>;

/// One step of a path.
#[derive(Clone, Debug)]
pub(crate) struct Join<'s> {
    pub(crate) kind: JoinKind,
    /// The collection whose rows these are; none for the elements of a list.
    pub(crate) collection: Option<&'s Collection>,
    /// From where it starts; `None` is the record itself, or nowhere.
    pub(crate) parent: Option<JoinId>,
    /// Whether one row of the parent can have several rows here.
    pub(crate) many: bool,
    /// Whether one record can have several rows here, through this join or one before it.
    pub(crate) multi: bool,
    /// Whether a client's filter or sort named it.
    pub(crate) client: bool,
}

/// How the rows of a join are found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JoinKind {
    /// The record whose id is in this column.
    Relation(Column),
    /// The values in this column, which holds a JSON array or a single value.
    Elements(Column),
    /// The record whose id is the value of the parent, an [`JoinKind::Elements`].
    RelationOfElement,
    /// The records whose column of this name holds the parent's id.
    Back { field: String, parent_id: Column },
    /// The records whose column of this name holds the parent's id in a JSON array.
    BackList { field: String, parent_id: Column },
    /// All records, under the name that distinguishes it.
    Collection { alias: String },
    /// The signed-in record.
    Auth(Parameter),
    /// The records whose ids are in a JSON array.
    Listed(Parameter),
    /// The values of a JSON array.
    ListedElements(Parameter),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Joins<'s>(Vec<Join<'s>>);

impl<'s> Joins<'s> {
    /// The join of this kind from this parent, made if there is none yet.
    pub(crate) fn add(&mut self, mut join: Join<'s>) -> JoinId {
        join.multi = join.many || join.parent.is_some_and(|parent| self.0[parent].multi);
        let target = |join: &Join<'s>| join.collection.map(|collection| collection.id.as_str());
        let known = self.0.iter().position(|other| {
            other.kind == join.kind && other.parent == join.parent && target(other) == target(&join)
        });
        match known {
            Some(id) => {
                self.0[id].client |= join.client;
                id
            }
            None => {
                self.0.push(join);
                self.0.len() - 1
            }
        }
    }

    /// Makes these joins once more, to find rows independently of the first ones. Returns the new ones by
    /// the old.
    pub(crate) fn duplicate(&mut self, ids: &JoinSet) -> BTreeMap<JoinId, JoinId> {
        let mut copies = BTreeMap::new();
        for id in ids {
            let mut copy = self.0[*id].clone();
            copy.client = false;
            let renamed = |join: JoinId| copies.get(&join).copied().unwrap_or(join);
            copy.parent = copy.parent.map(renamed);
            if let JoinKind::Relation(column)
            | JoinKind::Elements(column)
            | JoinKind::Back { parent_id: column, .. }
            | JoinKind::BackList { parent_id: column, .. } = &mut copy.kind
            {
                column.join = column.join.map(renamed);
            }
            self.0.push(copy);
            copies.insert(*id, self.0.len() - 1);
        }
        copies
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, id: JoinId) -> &Join<'s> {
        &self.0[id]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (JoinId, &Join<'s>)> {
        self.0.iter().enumerate()
    }

    /// These joins and all that they start from.
    pub(crate) fn with_ancestors(&self, ids: impl IntoIterator<Item = JoinId>) -> JoinSet {
        let mut all = JoinSet::new();
        for id in ids {
            let mut next = Some(id);
            while let Some(id) = next {
                if !all.insert(id) {
                    break;
                }
                next = self.0[id].parent;
            }
        }
        all
    }

    /// Whether the rows of a join are found by an index on this column.
    pub(crate) fn is_indexed(&self, id: JoinId, column: &str) -> bool {
        let Some(collection) = self.0[id].collection else { return false };
        column == "id" || IndexColumns::of(collection).any(|index| index.leads_with(column))
    }
}
