//! A row of the log.

use backspin_core::{Error, Result, Row, Rows, Value};
use backspin_schema::log::{Image, last_of_predecessor};

/// What [`read`] reads, in its order.
pub(crate) fn columns() -> String {
    let last = last_of_predecessor("\"collection\"");
    format!(
        r#""seq", "time", "collection", "record", "action", "actor", "before", "after", "secrets", iif("seq" <= {last}, 'other', NULL)"#
    )
}

/// One change of one record.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) seq: i64,
    pub(crate) time: String,
    pub(crate) collection: String,
    pub(crate) record: String,
    /// `create`, `update` or `delete`.
    pub(crate) action: String,
    /// `collectionId/recordId` or `guest`.
    pub(crate) actor: Option<String>,
    pub(crate) before: Option<Image>,
    pub(crate) after: Option<Image>,
    /// The ids of secret fields that have changed.
    pub(crate) secrets: Vec<String>,
    /// Whether it is of a collection that is gone and had the same id.
    pub(crate) is_of_predecessor: bool,
}

/// The rows of a statement that selects [`columns`].
pub(crate) fn read(rows: Rows) -> Result<Vec<Change>> {
    rows.rows.into_iter().map(change).collect()
}

fn change(row: Row) -> Result<Change> {
    let mut values = row.into_iter();
    let seq = match values.next() {
        Some(Value::Integer(seq)) => seq,
        _ => return Err(Error::internal("_changes.seq is no integer")),
    };
    let mut next = || match values.next() {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    let mut text = || next().unwrap_or_default();
    let (time, collection, record, action) = (text(), text(), text(), text());
    let (actor, before, after, secrets) = (next(), next(), next(), next());
    let unreadable = |error| Error::internal(format!("change {seq} cannot be read: {error}"));
    let image = |json: Option<String>| json.map(|json| Image::parse(&json)).transpose().map_err(unreadable);
    Ok(Change {
        seq,
        time,
        collection,
        record,
        action,
        actor,
        before: image(before)?,
        after: image(after)?,
        is_of_predecessor: next().is_some(),
        secrets: secrets.map_or(Ok(vec![]), |json| serde_json::from_str(&json)).map_err(unreadable)?,
    })
}
