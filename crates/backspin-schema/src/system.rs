//! The tables and collections that every database has, made on first use.

use backspin_core::{Database, Env, Error, Platform, Result, Timestamp, Transaction, Value, id};

use crate::collection::{Collection, CollectionKind};
use crate::{ddl, log, store};

/// Counts up when a Backspin writes what an older one could not read. 2: the change log.
pub(crate) const FORMAT: i64 = 2;

/// In the order of creation: `_mfas`, `_otps`, `_externalAuths`, `_authOrigins`, `_superusers`, `users`.
const COLLECTIONS_JSON: &str = include_str!("system/collections.json");

/// `_backspin` holds the format and the version of the schema; the other two are as in PocketBase.
const TABLES_SQL: [&str; 4] = [
    r#"CREATE TABLE "_backspin" ("name" TEXT PRIMARY KEY NOT NULL, "value" TEXT NOT NULL) WITHOUT ROWID"#,
    r#"CREATE TABLE "_params" (
    "id" TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
    "value" JSON DEFAULT NULL,
    "created" TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL,
    "updated" TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
)"#,
    r#"CREATE TABLE "_collections" (
    "id" TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL,
    "system" BOOLEAN DEFAULT FALSE NOT NULL,
    "type" TEXT DEFAULT 'base' NOT NULL,
    "name" TEXT UNIQUE NOT NULL,
    "fields" JSON DEFAULT '[]' NOT NULL,
    "indexes" JSON DEFAULT '[]' NOT NULL,
    "listRule" TEXT DEFAULT NULL,
    "viewRule" TEXT DEFAULT NULL,
    "createRule" TEXT DEFAULT NULL,
    "updateRule" TEXT DEFAULT NULL,
    "deleteRule" TEXT DEFAULT NULL,
    "options" JSON DEFAULT '{}' NOT NULL,
    "created" TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL,
    "updated" TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%fZ')) NOT NULL
)"#,
    r#"CREATE INDEX "idx__collections_type" ON "_collections" ("type")"#,
];

/// Makes the system tables and collections in one transaction, unless another instance did so first.
pub(crate) async fn install(platform: &impl Platform) -> Result<()> {
    let (database, env) = (platform.database(), platform.env());
    // In this mode readers and the writer do not wait for each other, and the file keeps it. libSQL
    // refuses the statement and needs it not.
    let _ = database.execute("PRAGMA journal_mode = WAL", Vec::new()).await;

    database.transact(async |transaction| install_in(transaction, env).await).await
}

async fn install_in(transaction: &impl Transaction, env: &impl Env) -> Result<()> {
    let installed = r#"SELECT 1 FROM "sqlite_master" WHERE "type" = 'table' AND "name" = '_backspin'"#;
    if transaction.execute(installed, Vec::new()).await?.into_first().is_some() {
        return Ok(());
    }
    for sql in TABLES_SQL {
        transaction.execute(sql, Vec::new()).await?;
    }
    let states = [("format", FORMAT.to_string()), ("schema_version", id::record_id(env))];
    for (name, value) in states {
        let sql = r#"INSERT INTO "_backspin" ("name", "value") VALUES (?1, ?2)"#;
        transaction.execute(sql, vec![name.into(), value.into()]).await?;
    }
    log::create_table(transaction).await?;
    for collection in collections(env)? {
        store::insert(transaction, &collection).await?;
        transaction.execute(&ddl::create_table(&collection), Vec::new()).await?;
        for trigger in log::create_triggers(&collection) {
            transaction.execute(&trigger, Vec::new()).await?;
        }
        for index in &collection.indexes {
            transaction.execute(index, Vec::new()).await?;
        }
    }
    Ok(())
}

/// The next version of the schema, within the transaction that changes it.
pub(crate) async fn change_version(transaction: &impl Transaction, env: &impl Env) -> Result<()> {
    let sql = r#"UPDATE "_backspin" SET "value" = ?1 WHERE "name" = 'schema_version'"#;
    transaction.execute(sql, vec![Value::from(id::record_id(env))]).await?;
    Ok(())
}

/// Notes that the database comes from PocketBase, within the transaction that brings its records: tokens of PocketBase are
/// good in it. See [`crate::Snapshot::imported`].
///
/// Errors: the database's.
pub async fn mark_imported(transaction: &impl Transaction, env: &impl Env) -> Result<()> {
    let sql = r#"INSERT INTO "_backspin" ("name", "value") VALUES ('imported', ?1)
ON CONFLICT DO UPDATE SET "value" = "excluded"."value""#;
    transaction.execute(sql, vec![env.now().to_string().into()]).await?;
    change_version(transaction, env).await
}

/// Whether the database has to be brought from `format` to [`FORMAT`].
///
/// Errors: 503 if `format` is one that this program does not know.
pub(crate) fn is_outdated(format: &str) -> Result<bool> {
    match format.parse::<i64>() {
        Ok(format) if format <= FORMAT => Ok(format < FORMAT),
        _ => Err(Error::Unavailable(format!(
            "The database has the format {format}, and this version of Backspin reads up to {FORMAT}. \
             Update Backspin."
        ))),
    }
}

fn collections(env: &impl Env) -> Result<Vec<Collection>> {
    let mut collections: Vec<Collection> =
        serde_json::from_str(COLLECTIONS_JSON).map_err(|error| Error::Internal(error.into()))?;
    for collection in &mut collections {
        stamp(collection, env.now());
        fill_secrets(collection, env);
    }
    Ok(collections)
}

/// Sets when the collection was made and last changed.
pub fn stamp(collection: &mut Collection, now: Timestamp) {
    collection.created = now.to_string();
    collection.updated = now.to_string();
}

/// Gives each kind of token that has none its own random part of the signing key.
pub fn fill_secrets(collection: &mut Collection, env: &impl Env) {
    const SECRET_CHARS: usize = 50;
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if let CollectionKind::Auth(options) = &mut collection.kind {
        options.fill_secrets(|| id::random_string(env, SECRET_CHARS, ALPHABET));
    }
}
