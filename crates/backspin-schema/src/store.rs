//! Collections in the table `_collections`, in PocketBase's columns.

use std::collections::HashMap;

use backspin_core::{Database, DatabaseError, Error, Timestamp, Transaction, Value};
use serde_json::Value as Json;

use crate::collection::{Collection, CollectionKind};
use crate::{Schema, Snapshot, system};

/// Everything in one statement, so that the version is that of the collections and the settings.
const LOAD_SQL: &str = r#"SELECT "state"."name" AS "state", "state"."value", "collection".*,
    iif("state"."name" = 'format', (SELECT "value" FROM "_params" WHERE "id" = 'settings'), NULL) AS "settings"
FROM "_backspin" AS "state"
LEFT JOIN "_collections" AS "collection" ON "state"."name" = 'schema_version'
WHERE "state"."name" IN ('format', 'schema_version', 'imported')
ORDER BY "collection"."rowid""#;

const INSERT_SQL: &str = r#"INSERT INTO "_collections"
("id", "system", "type", "name", "fields", "indexes", "listRule", "viewRule", "createRule", "updateRule", "deleteRule", "options", "created", "updated")
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"#;

const UPDATE_SQL: &str = r#"UPDATE "_collections"
SET "system" = ?2, "type" = ?3, "name" = ?4, "fields" = ?5, "indexes" = ?6, "listRule" = ?7, "viewRule" = ?8, "createRule" = ?9, "updateRule" = ?10, "deleteRule" = ?11, "options" = ?12, "created" = ?13, "updated" = ?14
WHERE "id" = ?1"#;

const DELETE_SQL: &str = r#"DELETE FROM "_collections" WHERE "id" = ?1"#;

/// Adds the collection to the schema; its table is the caller's business.
pub async fn insert(transaction: &impl Transaction, collection: &Collection) -> Result<(), Error> {
    transaction.execute(INSERT_SQL, parameters(collection)?).await?;
    Ok(())
}

/// Replaces the collection of the same id.
pub async fn update(transaction: &impl Transaction, collection: &Collection) -> Result<(), Error> {
    transaction.execute(UPDATE_SQL, parameters(collection)?).await?;
    Ok(())
}

/// Takes the collection out of the schema; its table is the caller's business.
pub async fn delete(transaction: &impl Transaction, collection: &Collection) -> Result<(), Error> {
    transaction.execute(DELETE_SQL, vec![collection.id.as_str().into()]).await?;
    Ok(())
}

/// Why there is no schema to be had.
pub(crate) enum LoadError {
    /// The database is empty.
    NotInstalled,
    /// An older Backspin has written it.
    Outdated,
    Failed(Error),
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::NotInstalled | LoadError::Outdated => {
                Error::internal("the system tables vanished as soon as they were made")
            }
            LoadError::Failed(error) => error,
        }
    }
}

/// Reads the schema.
pub(crate) async fn load(database: &impl Database) -> Result<Snapshot, LoadError> {
    let rows = database.query(LOAD_SQL, Vec::new()).await.map_err(|error| match error {
        DatabaseError::NoSuchTable(table) if table == "_backspin" => LoadError::NotInstalled,
        error => LoadError::Failed(error.into()),
    })?;
    let (mut format, mut version, mut settings, mut imported) = (None, None, None, None);
    let mut found = Vec::new();
    for mut row in rows.into_maps() {
        let value = row.remove("value");
        match (row.get("state"), value) {
            (Some(Value::Text(name)), Some(Value::Text(stored))) if name == "format" => {
                format = Some(stored);
                settings = row.remove("settings").filter(|settings| *settings != Value::Null);
            }
            (Some(Value::Text(name)), Some(Value::Text(stored))) if name == "imported" => {
                imported = Timestamp::parse(&stored);
            }
            (_, Some(Value::Text(value))) => {
                version = Some(value);
                if !matches!(row.get("id"), None | Some(Value::Null)) {
                    found.push(row);
                }
            }
            _ => {}
        }
    }
    let format = format.ok_or_else(|| LoadError::Failed(Error::internal("_backspin has no format")))?;
    if system::is_outdated(&format).map_err(LoadError::Failed)? {
        return Err(LoadError::Outdated);
    }
    let version =
        version.ok_or_else(|| LoadError::Failed(Error::internal("_backspin has no schema_version")))?;
    // Only now, for what a newer Backspin has written may be of another form.
    let collections =
        found.iter_mut().map(collection).collect::<Result<_, _>>().map_err(LoadError::Failed)?;
    Ok(Snapshot::new(version, Schema::new(collections)).with_settings(settings).with_imported(imported))
}

/// All collections, in the order of their making.
pub(crate) async fn collections(transaction: &impl Transaction) -> Result<Vec<Collection>, Error> {
    let sql = r#"SELECT * FROM "_collections" ORDER BY "rowid""#;
    let rows = transaction.execute(sql, Vec::new()).await?;
    rows.into_maps().map(|mut row| collection(&mut row)).collect()
}

/// The parameters of [`INSERT_SQL`] and [`UPDATE_SQL`].
fn parameters(collection: &Collection) -> Result<Vec<Value>, Error> {
    let mut options = to_json(&collection.kind)?;
    if let Json::Object(options) = &mut options {
        options.shift_remove("type");
    }
    Ok(vec![
        collection.id.as_str().into(),
        collection.system.into(),
        collection.type_name().into(),
        collection.name.as_str().into(),
        to_json(&collection.fields)?.to_string().into(),
        to_json(&collection.indexes)?.to_string().into(),
        collection.list_rule.clone().into(),
        collection.view_rule.clone().into(),
        collection.create_rule.clone().into(),
        collection.update_rule.clone().into(),
        collection.delete_rule.clone().into(),
        options.to_string().into(),
        collection.created.as_str().into(),
        collection.updated.as_str().into(),
    ])
}

fn collection(row: &mut HashMap<String, Value>) -> Result<Collection, Error> {
    let name = text(row, "name")?;
    let unreadable = |error: serde_json::Error| {
        Error::internal(format!("the collection {name} is stored in a form that cannot be read: {error}"))
    };
    let mut kind: Json = serde_json::from_str(&text(row, "options")?).map_err(unreadable)?;
    kind["type"] = text(row, "type")?.into();
    Ok(Collection {
        id: text(row, "id")?,
        list_rule: rule(row, "listRule"),
        view_rule: rule(row, "viewRule"),
        create_rule: rule(row, "createRule"),
        update_rule: rule(row, "updateRule"),
        delete_rule: rule(row, "deleteRule"),
        kind: serde_json::from_value::<CollectionKind>(kind).map_err(unreadable)?,
        fields: serde_json::from_str(&text(row, "fields")?).map_err(unreadable)?,
        indexes: serde_json::from_str(&text(row, "indexes")?).map_err(unreadable)?,
        created: text(row, "created")?,
        updated: text(row, "updated")?,
        system: row.get("system") == Some(&Value::Integer(1)),
        name,
    })
}

fn text(row: &mut HashMap<String, Value>, column: &str) -> Result<String, Error> {
    match row.remove(column) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(Error::internal(format!("_collections.{column} holds no text"))),
    }
}

fn rule(row: &mut HashMap<String, Value>, column: &str) -> Option<String> {
    match row.remove(column) {
        Some(Value::Text(rule)) => Some(rule),
        _ => None,
    }
}

fn to_json(value: impl serde::Serialize) -> Result<Json, Error> {
    serde_json::to_value(value).map_err(|error| Error::Internal(error.into()))
}
