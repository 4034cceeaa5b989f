//! Whether a database is as good as empty.

use backspin_core::{DatabaseError, Value};
use backspin_native::SoleConnection;
use backspin_schema::quote::Quoted;

use crate::report::counted;

/// How many collections are named when a database is refused.
const NAMES_MAX: usize = 5;

/// Tables, what a row of them is to people, and how many rows a new database may have. Not here is what comes of
/// signing in and goes by itself: sessions, codes, the log of sign-ins.
const COUNTED: [(&str, &str, i64); 7] = [
    ("users", "user", 0),
    ("_externalAuths", "external account", 0),
    ("_superusers", "superuser", 1),
    ("_migrations", "migration", 0),
    ("_apiKeys", "API key", 0),
    ("_totps", "authenticator app", 0),
    ("_outbox", "unsent message", 0),
];

/// Collections of users.
const COLLECTIONS_SQL: &str = r#"SELECT "name"
FROM "_collections"
WHERE NOT "system" AND "id" <> '_pb_users_auth_'"#;

/// Those that every database has and that are no longer as they were made.
const CHANGED_SQL: &str = r#"SELECT "name"
FROM "_collections"
WHERE ("system" OR "id" = '_pb_users_auth_') AND "updated" <> "created""#;

const SETTINGS_SQL: &str = r#"SELECT 1 FROM "_params" WHERE "id" = 'settings'"#;

/// Versions of records that are there no more, which could be put back.
const CHANGES_SQL: &str = r#"SELECT count(*)
FROM "_changes"
WHERE "collection" NOT IN (SELECT "id" FROM "_collections" WHERE "system")"#;

/// What a database holds beside what every new one has and its first superuser, in words; `None` if it is nothing.
pub(super) fn describe(database: &SoleConnection) -> Result<Option<String>, DatabaseError> {
    let tables = texts(database, r#"SELECT "name" FROM "sqlite_master" WHERE "type" = 'table'"#)?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if !has("_backspin") {
        return Ok((!tables.is_empty()).then(|| format!("tables of something else ({})", tables.join(", "))));
    }
    let mut parts = Vec::new();
    match texts(database, COLLECTIONS_SQL)?.as_slice() {
        [] => {}
        names => {
            let more = if names.len() > NAMES_MAX { ", …" } else { "" };
            let some = names[..names.len().min(NAMES_MAX)].join(", ");
            parts.push(format!("{} ({some}{more})", counted(names.len() as u64, "collection")));
        }
    }
    for (table, word, free) in COUNTED.into_iter().filter(|(table, ..)| has(table)) {
        let rows = count(database, &format!("SELECT count(*) FROM {}", Quoted(table)))?;
        if rows > free {
            parts.push(counted(rows.unsigned_abs(), word));
        }
    }
    if database.query(SETTINGS_SQL, Vec::new())?.into_first().is_some() {
        parts.push("changed settings".to_owned());
    }
    match texts(database, CHANGED_SQL)?.as_slice() {
        [] => {}
        names => parts.push(format!("changed options of {}", names.join(", "))),
    }
    // Where there is anything else, that is reason enough.
    if parts.is_empty() && has("_changes") {
        match count(database, CHANGES_SQL)? {
            0 => {}
            changes => parts.push(counted(changes.unsigned_abs(), "logged change")),
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join(", ")))
}

fn count(database: &SoleConnection, sql: &str) -> Result<i64, DatabaseError> {
    match database.query(sql, Vec::new())?.into_first() {
        Some(Value::Integer(count)) => Ok(count),
        _ => Ok(0),
    }
}

fn texts(database: &SoleConnection, sql: &str) -> Result<Vec<String>, DatabaseError> {
    let values = database.query(sql, Vec::new())?.rows.into_iter().flatten();
    let texts = values.filter_map(|value| match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
    });
    Ok(texts.collect())
}
