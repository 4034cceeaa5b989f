//! From a request's body to the values that a record gets.

mod credentials;
mod modifier;
mod new_record;
mod refusals;
mod stored;
mod update;
mod wishes;

pub(crate) use credentials::check_credentials_stay;
pub use credentials::old_password;
pub(crate) use new_record::of_new_record;
pub(crate) use refusals::{Refusals, constraint_error, missing_records, taken_id};
pub(crate) use stored::{checked, to_json};
pub(crate) use update::{OldRow, depends_on_stored, of_update};

use backspin_core::{Error, Platform, Result, Value};
use backspin_password::Hashing;
use backspin_schema::field::FieldOptions;
use backspin_schema::{App, Collection, Field};
use serde_json::{Map, Value as Json};

use crate::request::RequestInfo;

/// What a request comes to.
pub(crate) struct Input<'a> {
    /// Of a new record all columns in their order, else those that change.
    pub(crate) assignments: Vec<Assignment<'a>>,
    /// The stored values that these were made from: the record must still have them.
    pub(crate) depends_on: Vec<(&'a Field, Value)>,
    /// The body as rules see it.
    pub(crate) body: Map<String, Json>,
    pub(crate) refusals: Refusals,
    /// The tables whose traces of the account go with the change, as in [`crate::traces`].
    pub(crate) forgets: Vec<&'static str>,
}

/// A column and what goes into it.
pub(crate) struct Assignment<'a> {
    pub(crate) field: &'a Field,
    pub(crate) value: Value,
    /// What the create rule sees, where that is not `value`.
    pub(crate) at_rule: Option<Value>,
}

impl Input<'_> {
    /// Puts hashes in the place of passwords: those of the request, else new ones, in turn. They are not made for a
    /// request that is refused anyway.
    ///
    /// Errors: 429 if too many are being made.
    pub(crate) async fn hash_passwords(
        &mut self,
        app: &App<impl Platform>,
        hashing: Hashing,
        request: &RequestInfo<'_>,
    ) -> Result<()> {
        let is_password = |assigned: &&mut Assignment<'_>| {
            matches!(assigned.field.options, FieldOptions::Password(_)) && !stored::is_blank(&assigned.value)
        };
        for assigned in self.assignments.iter_mut().filter(is_password) {
            if let Value::Text(password) = &assigned.value {
                let hash = match request.hashes {
                    Some(hashes) => hashes.hash(password, hashing, app.platform()).await?,
                    None => hashing.hash_in_turn(password, app.platform()).await?,
                };
                assigned.value = hash.into();
            }
        }
        Ok(())
    }
}

/// The names of files given for a field which are not among the stored ones.
fn unknown_files(field: &Field, value: &Value, old: Option<&Value>) -> Option<backspin_core::FieldError> {
    let FieldOptions::File(_) = field.options else { return None };
    let names = |value: &Value| backspin_schema::value::texts(field, &to_json(field, value));
    let known = old.map(names).unwrap_or_default();
    let unknown: Vec<String> = names(value).into_iter().filter(|name| !known.contains(name)).collect();
    (!unknown.is_empty()).then(|| {
        backspin_core::FieldError::with_params(
            "validation_invalid_file",
            format!("Invalid new files: [{}].", unknown.join(" ")),
            serde_json::json!({ "invalidFiles": unknown }),
        )
    })
}

fn is_verified_of(collection: &Collection, field: &Field) -> bool {
    collection.is_auth() && field.name == "verified"
}

/// Errors: 400 for a view, whose records are those of other collections.
pub(crate) fn check_writable(collection: &Collection) -> Result<()> {
    match collection.is_view() {
        true => Err(Error::bad_request("Unsupported collection type.")),
        false => Ok(()),
    }
}
