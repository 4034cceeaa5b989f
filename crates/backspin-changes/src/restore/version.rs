//! `POST /api/collections/:collection/records/:id/history/:seq/restore`

use backspin_core::{
    Database, DatabaseError, Env, Error, FieldError, FieldErrors, Platform, Result, Transaction, Value,
};
use backspin_records::{ReplyShape, RequestInfo, view};
use backspin_schema::{App, Attempt, Caller, Collection, Snapshot, VERSION_SQL, log};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::links::from_version;
use super::past::Past;
use super::reads::{Reads, Within};
use super::values::Restored;
use super::write::{insert, update_as_of_now};

const FAILED: &str = "Failed to restore the version.";

/// The body of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    #[serde(default)]
    accepted_losses: Vec<String>,
}

/// Writes a version of a record again, as a new change by the caller, and returns the record: as the change `seq` has
/// left it, or, where that was its deletion, as it was before. A record that is gone is made again. The times that the
/// server sets on each update are now; fields that the version does not have, and secrets, stay as they are. Of a field
/// that is of another type now, the record gets what the change of the type would have made of the value. An account that
/// is made again has no password.
///
/// `body` may have `acceptedLosses`: the names of fields whose relations may lead nowhere.
///
/// Errors: 400 for relations to records that are not there, unless the record names them now or they are accepted; for
/// values that another record must be the only one to have, and such as mean nothing in the field's type of today; 401,
/// 403; 404 for an unknown version.
pub async fn restore_version(
    app: &App<impl Platform>,
    request: &RequestInfo<'_>,
    (collection, id, seq): (&str, &str, &str),
    body: Map<String, Json>,
) -> Result<Vec<u8>> {
    request.caller.require_superuser()?;
    let Terms { accepted_losses: accepted } = serde_json::from_value(body.into())
        .map_err(|_| Error::bad_request("The body may have acceptedLosses, a list of names of fields."))?;
    let Caller::Record(superuser) = request.caller else { return Err(Error::not_found()) };
    let actor = format!("{}/{}", superuser.collection_id, superuser.id());
    let seq: i64 = seq.parse().map_err(|_| Error::not_found())?;
    app.with_schema(async |snapshot| {
        let collection = snapshot.find(collection).filter(|collection| log::is_logged(collection));
        let collection = collection.ok_or_else(Error::not_found)?;
        app.database()
            .transact(async |transaction| {
                if !is_current(snapshot, &Within(transaction)).await? {
                    return Ok(Attempt::Stale);
                }
                find(transaction, collection, id, seq).await?;
                let past = Past::of_change(&Within(transaction), collection, seq).await?;
                let terms = (actor.as_str(), accepted.as_slice());
                put_back(snapshot, transaction, app.env(), (&past, id), terms).await?;
                Ok(Attempt::Done(()))
            })
            .await
    })
    .await?;
    view(app, request, collection, id, &ReplyShape::default()).await
}

/// Whether the database has the schema `snapshot`.
pub(super) async fn is_current(snapshot: &Snapshot, reads: &impl Reads) -> Result<bool> {
    let version = reads.rows(&format!("SELECT {VERSION_SQL}"), Vec::new()).await?.into_first();
    Ok(version == Some(Value::from(snapshot.version())))
}

/// Errors: 404 if the change is not one of this record.
async fn find(transaction: &impl Transaction, collection: &Collection, id: &str, seq: i64) -> Result<()> {
    let sql = r#"SELECT 1 FROM "_changes" WHERE "seq" = ?1 AND "collection" = ?2 AND "record" = ?3"#;
    let parameters = vec![seq.into(), collection.id.as_str().into(), id.into()];
    let found = transaction.execute(sql, parameters).await?.into_first();
    found.map(|_| ()).ok_or_else(Error::not_found)
}

async fn put_back(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    env: &impl Env,
    (past, record): (&Past<'_>, &str),
    (actor, accepted): (&str, &[String]),
) -> Result<()> {
    let refused = |fields| Error::BadRequest { message: FAILED.to_owned(), fields };
    misfits(transaction, past).await?.into_result(FAILED)?;
    let missing = |to: &str| {
        let message = format!(
            "Failed to find all relation records in {to}: restore them first, or name the field in acceptedLosses."
        );
        FieldError::new("validation_missing_rel_records", message)
    };
    let broken = from_version(snapshot, &Within(transaction), past).await?;
    let broken = broken.into_iter().filter(|(field, _)| !accepted.contains(field));
    broken
        .map(|(field, to)| {
            let error = missing(&to);
            (field, error)
        })
        .collect::<FieldErrors>()
        .into_result(FAILED)?;
    let is_there = format!("SELECT 1 FROM {} WHERE \"id\" = ?1", past.table());
    let now = env.now().to_string();
    let (sql, parameters) = match transaction.execute(&is_there, vec![record.into()]).await?.into_first() {
        None => (insert(past), past.parameters_and(&[actor])),
        Some(_) => (update_as_of_now(past), past.parameters_and(&[actor, &now])),
    };
    match transaction.execute(&sql, parameters).await {
        Err(DatabaseError::Unique { columns, .. }) => {
            let not_unique = || FieldError::new("validation_not_unique", "Value must be unique.");
            Err(refused(columns.into_iter().map(|column| (column, not_unique())).collect()))
        }
        written => Ok(written.map(|_| ())?),
    }
}

/// The fields whose type is another one now, which the values do not fit.
async fn misfits(transaction: &impl Transaction, past: &Past<'_>) -> Result<FieldErrors> {
    let mut errors = FieldErrors::default();
    for Restored { field, misfit, .. } in past.restored() {
        let Some(misfit) = misfit else { continue };
        let sql = format!("{}\nSELECT count(*) FROM \"was\" WHERE {misfit}", past.with());
        if Within(transaction).count(&sql, past.parameters()).await? > 0 {
            let message = "The field is of another type now: what it held does not fit.";
            errors.add(&field.name, FieldError::new("validation_type_changed", message));
        }
    }
    Ok(errors)
}
