//! What differs between a database and the files, by collection and field.

mod compare;
mod text;

pub use compare::compare;
use serde::Serialize;
use serde_json::Value;

/// A collection that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CollectionDifference {
    /// As in the files, if it is there; empty if the file leaves it to the server.
    pub id: String,
    /// As in the files, if it is there.
    pub name: String,
    pub presence: Presence,
    /// Empty unless it is in both.
    pub differences: Vec<Difference>,
}

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    Database,
    Files,
    Both,
}

/// One part of a collection: `listRule`, `otp.length`, `fields.year`, `fields.year.max`, `indexes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    pub part: String,
    /// `None`: it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Value>,
}
