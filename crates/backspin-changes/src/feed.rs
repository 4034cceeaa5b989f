//! `GET /api/changes`

use std::borrow::Cow;

use backspin_core::{Error, Platform, Result, Value, limits};
use backspin_records::{Asked, RequestInfo};
use backspin_schema::{App, Attempt, Collection, Snapshot, VERSION_SQL};
use serde_json::json;

use crate::page::{Page, SIZED, SIZED_ARRAY, limit};
use crate::show::show;
use crate::{invalid, to_text};

const ACTIONS: [&str; 3] = ["create", "update", "delete"];

/// The changes that come after `since`, the oldest first: `{"items":[…],"nextSince":…,"oldest":…}`.
///
/// The query parameters are `since` (a `seq`; without it, from the oldest change there is), `limit` (at most
/// [`limits::CHANGES_MAX`]), `collection` (name or id), `record` (id) and `action`. `nextSince` is the `since` of the
/// next request and moves on even if nothing was found, for a request looks through
/// [`limits::CHANGES_SCANNED_MAX`] changes at most. `oldest` is the first change that the log still holds.
///
/// Superusers see all; others what the list rule and the view rule, put to the record before and after the change, let
/// them see; with `record`, what the view rule does. Of what was logged before the collection was made, under whose id
/// there was another, they see nothing.
///
/// Errors: 400 for a parameter that cannot be read; 403 for an API key without the scope `changes`; 404 for an unknown collection; 409 if changes after `since` are no
/// longer, or not yet, in the log.
pub async fn changes(app: &App<impl Platform>, request: &RequestInfo<'_>) -> Result<String> {
    if request.caller.scopes().is_some_and(|scopes| !scopes.allow_changes()) {
        return Err(Error::Forbidden("The API key lacks the scope changes.".to_owned()));
    }
    let wish = Wish::of(request)?;
    app.with_schema(async |snapshot| {
        let collection = match wish.collection.as_deref() {
            None => None,
            Some(name) => Some(snapshot.find(name).ok_or_else(Error::not_found)?),
        };
        let Attempt::Done(window) = wish.find(app, snapshot, collection).await? else {
            return Ok(Attempt::Stale);
        };
        let changes = window.page.load(app).await?;
        if changes.len() < window.page.seqs.len() {
            return Ok(Attempt::Done(Err(window.removed())));
        }
        let Attempt::Done(shown) = show(app, snapshot, request, wish.asked(), &changes).await? else {
            return Ok(Attempt::Stale);
        };
        let items: Vec<_> = shown.into_iter().flatten().collect();
        let reply = json!({ "items": items, "nextSince": window.next_since, "oldest": window.oldest });
        Ok(Attempt::Done(to_text(&reply)))
    })
    .await?
}

/// What the client asks for.
struct Wish<'a> {
    since: Option<i64>,
    limit: usize,
    collection: Option<Cow<'a, str>>,
    record: Option<Cow<'a, str>>,
    action: Option<Cow<'a, str>>,
}

struct Window {
    page: Page,
    oldest: i64,
    next_since: i64,
}

impl<'a> Wish<'a> {
    fn of(request: &RequestInfo<'a>) -> Result<Self> {
        let query = |name| request.parameters.query(name).filter(|value| !value.is_empty());
        let since = query("since").map(|since| match since.parse::<i64>() {
            Ok(since @ 0..) => Ok(since),
            _ => Err(invalid("since", "Must be a whole number, 0 or above.")),
        });
        let action = query("action");
        if action.as_ref().is_some_and(|action| !ACTIONS.contains(&action.as_ref())) {
            return Err(invalid("action", "Must be create, update or delete."));
        }
        Ok(Wish {
            since: since.transpose()?,
            limit: limit(query("limit").as_deref())?,
            collection: query("collection"),
            record: query("record"),
            action,
        })
    }

    /// Who knows an id sees what it finds by it; others must be allowed to list too.
    fn asked(&self) -> Asked {
        if self.record.is_some() { Asked::ForOne } else { Asked::ForMany }
    }

    /// Errors: 409 if the log does not hold all that came after `since`.
    async fn find(
        &self,
        app: &App<impl Platform>,
        snapshot: &Snapshot,
        collection: Option<&Collection>,
    ) -> Result<Attempt<Window>> {
        let mut parameters: Vec<Value> =
            vec![self.since.map_or(Value::Null, Value::Integer), Value::Integer(self.limit as i64)];
        let mut conditions = String::new();
        let filters = [
            ("collection", collection.map(|collection| collection.id.as_str())),
            ("record", self.record.as_deref()),
            ("action", self.action.as_deref()),
        ];
        for (column, value) in filters {
            if let Some(value) = value {
                parameters.push(value.into());
                conditions.push_str(&format!(" AND \"{column}\" = ?{}", parameters.len()));
            }
        }
        // The changes of one record have an index: the whole log can be looked through.
        let (index, scanned) = match self.record {
            Some(_) => (" INDEXED BY \"idx__changes_record\"", i64::MAX / 2),
            None => ("", limits::CHANGES_SCANNED_MAX),
        };
        let sql = format!(
            r#"SELECT {VERSION_SQL}, "oldest", "newest", (
    SELECT {SIZED_ARRAY} FROM (
        SELECT {SIZED} FROM "_changes"{index}
        WHERE "seq" > "from" AND "seq" <= "from" + {scanned}{conditions}
        ORDER BY "seq" LIMIT ?2
    )
)
FROM (SELECT "oldest", "newest", coalesce(?1, "oldest" - 1) AS "from" FROM (
    SELECT coalesce((SELECT min("seq") FROM "_changes"), 1) AS "oldest",
        coalesce((SELECT max("seq") FROM "_changes"), 0) AS "newest"
))"#
        );
        let row = match app.read(snapshot, &sql, parameters).await? {
            Attempt::Stale => return Ok(Attempt::Stale),
            Attempt::Done(row) => row,
        };
        let integer = |position: usize| match row.get(position) {
            Some(Value::Integer(integer)) => *integer,
            _ => 0,
        };
        let (oldest, newest) = (integer(0), integer(1));
        let page = Page::of(row.get(2), self.limit);
        let from = self.since.unwrap_or(oldest - 1);
        let next_since = match page.seqs.last() {
            Some(last) if page.is_cut => *last,
            _ => newest.min(from.saturating_add(scanned)),
        };
        let window = Window { page, oldest, next_since };
        if from < oldest - 1 {
            return Err(window.removed());
        }
        if from > newest {
            let message = format!(
                "The log ends at {newest}: it is not the one that {from} comes from. Read the records anew."
            );
            return Err(Error::Conflict(message));
        }
        Ok(Attempt::Done(window))
    }
}

impl Window {
    fn removed(&self) -> Error {
        let since = self.oldest - 1;
        Error::Conflict(format!(
            "Changes after the one asked for were removed from the log. Read the records anew, then go on from since={since}."
        ))
    }
}
