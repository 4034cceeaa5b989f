//! Who may do what with the records of a collection.

use backspin_core::{Error, Result};
use backspin_schema::{Caller, Collection, Snapshot};

/// As [`get_collection`], in the words that PocketBase has for it where a body comes along.
pub(crate) fn get_collection_to_write<'a>(
    snapshot: &'a Snapshot,
    id_or_name: &str,
) -> Result<&'a Collection> {
    let not_found = || Error::NotFound("Missing or invalid collection context.".to_owned());
    snapshot.find(id_or_name).ok_or_else(not_found)
}

/// The collection of this id or name.
///
/// Errors: 404.
pub(crate) fn get_collection<'a>(snapshot: &'a Snapshot, id_or_name: &str) -> Result<&'a Collection> {
    snapshot.find(id_or_name).ok_or_else(|| Error::NotFound("Missing collection context.".to_owned()))
}

/// The condition that the rule puts on a record for `caller`; `None` if it puts none.
///
/// Errors: 403 if only superusers may.
pub(crate) fn condition<'r>(rule: Option<&'r str>, caller: &Caller) -> Result<Option<&'r str>> {
    match rule {
        _ if caller.is_superuser() => Ok(None),
        None => Err(Error::Forbidden("Only superusers can perform this action.".to_owned())),
        Some(rule) => Ok(Some(rule).filter(|rule| !rule.trim().is_empty())),
    }
}

/// Lets pass whom the rule lets pass, whatever the record.
///
/// Errors: 403 if only superusers may, 501 if the rule has a condition.
pub(crate) fn check_rule(rule: Option<&str>, caller: &Caller) -> Result<()> {
    match condition(rule, caller)? {
        None => Ok(()),
        Some(_) => Err(Error::Unsupported(
            "The rule of this collection has a condition, which this version cannot check yet.".to_owned(),
        )),
    }
}
