//! `POST /api/collections/:collection/records/:id/history/:seq/restore`

use backspin_core::{
    Database, DatabaseError, Env, Error, FieldError, FieldErrors, Platform, Result, Transaction, Value,
};
use backspin_records::{ReplyShape, RequestInfo, view};
use backspin_schema::field::FieldOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Caller, Collection, Snapshot, VERSION_SQL, log};
use serde_json::json;

use super::assign::{Assigned, assigned};
use super::{check, write};
use crate::change::{Change, columns, read};

const FAILED: &str = "Failed to restore the version.";

/// Writes a version of a record again, as a new change by the caller, and returns the record: as the change `seq` has
/// left it, or, where that was its deletion, as it was before. A record that is gone is made again. The times that the
/// server sets on each update are now; fields that the version does not have, and secrets, stay as they are. An account
/// that is made again has no password.
///
/// Errors: 400 for relations to records that are not there, values that another record must be the only one to have,
/// and fields that are of another type now; 401, 403; 404 for an unknown version.
pub async fn restore_version(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    collection: &str,
    id: &str,
    seq: &str,
) -> Result<Vec<u8>> {
    request.caller.require_superuser()?;
    let Caller::Record(superuser) = request.caller else { return Err(Error::not_found()) };
    let actor = format!("{}/{}", superuser.collection_id, superuser.id());
    let seq: i64 = seq.parse().map_err(|_| Error::not_found())?;
    app.with_schema(async |snapshot| {
        let collection = snapshot.find(collection).filter(|collection| log::is_logged(collection));
        let collection = collection.ok_or_else(Error::not_found)?;
        app.database()
            .transact(async |transaction| {
                if !is_current(snapshot, transaction).await? {
                    return Ok(Attempt::Stale);
                }
                let change = find(transaction, collection, id, seq).await?;
                put_back(snapshot, transaction, app.env(), collection, &change, &actor).await?;
                Ok(Attempt::Done(()))
            })
            .await
    })
    .await?;
    view(app, request, collection, id, &ReplyShape::default()).await
}

/// Whether the database has the schema `snapshot`.
pub(super) async fn is_current(snapshot: &Snapshot, transaction: &impl Transaction) -> Result<bool> {
    let version = transaction.execute(&format!("SELECT {VERSION_SQL}"), Vec::new()).await?.into_first();
    Ok(version == Some(Value::from(snapshot.version())))
}

async fn find(transaction: &impl Transaction, collection: &Collection, id: &str, seq: i64) -> Result<Change> {
    let sql = format!(
        r#"SELECT {} FROM "_changes" WHERE "seq" = ?1 AND "collection" = ?2 AND "record" = ?3"#,
        columns()
    );
    let parameters = vec![seq.into(), collection.id.as_str().into(), id.into()];
    let found = read(transaction.execute(&sql, parameters).await?)?;
    found.into_iter().next().ok_or_else(Error::not_found)
}

async fn put_back(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    env: &impl Env,
    collection: &Collection,
    change: &Change,
    actor: &str,
) -> Result<()> {
    let image = change.record().ok_or_else(|| Error::internal("a change has no image"))?;
    let refused = |fields| Error::BadRequest { message: FAILED.to_owned(), fields };
    let mut assigned = assigned(collection, image).map_err(refused)?;
    let sql = format!("SELECT 1 FROM {} WHERE \"id\" = ?1", Quoted(&collection.name));
    let is_there =
        transaction.execute(&sql, vec![change.record.as_str().into()]).await?.into_first().is_some();
    let by = (change.record.as_str(), actor);
    let statement = match is_there {
        false => Some(write::insert(collection, by, &assigned, env)),
        true => {
            assigned.iter_mut().for_each(|assigned| touch(assigned, env));
            write::update(collection, by, &assigned, env)
        }
    };
    let Some((sql, parameters)) = statement else { return Ok(()) };
    match transaction.execute(&sql, parameters).await {
        Err(DatabaseError::Unique { columns, .. }) => {
            let not_unique = || FieldError::new("validation_not_unique", "Value must be unique.");
            return Err(refused(columns.into_iter().map(|column| (column, not_unique())).collect()));
        }
        written => written.map(|_| ())?,
    }
    let ids = Value::from(json!([change.record]).to_string());
    let dangling = check::from_records(snapshot, transaction, collection, &ids).await?;
    let missing = |to: &str| {
        let message = format!("Failed to find all relation records in {to}: restore them first.");
        FieldError::new("validation_missing_rel_records", message)
    };
    let fields: FieldErrors =
        dangling.iter().map(|dangling| (dangling.field.clone(), missing(&dangling.to))).collect();
    fields.into_result(FAILED)
}

/// What the server sets on each update is set now too.
fn touch(assigned: &mut Assigned<'_>, env: &impl Env) {
    if matches!(&assigned.field.options, FieldOptions::Autodate(options) if options.on_update) {
        assigned.value = env.now().to_string().into();
    }
}
