//! Who sends a request.

use backspin_core::{Error, Result, Value};

use crate::{Action, Collection, Scopes};

/// The id of the collection whose records may do everything.
pub const SUPERUSERS_ID: &str = "pbc_3142635823";

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthRecord {
    pub collection_id: String,
    pub collection_name: String,
    /// Names of the fields and their values as stored, hidden ones too.
    pub fields: Vec<(String, Value)>,
}

impl AuthRecord {
    /// The record's id.
    pub fn id(&self) -> &str {
        match self.get("id") {
            Some(Value::Text(id)) => id,
            _ => "",
        }
    }

    /// The stored value of a field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value)
    }
}

/// Who brings an API key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyBearer {
    /// The account that the key acts for.
    pub owner: AuthRecord,
    /// What it may do for it.
    pub scopes: Scopes,
}

/// The sender of a request, as its token shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// Nobody known: there was no token, or no valid one.
    Guest,
    Record(AuthRecord),
    /// Rules see the owner; everything that the scopes do not name is refused.
    Key(KeyBearer),
}

impl Caller {
    /// The account that is signed in, or that an API key acts for.
    pub fn record(&self) -> Option<&AuthRecord> {
        match self {
            Caller::Guest => None,
            Caller::Record(record) | Caller::Key(KeyBearer { owner: record, .. }) => Some(record),
        }
    }

    /// Whether rules do not hold. An API key of a superuser still has its scopes.
    pub fn is_superuser(&self) -> bool {
        self.record().is_some_and(|record| record.collection_id == SUPERUSERS_ID)
    }

    /// Of an API key.
    pub fn scopes(&self) -> Option<&Scopes> {
        match self {
            Caller::Guest | Caller::Record(_) => None,
            Caller::Key(key) => Some(&key.scopes),
        }
    }

    /// Whether the scopes of an API key allow this; they restrict nobody else.
    pub fn has_scope(&self, collection: &Collection, action: Action) -> bool {
        self.scopes().is_none_or(|scopes| scopes.allow(collection, action))
    }

    /// Lets all pass whom no scopes forbid this.
    ///
    /// Errors: 403.
    pub fn require_scope(&self, collection: &Collection, action: Action) -> Result<()> {
        match self.has_scope(collection, action) {
            true => Ok(()),
            false => Err(Error::Forbidden(format!(
                "The API key lacks the scope {}:{}.",
                collection.name,
                action.as_str()
            ))),
        }
    }

    /// Lets superusers pass, in person: API keys do not.
    ///
    /// Errors: 401 for guests, 403 for others.
    pub fn require_superuser(&self) -> Result<()> {
        match self {
            Caller::Guest => {
                Err(Error::Unauthorized("The request requires valid record authorization token.".to_owned()))
            }
            Caller::Record(record) if record.collection_id == SUPERUSERS_ID => Ok(()),
            Caller::Record(_) => Err(Error::Forbidden(
                "The authorized record is not allowed to perform this action.".to_owned(),
            )),
            Caller::Key(_) => Err(Error::key_refused()),
        }
    }
}
