//! What the requests hold: `{"collections":[…],"deleteMissing":false,"fingerprint":"…",
//! "acceptedLosses":["posts.title"],"number":3,"before":3}`.

use backspin_core::{Env, Error, Result, Timestamp, limits};
use backspin_migrations::Forgotten;
use backspin_schema::Snapshot;
use backspin_secrets::SecretKey;
use serde_json::{Map, Value as Json};

use crate::change::{Missing, Wanted};

const INVALID: &str = "An error occurred while loading the submitted data.";
const LOSSES_MAX: usize = 10_000;

/// The wanted schema: `collections`, in PocketBase's JSON, and whether the others go.
pub(super) struct Definitions {
    collections: Vec<Map<String, Json>>,
    delete_missing: bool,
}

impl Definitions {
    /// Errors: 400 for anything but a list of at most [`limits::COLLECTIONS_DEFINED_MAX`] objects.
    pub(super) fn read(body: &Map<String, Json>) -> Result<Self> {
        let invalid = || {
            let reason = "Must be a list of collections.";
            Error::field(INVALID, "collections", "validation_invalid_value", reason)
        };
        let list = match body.get("collections") {
            None | Some(Json::Null) => {
                return Err(Error::field(INVALID, "collections", "validation_required", "Cannot be blank."));
            }
            Some(list) => list.as_array().ok_or_else(invalid)?,
        };
        if list.len() > limits::COLLECTIONS_DEFINED_MAX {
            let reason =
                format!("At most {} collections are defined at once.", limits::COLLECTIONS_DEFINED_MAX);
            return Err(Error::field(INVALID, "collections", "validation_length_too_long", reason));
        }
        let collections: Option<Vec<_>> = list.iter().map(|one| one.as_object().cloned()).collect();
        let delete_missing = match body.get("deleteMissing") {
            None | Some(Json::Null) => false,
            Some(Json::Bool(delete)) => *delete,
            Some(_) => {
                let reason = "Must be true or false.";
                return Err(Error::field(INVALID, "deleteMissing", "validation_invalid_value", reason));
            }
        };
        Ok(Definitions { collections: collections.ok_or_else(invalid)?, delete_missing })
    }

    /// The schema that they make of `snapshot`. A collection that is defined has the fields of its
    /// definition and no others.
    pub(super) fn wanted(&self, snapshot: &Snapshot, env: &impl Env, key: &SecretKey) -> Result<Wanted> {
        let missing =
            Missing { deletes_collections: self.delete_missing, deletes_fields: true, as_in_import: false };
        let wanted = Wanted::merged(snapshot, &self.collections, missing, env, key)?;
        Ok(Wanted { converts: true, ..wanted })
    }
}

/// The [`backspin_migrations::Step::target`]s that may lose data.
///
/// Errors: 400 for anything but a list of texts.
pub(super) fn accepted_losses(body: &Map<String, Json>) -> Result<Vec<String>> {
    let list = match body.get("acceptedLosses") {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(list) => list.as_array().filter(|list| list.len() <= LOSSES_MAX),
    };
    let text = |target: &Json| target.as_str().map(str::to_owned);
    list.and_then(|list| list.iter().map(text).collect()).ok_or_else(|| {
        let reason = "Must be a list of names such as posts.title.";
        Error::field(INVALID, "acceptedLosses", "validation_invalid_value", reason)
    })
}

/// The fingerprint that [`super::plan`] has told.
///
/// Errors: 400 without one.
pub(super) fn fingerprint(body: &Map<String, Json>) -> Result<&str> {
    body.get("fingerprint").and_then(Json::as_str).filter(|text| !text.is_empty()).ok_or_else(|| {
        let reason = "The fingerprint of the plan is needed.";
        Error::field(INVALID, "fingerprint", "validation_required", reason)
    })
}

/// The number of a migration.
///
/// Errors: 400 for what is no whole number.
pub(super) fn find_number(body: &Map<String, Json>) -> Result<Option<i64>> {
    match body.get("number") {
        None | Some(Json::Null) => Ok(None),
        Some(number) => number.as_i64().map(Some).ok_or_else(|| {
            let reason = "Must be the number of a migration.";
            Error::field(INVALID, "number", "validation_invalid_value", reason)
        }),
    }
}

/// Of which migrations: the `number` of one, or `before`, the number of one or a time, all those before it.
///
/// Errors: 400 without either or with both, and for a `before` that is neither.
pub(super) fn forgotten(body: &Map<String, Json>) -> Result<Forgotten> {
    let refused = |part: &str, code: &str, reason: &str| Err(Error::field(INVALID, part, code, reason));
    let before = body.get("before").filter(|before| !before.is_null());
    match (find_number(body)?, before) {
        (Some(number), None) => Ok(Forgotten::Number(number)),
        (None, None) => refused("number", "validation_required", "Cannot be blank."),
        (Some(_), Some(_)) => {
            refused("before", "validation_invalid_value", "Give a number or this, not both.")
        }
        (None, Some(before)) => {
            let number = before.as_i64().map(Forgotten::BeforeNumber);
            let time = || before.as_str().and_then(Timestamp::parse).map(Forgotten::BeforeTime);
            number.or_else(time).map_or_else(
                || {
                    refused(
                        "before",
                        "validation_invalid_value",
                        "Must be the number of a migration or a time.",
                    )
                },
                Ok,
            )
        }
    }
}
