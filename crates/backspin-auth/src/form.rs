//! What is asked of the texts of a form, in PocketBase's words.

use backspin_core::{Error, FieldError, FieldErrors, Result};
use backspin_mail::Message;
use backspin_schema::field::{DomainOptions, FieldOptions};
use backspin_schema::value::{required, to_stored};
use backspin_schema::{Field, Snapshot};
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

/// An email or a password in a form, in bytes.
pub(crate) const TEXT_BYTES_MAX: usize = 255;

/// Adds an error for a text that is not of `min` to `max` bytes; every text is required.
pub(crate) fn check_length(errors: &mut FieldErrors, name: &str, text: &str, (min, max): (usize, usize)) {
    if text.is_empty() {
        errors.add(name, required());
    } else if text.len() < min || text.len() > max {
        let message = format!("The length must be between {min} and {max}.");
        let params = json!({ "max": max, "min": min });
        errors.add(name, FieldError::with_params("validation_length_out_of_range", message, params));
    }
}

/// Adds an error for what is not the shape of an email, or what no mail can be sent to.
pub(crate) fn check_email(
    snapshot: &Snapshot,
    errors: &mut FieldErrors,
    name: &str,
    email: &str,
) -> Result<()> {
    check_length(errors, name, email, (1, TEXT_BYTES_MAX));
    if let Err(error) = to_stored(snapshot, &email_field(), &Json::from(email))? {
        errors.add(name, error);
    }
    if Message::new(email, "", "").is_err() {
        errors.add(name, FieldError::new("validation_is_email", "Must be a valid email address."));
    }
    Ok(())
}

/// Errors: 400 if there are any.
pub(crate) fn refuse(errors: FieldErrors) -> Result<()> {
    errors.into_result("An error occurred while validating the submitted data.")
}

/// Errors: 400 for this one.
pub(crate) fn refused(field: &str, error: FieldError) -> Error {
    let message = "An error occurred while validating the submitted data.".to_owned();
    Error::BadRequest { message, fields: [(field, error)].into_iter().collect() }
}

/// Absent and null are the same in a form.
pub(crate) fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An email of any domain.
pub(crate) fn email_field() -> Field {
    Field { required: true, ..Field::new("", FieldOptions::Email(DomainOptions::default())) }
}
