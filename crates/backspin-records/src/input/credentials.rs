//! What is asked of one who sets a password, an email or a verification.

use backspin_core::{Error, FieldError, Result, Value};
use backspin_schema::field::{FieldOptions, TextOptions};
use backspin_schema::value::required;
use backspin_schema::{Caller, Collection, Field, Snapshot};
use serde_json::{Map, Value as Json};

use super::modifier::Modifier;
use super::{OldRow, Refusals, stored};
use crate::request::{CheckedPassword, RequestInfo};

/// A password and what must come with it, as texts.
pub(super) struct Credentials {
    password: String,
    confirm: String,
    old: String,
}

impl Credentials {
    /// `password` is what the body has for the field; the rest are keys of the body that are no fields.
    pub(super) fn read(
        snapshot: &Snapshot,
        password: Option<&Value>,
        others: &Map<String, Json>,
    ) -> Result<Self> {
        let text = |key: &str| match others.get(key) {
            None => Ok(String::new()),
            Some(input) => stored::unchecked(snapshot, &text_field(), input).map(|value| match value {
                Value::Text(text) => text,
                _ => String::new(),
            }),
        };
        let password = match password {
            Some(Value::Text(password)) => password.clone(),
            _ => String::new(),
        };
        Ok(Credentials { password, confirm: text("passwordConfirm")?, old: text("oldPassword")? })
    }

    /// For a new account.
    pub(super) fn check_new(&self, refusals: &mut Refusals) {
        if self.password.is_empty() {
            refusals.form.add("password", required());
        }
        if self.confirm.is_empty() {
            refusals.form.add("passwordConfirm", required());
        } else if self.confirm != self.password {
            refusals.form.add("passwordConfirm", mismatch());
        }
    }

    /// Whether a change of the password is asked for.
    pub(super) fn is_change(&self) -> bool {
        !(self.password.is_empty() && self.confirm.is_empty() && self.old.is_empty())
    }

    /// For an account that exists: one who does not manage it must know the old password.
    pub(super) fn check_change(
        &self,
        old: &OldRow<'_>,
        request: &RequestInfo<'_>,
        refusals: &mut Refusals,
    ) -> Result<()> {
        if !self.is_change() {
            return Ok(());
        }
        self.check_new(refusals);
        if request.caller.is_superuser() {
            return Ok(());
        }
        let hash = match old.get("password") {
            Some(Value::Text(hash)) => hash.as_str(),
            _ => "",
        };
        let is_checked = |checked: &&CheckedPassword| checked.hash == hash && checked.password == self.old;
        let is_right = || match request.checked_passwords.iter().find(is_checked) {
            Some(checked) => checked.is_right,
            // It has been changed since it was checked.
            None => backspin_password_hash::verify(&self.old, hash),
        };
        if self.old.is_empty() {
            refusals.unless_manager.push(("oldPassword", required()));
        } else if !is_right() {
            let message = "Missing or invalid old password.";
            let error = FieldError::new("validation_invalid_old_password", message);
            refusals.unless_manager.push(("oldPassword", error));
        }
        Ok(())
    }
}

/// What `body` has as the old password of an account; empty if it has none.
pub fn old_password(snapshot: &Snapshot, body: &Map<String, Json>) -> Result<String> {
    Credentials::read(snapshot, None, body).map(|credentials| credentials.old)
}

/// What proves who an account is, or makes it provable: the keys of a body that change it.
const OF_CREDENTIALS: [&str; 6] =
    ["email", "verified", "password", "passwordConfirm", "oldPassword", "tokenKey"];

/// An API key leaves the credentials of accounts alone: else it could take one over, and outlast its own end.
///
/// Errors: 403 if the body changes them.
pub(crate) fn check_credentials_stay(
    collection: &Collection,
    body: &Map<String, Json>,
    caller: &Caller,
) -> Result<()> {
    let name = |key: &str| Modifier::split(key).map_or(key.to_owned(), |(name, _)| name.to_owned());
    let changes = |key: &String| OF_CREDENTIALS.contains(&name(key).as_str());
    if caller.scopes().is_some() && collection.is_auth() && body.keys().any(changes) {
        let message =
            "API keys cannot change credentials: the email, its verification, the password or the token key.";
        return Err(Error::Forbidden(message.to_owned()));
    }
    Ok(())
}

/// The reason of a value that only a manager of the account may change.
pub(super) fn mismatch() -> FieldError {
    FieldError::new("validation_values_mismatch", "Values don't match.")
}

/// A text of any length, as which the keys are read that are no fields.
fn text_field() -> Field {
    Field::new("", FieldOptions::Text(TextOptions::default()))
}
