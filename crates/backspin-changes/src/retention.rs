//! `GET` and `PATCH /api/changes/settings`, `POST /api/changes/compact`: how much of the log is kept.

use backspin_core::{Database, Error, FieldError, FieldErrors, Platform, Result, Value, limits};
use backspin_schema::log::{COMPACTED_BYTES, MAX_COUNT, MAX_DAYS, compact_sql, image_bytes};
use backspin_schema::{App, Caller};
use serde_json::{Map, Value as Json, json};

use crate::to_text;

/// Changes that go in one transaction, at most.
const STEP_ROWS: u32 = 200;
/// Transactions of one request.
const STEPS_MAX: usize = 50;

/// How long and how many changes are kept: `{"maxDays":90,"maxCount":1000000}`; 0 means all.
///
/// Errors: 401, 403.
pub async fn view_retention(app: &App<impl Platform>, caller: &Caller) -> Result<String> {
    caller.require_superuser()?;
    app.snapshot().await?;
    let sql = r#"SELECT "name", CAST("value" AS INTEGER) FROM "_backspin" WHERE "name" IN (?1, ?2)"#;
    let rows = app.database().query(sql, vec![MAX_DAYS.into(), MAX_COUNT.into()]).await?;
    let of = |name: &str| {
        let found = rows.rows.iter().find(|row| row.first() == Some(&Value::from(name)));
        found.and_then(|row| row.get(1)).map_or(0, integer)
    };
    to_text(&json!({ "maxDays": of(MAX_DAYS), "maxCount": of(MAX_COUNT) }))
}

/// Sets `maxDays` and `maxCount` where `body` has them, and returns both. What is too much goes with the writes that
/// come, or by [`compact`].
///
/// Errors: 400 for what is no whole number within the limits; 401, 403.
pub async fn set_retention(
    app: &App<impl Platform>,
    caller: &Caller,
    body: &Map<String, Json>,
) -> Result<String> {
    caller.require_superuser()?;
    app.snapshot().await?;
    let settings =
        [("maxDays", MAX_DAYS, limits::CHANGES_DAYS_MAX), ("maxCount", MAX_COUNT, limits::CHANGES_COUNT_MAX)];
    let (mut wrong, mut wanted) = (FieldErrors::default(), Map::new());
    for (key, name, max) in settings {
        match body.get(key).map(|value| value.as_i64().filter(|value| (0..=max).contains(value))) {
            None => {}
            Some(Some(value)) => drop(wanted.insert(name.to_owned(), value.to_string().into())),
            Some(None) => {
                let message = format!("Must be a whole number from 0, which keeps all, to {max}.");
                wrong.add(key, FieldError::new("validation_invalid_value", message));
            }
        }
    }
    wrong.into_result("Failed to set how much of the change log is kept.")?;
    let sql = r#"UPDATE "_backspin" SET "value" = "wanted"."value"
FROM json_each(?1) AS "wanted" WHERE "name" = "wanted"."key""#;
    app.database().execute(sql, vec![Json::Object(wanted).to_string().into()]).await?;
    view_retention(app, caller).await
}

/// Removes the changes that are too old or too many, in small transactions, so that writers get their turn:
/// `{"removed":n,"isDone":true}`. Not done, it is to be asked again.
///
/// Errors: 401, 403.
pub async fn compact(app: &App<impl Platform>, caller: &Caller) -> Result<String> {
    caller.require_superuser()?;
    app.snapshot().await?;
    let newest = r#"(SELECT max("seq") FROM "_changes")"#;
    let sql = format!("{} RETURNING {}", compact_sql(newest, STEP_ROWS), image_bytes(""));
    let mut removed = 0;
    for _ in 0..STEPS_MAX {
        let sizes = app.database().execute(&sql, Vec::new()).await.map_err(Error::from)?.rows;
        removed += sizes.len();
        let bytes: i64 = sizes.iter().filter_map(|size| size.first()).map(integer).sum();
        if sizes.len() < STEP_ROWS as usize && bytes < i64::from(COMPACTED_BYTES) {
            return to_text(&json!({ "removed": removed, "isDone": true }));
        }
    }
    to_text(&json!({ "removed": removed, "isDone": false }))
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Integer(integer) => *integer,
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => 0,
    }
}
