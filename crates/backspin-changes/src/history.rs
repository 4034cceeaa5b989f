//! `GET /api/collections/:collection/records/:id/history`

use backspin_core::{Error, Platform, Result, Value};
use backspin_records::{Asked, RequestInfo};
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Collection, VERSION_SQL};
use serde_json::{Map, Value as Json, json};

use crate::change::Change;
use crate::page::{Page, SIZED, SIZED_ARRAY, limit};
use crate::show::{secrets, show};
use crate::{invalid, to_text};

/// The versions of a record, the newest first: `{"items":[…],"next":…}`, for superusers.
///
/// A version is `seq`, `time`, `action`, `actor`, the `record` as it was (of a deletion, as it was before), the
/// `changes` by field as `{"from","to"}`, and `secrets`: the names of fields that have changed and are never shown. The
/// query parameter `limit` bounds them; `before` is the `next` of the page before, which is null on the last.
///
/// Errors: 400 for a parameter that cannot be read; 401, 403; 404 if neither the record nor a trace of it is there.
pub async fn history(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
) -> Result<String> {
    request.caller.require_superuser()?;
    let limit = limit(request.parameters.query("limit").as_deref())?;
    let before = match request.parameters.query("before").as_deref() {
        None | Some("") => i64::MAX,
        Some(text) => text.parse().map_err(|_| invalid("before", "Must be a whole number."))?,
    };
    app.with_schema(async |snapshot| {
        let collection = snapshot.find(collection).ok_or_else(Error::not_found)?;
        if collection.is_view() {
            return Err(Error::bad_request(
                "A view has no history of its own: ask for that of what it reads.",
            ));
        }
        let sql = format!(
            r#"SELECT {VERSION_SQL}, EXISTS (SELECT 1 FROM {} WHERE "id" = ?2), (
    SELECT {SIZED_ARRAY} FROM (
        SELECT {SIZED} FROM "_changes" INDEXED BY "idx__changes_record"
        WHERE "record" = ?2 AND "seq" < ?3 AND "collection" = ?1
        ORDER BY "seq" DESC LIMIT ?4
    )
)"#,
            Quoted(&collection.name)
        );
        let parameters: Vec<Value> =
            vec![collection.id.as_str().into(), id.into(), before.into(), (limit as i64).into()];
        let Attempt::Done(row) = app.read(snapshot, &sql, parameters).await? else {
            return Ok(Attempt::Stale);
        };
        let page = Page::of(row.get(1), limit);
        if page.seqs.is_empty() && before == i64::MAX && row.first() != Some(&Value::Integer(1)) {
            return Err(Error::not_found());
        }
        let mut changes = page.load(app).await?;
        changes.reverse();
        let Attempt::Done(shown) = show(app, snapshot, request, Asked::ForOne, &changes).await? else {
            return Ok(Attempt::Stale);
        };
        let shown = shown.into_iter().map(Option::unwrap_or_default);
        let items: Vec<Json> =
            changes.iter().zip(shown).map(|(change, shown)| version(collection, change, shown)).collect();
        let next = changes.last().filter(|_| page.is_cut).map(|change| change.seq);
        Ok(Attempt::Done(to_text(&json!({ "items": items, "next": next }))))
    })
    .await?
}

fn version(collection: &Collection, change: &Change, mut shown: Json) -> Json {
    let (before, after) = (shown["before"].take(), shown["after"].take());
    let changed = differences(&before, &after);
    json!({
        "seq": change.seq,
        "time": change.time,
        "action": change.action,
        "actor": shown["actor"].take(),
        "record": if after.is_null() { before } else { after },
        "changes": changed,
        "secrets": secrets(collection, change),
    })
}

/// What an update has changed.
fn differences(before: &Json, after: &Json) -> Map<String, Json> {
    let (Json::Object(before), Json::Object(after)) = (before, after) else { return Map::new() };
    let changed = after.iter().filter_map(|(name, to)| {
        let from = before.get(name)?;
        (from != to).then(|| (name.clone(), json!({ "from": from, "to": to })))
    });
    changed.collect()
}
