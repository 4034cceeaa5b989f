//! Two changes at once: what a client replaces must be what was there when its request came.

use backspin_core::{Error, Result};
use backspin_schema::{Collection, Snapshot};
use serde_json::{Map, Value as Json};

/// Set by the server alone, whatever a client sends.
const NEVER_REPLACED: [&str; 3] = ["id", "created", "updated"];

/// A part of a collection is replaced as a whole: two clients that each add a field to the same list would else undo
/// each other without a word.
///
/// Errors: 409 if a part that `definition` names is not in `now` as it was when the request came, in `seen`; `now`
/// belongs to `snapshot`.
pub(crate) fn check(
    seen: &Snapshot,
    snapshot: &Snapshot,
    now: &Collection,
    definition: &Map<String, Json>,
) -> Result<()> {
    if seen.version() == snapshot.version() {
        return Ok(());
    }
    let conflict = |what: &str| {
        let name = &now.name;
        let message =
            format!("Somebody else has changed the collection {name} at the same time{what}. Load it again.");
        Err(Error::Conflict(message))
    };
    let Some(before) = seen.find_by_id(&now.id) else { return conflict("") };
    let to_json =
        |collection| serde_json::to_value(collection).map_err(|error| Error::Internal(error.into()));
    let (before, now): (Json, Json) = (to_json(before)?, to_json(now)?);
    let is_replaced = |key: &&String| !NEVER_REPLACED.contains(&key.as_str());
    match definition.keys().filter(is_replaced).find(|key| before.get(key) != now.get(key)) {
        Some(key) => conflict(&format!(", its {key} too")),
        None => Ok(()),
    }
}

/// Errors: 409 if anything has changed since the request came.
pub(crate) fn check_all(seen: &Snapshot, snapshot: &Snapshot) -> Result<()> {
    if seen.version() == snapshot.version() {
        return Ok(());
    }
    let message = "Somebody else has changed the schema at the same time. Load it again.";
    Err(Error::Conflict(message.to_owned()))
}
