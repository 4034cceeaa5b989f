//! What a function of this crate is told of the request beside the record's data.

use std::borrow::Cow;

use backspin_core::{RequestParameters, Result, Timestamp, Value};
use backspin_query::{Expand, Fields, RequestValues};
use backspin_schema::{AuthRecord, Caller, Collection, Snapshot};
use serde_json::{Map, Value as Json};

use crate::password_hashes::PasswordHashes;

/// Who asks, and what rules and filters can ask of the request.
#[derive(Clone, Copy)]
pub struct RequestInfo<'a> {
    pub caller: &'a Caller,
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// What `@request.context` is to the rules of a write: `default` or `batch`.
    pub context: &'a str,
    /// The query and the headers.
    pub parameters: &'a dyn RequestParameters,
    /// The old passwords that come with changes of accounts, as far as they were looked at before.
    pub checked_passwords: &'a [CheckedPassword],
    /// Hashes of new passwords, within a transaction.
    pub hashes: Option<&'a PasswordHashes>,
}

/// Whether a password is the one of a hash.
#[derive(Clone, Debug)]
pub struct CheckedPassword {
    pub password: String,
    pub hash: String,
    pub is_right: bool,
}

/// Which parts of the records a reply holds.
#[derive(Clone, Debug, Default)]
pub struct ReplyShape<'a> {
    /// Relations to follow: `author,comments_via_post.author`; empty for none.
    pub expand: Cow<'a, str>,
    /// `id,title,expand.author.name`; empty for all.
    pub fields: Cow<'a, str>,
}

impl<'a> RequestInfo<'a> {
    /// A request by itself, which is not part of a batch.
    pub fn new(caller: &'a Caller, method: &'a str, parameters: &'a dyn RequestParameters) -> Self {
        RequestInfo { caller, method, context: "default", parameters, checked_passwords: &[], hashes: None }
    }

    /// The record that is signed in.
    pub(crate) fn auth(&self) -> Option<&'a AuthRecord> {
        self.caller.record()
    }

    /// The id of the collection of the record that is signed in; empty for a guest. For the key of a plan.
    pub(crate) fn auth_collection_id(&self) -> &'a str {
        self.auth().map_or("", |auth| &auth.collection_id)
    }

    /// As [`RequestInfo::auth_collection_id`], for the key of a plan that depends on what the caller may reach from a
    /// record: an API key reaches less than its owner.
    pub(crate) fn reach(&self) -> Cow<'a, str> {
        match self.caller.scopes() {
            None => self.auth_collection_id().into(),
            Some(scopes) => format!("{} {}", self.auth_collection_id(), scopes.to_stored()).into(),
        }
    }

    /// The collection of the record that is signed in.
    pub(crate) fn auth_collection<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s Collection> {
        snapshot.find_by_id(&self.auth()?.collection_id)
    }

    /// What the parameters of a compiled rule or filter are evaluated from.
    pub(crate) fn values<'v>(
        &'v self,
        now: Timestamp,
        body: &'v Map<String, Json>,
        literals: &'v [Value],
    ) -> RequestValues<'v> {
        RequestValues {
            method: self.method,
            now,
            auth: self.auth(),
            parameters: self.parameters,
            body,
            literals,
        }
    }
}

impl<'a> ReplyShape<'a> {
    /// What the query parameters `expand` and `fields` ask for.
    pub fn of(parameters: &'a dyn RequestParameters) -> Self {
        let of = |name| parameters.query(name).unwrap_or_default();
        ReplyShape { expand: of("expand"), fields: of("fields") }
    }

    /// What it asks for.
    ///
    /// Errors: 400 for what cannot be read.
    pub(crate) fn parse(&self) -> Result<(Expand, Fields)> {
        Ok((Expand::parse(&self.expand)?, Fields::parse(&self.fields)?))
    }
}
