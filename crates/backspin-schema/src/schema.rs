//! All collections at one version of the schema.

use std::collections::HashMap;

use crate::collection::Collection;

/// Every collection, found by id or name. Immutable: a change makes a new one.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    collections: Vec<Collection>,
    by_id: HashMap<String, usize>,
    by_lowercase_name: HashMap<String, usize>,
}

impl Schema {
    /// A schema of these collections, whose ids and names (whatever their case) are distinct.
    pub fn new(collections: Vec<Collection>) -> Self {
        let by_id = collections.iter().enumerate();
        let by_id = by_id.map(|(i, collection)| (collection.id.clone(), i));
        let by_name = collections.iter().enumerate();
        let by_name = by_name.map(|(i, collection)| (collection.name.to_lowercase(), i));
        Self { by_id: by_id.collect(), by_lowercase_name: by_name.collect(), collections }
    }

    /// In the order given to [`Schema::new`].
    pub fn collections(&self) -> &[Collection] {
        &self.collections
    }

    /// The collection of this id, or else of this name in any case (as PocketBase finds it).
    pub fn find(&self, id_or_name: &str) -> Option<&Collection> {
        self.find_by_id(id_or_name).or_else(|| self.find_by_name(id_or_name))
    }

    /// The collection of exactly this id.
    pub fn find_by_id(&self, id: &str) -> Option<&Collection> {
        self.by_id.get(id).map(|i| &self.collections[*i])
    }

    /// The collection of this name in any case.
    pub fn find_by_name(&self, name: &str) -> Option<&Collection> {
        self.by_lowercase_name.get(&name.to_lowercase()).map(|i| &self.collections[*i])
    }
}
