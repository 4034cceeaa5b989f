//! Who sends a request.

use backspin_core::{Error, Result, Value};

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

/// The sender of a request, as its token shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// Nobody known: there was no token, or no valid one.
    Guest,
    Record(AuthRecord),
}

impl Caller {
    pub fn is_superuser(&self) -> bool {
        matches!(self, Caller::Record(record) if record.collection_id == SUPERUSERS_ID)
    }

    /// Lets superusers pass.
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
        }
    }
}
