//! What an API key may do: a part of what its owner may.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::{Collection, Schema};

/// What is done with the records of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    List,
    View,
    Create,
    Update,
    Delete,
}

impl Action {
    const ALL: [Self; 5] = [Self::List, Self::View, Self::Create, Self::Update, Self::Delete];

    /// As scopes name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::List => "list",
            Action::View => "view",
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        }
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

/// A set of scopes. Nothing is allowed but what they name, and never the collections of the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Ids of collections, or [`ANY`].
    records: BTreeSet<(String, Action)>,
    changes: bool,
}

/// Every collection, or every action.
const ANY: &str = "*";
const CHANGES: &str = "changes";

impl Scopes {
    /// Reads `posts:list`, `posts:*`, `*:view` or `changes`; the collection by its name or id.
    ///
    /// Errors: the first that is no scope.
    pub fn parse<'a>(names: &[&'a str], schema: &Schema) -> Result<Self, &'a str> {
        Self::read(names, |name| {
            schema.find(name).filter(|found| !found.system).map(|found| found.id.as_str())
        })
    }

    /// Reads what [`Scopes::to_stored`] has written; what cannot be read allows nothing.
    pub fn from_stored(stored: &str) -> Self {
        let names: Vec<&str> = stored.split(' ').collect();
        Self::read(&names, Some).unwrap_or_default()
    }

    fn read<'n, 'a>(names: &[&'n str], id: impl Fn(&'n str) -> Option<&'a str>) -> Result<Self, &'n str> {
        let mut scopes = Scopes::default();
        for name in names {
            if *name == CHANGES {
                scopes.changes = true;
                continue;
            }
            let (collection, action) = name.split_once(':').ok_or(*name)?;
            let collection = match collection {
                ANY => ANY,
                collection => id(collection).ok_or(*name)?,
            };
            let actions = match action {
                ANY => Action::ALL.to_vec(),
                action => vec![Action::find(action).ok_or(*name)?],
            };
            scopes.records.extend(actions.into_iter().map(|action| (collection.to_owned(), action)));
        }
        Ok(scopes)
    }

    /// The same text for the same scopes: their names with ids of collections, separated by spaces.
    pub fn to_stored(&self) -> String {
        self.names(|id| id).join(" ")
    }

    /// A list of their names, with the names that collections have now; the id of one that is gone.
    pub fn to_json(&self, schema: &Schema) -> Json {
        self.names(|id| schema.find_by_id(id).map_or(id, |collection| &collection.name)).into()
    }

    fn names<'a>(&'a self, name: impl Fn(&'a str) -> &'a str) -> Vec<String> {
        let records = self.records.iter().map(|(id, action)| format!("{}:{}", name(id), action.as_str()));
        records.chain(self.changes.then(|| CHANGES.to_owned())).collect()
    }

    pub fn allow(&self, collection: &Collection, action: Action) -> bool {
        let named = |id: &str| self.records.contains(&(id.to_owned(), action));
        !collection.system && (named(ANY) || named(&collection.id))
    }

    /// Whether the change log may be read, as far as records may be viewed.
    pub fn allow_changes(&self) -> bool {
        self.changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&'static str]) -> Result<String, &'static str> {
        Scopes::read(names, |name| (name == "posts").then_some("pbc_1")).map(|scopes| scopes.to_stored())
    }

    #[test]
    fn scopes_name_a_collection_and_an_action_or_all_of_them() {
        assert_eq!(read(&["posts:view", "posts:list", "posts:view"]).unwrap(), "pbc_1:list pbc_1:view");
        assert_eq!(read(&["changes", "*:list"]).unwrap(), "*:list changes");
        let all = "pbc_1:list pbc_1:view pbc_1:create pbc_1:update pbc_1:delete";
        assert_eq!(read(&["posts:*"]).unwrap(), all);
        for bad in
            ["", "posts", "posts:", ":list", "posts:LIST", "nowhere:list", "*", "posts:list:view", "settings"]
        {
            assert_eq!(read(&["posts:list", bad]), Err(bad));
        }
    }

    #[test]
    fn what_was_stored_reads_back() {
        for stored in ["*:list changes", "pbc_1:view pbc_2:create", "changes"] {
            assert_eq!(Scopes::from_stored(stored).to_stored(), stored);
        }
        assert_eq!(Scopes::from_stored("pbc_1:fly"), Scopes::default());
        assert_eq!(Scopes::from_stored(""), Scopes::default());
    }
}
