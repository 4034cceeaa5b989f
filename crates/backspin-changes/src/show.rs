//! Changes as JSON, with what the caller may see of them.

use std::collections::BTreeMap;

use backspin_core::{Platform, Result, Value};
use backspin_records::{Asked, RequestInfo, show_images};
use backspin_schema::log::Image;
use backspin_schema::{App, Attempt, AuthRecord, Caller, Collection, Snapshot};
use serde_json::{Value as Json, json};

use crate::change::Change;

/// Each change; `None` if the caller may see neither the record before nor after it, or if it was logged for another
/// collection of that id and the caller is no superuser. One statement for each collection
/// among them, none for superusers.
pub(crate) async fn show(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    request: &RequestInfo<'_>,
    asked: Asked,
    changes: &[Change],
) -> Result<Attempt<Vec<Option<Json>>>> {
    let mut by_collection: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, change) in changes.iter().enumerate() {
        by_collection.entry(&change.collection).or_default().push(position);
    }
    let mut shown = vec![None; changes.len()];
    for (id, positions) in by_collection {
        let Some(collection) = snapshot.find_by_id(id) else {
            if request.caller.is_superuser() && request.caller.scopes().is_none() {
                positions.iter().for_each(|position| shown[*position] = Some(of_gone(&changes[*position])));
            }
            continue;
        };
        let mut positions = positions;
        if !request.caller.is_superuser() {
            positions.retain(|position| !changes[*position].is_of_predecessor);
        }
        let images = |image: fn(&Change) -> Option<&Image>| {
            let rows = positions.iter().filter_map(|position| image(&changes[*position]));
            rows.map(|image| image.row(collection)).collect::<Vec<Vec<Value>>>()
        };
        let (before, after) =
            (images(|change| change.before.as_ref()), images(|change| change.after.as_ref()));
        let rows = [before, after].concat();
        let images = match show_images(app, snapshot, request, (collection, asked), &rows).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(images) => images,
        };
        let count = positions.iter().filter(|position| changes[**position].before.is_some()).count();
        let (before, after) = images.split_at(count);
        let (mut before, mut after) = (before.iter().cloned(), after.iter().cloned());
        for position in positions {
            let change = &changes[position];
            let next = |has: bool, images: &mut dyn Iterator<Item = Option<Json>>| {
                if has { images.next().flatten() } else { None }
            };
            let before = next(change.before.is_some(), &mut before);
            let after = next(change.after.is_some(), &mut after);
            if before.is_some() || after.is_some() {
                shown[position] = Some(item(request.caller, collection, change, before, after));
            }
        }
    }
    Ok(Attempt::Done(shown))
}

fn item(
    caller: &Caller,
    collection: &Collection,
    change: &Change,
    before: Option<Json>,
    after: Option<Json>,
) -> Json {
    let mut item = json!({
        "seq": change.seq,
        "time": change.time,
        "collectionId": change.collection,
        "collectionName": collection.name,
        "recordId": change.record,
        "action": change.action,
        "actor": actor(caller, change),
        "before": before,
        "after": after,
    });
    if caller.is_superuser() && !change.secrets.is_empty() {
        item["secrets"] = secrets(collection, change);
    }
    item
}

/// The names of the secret fields that have changed.
pub(crate) fn secrets(collection: &Collection, change: &Change) -> Json {
    let name = |id: &String| collection.find_field_by_id(id).map_or(id.clone(), |field| field.name.clone());
    change.secrets.iter().map(name).collect()
}

/// Who did it: for superusers, and for the one who did.
fn actor(caller: &Caller, change: &Change) -> Json {
    let is_caller = |actor: &&String| {
        let own = |record: &AuthRecord| **actor == format!("{}/{}", record.collection_id, record.id());
        caller.record().is_some_and(own)
    };
    let actor = change.actor.as_ref().filter(|actor| caller.is_superuser() || is_caller(actor));
    actor.map_or(Json::Null, |actor| actor.as_str().into())
}

/// Of a collection that is no longer there: what it called its fields is not known, so these are their ids.
fn of_gone(change: &Change) -> Json {
    json!({
        "seq": change.seq,
        "time": change.time,
        "collectionId": change.collection,
        "collectionName": "",
        "recordId": change.record,
        "action": change.action,
        "actor": change.actor,
        "before": change.before.as_ref().map(Image::by_ids),
        "after": change.after.as_ref().map(Image::by_ids),
    })
}
