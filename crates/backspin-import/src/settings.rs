//! The settings, which PocketBase keeps as one JSON object.

use backspin_core::{Database, DatabaseError, Value};
use backspin_native::{NativeDatabase, NativeTransaction};
use serde_json::{Map, Value as Json};

use crate::Report;

const SELECT_SQL: &str = r#"SELECT "value", "created", "updated" FROM "_params" WHERE "id" = 'settings'"#;

const INSERT_SQL: &str = r#"INSERT INTO "_params" ("id", "value", "created", "updated")
VALUES ('settings', ?1, ?2, ?3)"#;

/// Brings the settings. What is encrypted or of no effect here is told.
///
/// Returns whether files of records are kept in S3.
pub(crate) async fn bring(
    source: &NativeDatabase,
    target: &NativeTransaction,
    report: &mut Report,
) -> Result<bool, DatabaseError> {
    let row = match source.query(SELECT_SQL, Vec::new()).await {
        Ok(rows) => rows.rows.into_iter().next().unwrap_or_default(),
        Err(DatabaseError::NoSuchTable(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    let [value, created, updated] = row.as_slice() else {
        report.not_brought("the settings", "there are none");
        return Ok(false);
    };
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Null | Value::Integer(_) | Value::Real(_) => String::new(),
    };
    let Ok(settings) = serde_json::from_str::<Map<String, Json>>(&text) else {
        report.not_brought("the settings", "they are encrypted, or no JSON: enter them again");
        return Ok(false);
    };
    let text = Json::Object(settings.clone()).to_string();
    target.run(INSERT_SQL, vec![text.into(), created.clone(), updated.clone()])?;
    report.settings = true;
    let is_enabled = |part: &Json| part["enabled"] == true;
    Ok(settings.get("s3").is_some_and(is_enabled))
}
