//! Why a request is refused, in the order in which PocketBase tells it.

use backspin_core::{DatabaseError, Error, FieldError, FieldErrors, Result};

/// The first group that is not empty is told, all of it.
#[derive(Default)]
pub(crate) struct Refusals {
    /// Of what comes along with an account's record, such as a repeated password.
    pub(crate) form: FieldErrors,
    /// Told together with `form`, unless the caller manages the account.
    pub(crate) unless_manager: Vec<(&'static str, FieldError)>,
    /// Of the record's values.
    pub(crate) fields: FieldErrors,
}

impl Refusals {
    pub(crate) fn is_none_for_manager(&self) -> bool {
        self.form.is_empty() && self.fields.is_empty()
    }

    /// Errors: 400 with what is refused.
    pub(crate) fn into_result(mut self, is_manager: bool, message: &str) -> Result<()> {
        if !is_manager {
            self.unless_manager.into_iter().for_each(|(field, error)| self.form.add(field, error));
        }
        self.form.into_result(message)?;
        self.fields.into_result(message)
    }
}

/// The code and message of a relation to records that do not exist.
pub(crate) fn missing_records() -> FieldError {
    let message = "Failed to find all relation records with the provided ids.";
    FieldError::new("validation_missing_rel_records", message)
}

/// A broken constraint as errors of the fields it is on.
pub(crate) fn constraint_error(error: DatabaseError, message: &str) -> Error {
    let DatabaseError::Unique { columns, .. } = error else {
        return Error::bad_request(message);
    };
    let not_unique = || FieldError::new("validation_not_unique", "Value must be unique.");
    let fields = columns.into_iter().map(|column| (column, not_unique())).collect();
    Error::BadRequest { message: message.to_owned(), fields }
}

/// The error of an account whose id another account has, maybe of another collection.
pub(crate) fn taken_id(message: &str) -> Error {
    let error = FieldError::new("validation_invalid_auth_id", "Invalid or duplicated auth record id.");
    Error::BadRequest { message: message.to_owned(), fields: FieldErrors::from_iter([("id", error)]) }
}
