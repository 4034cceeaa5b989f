//! The order of the collections, by which they are listed.

use backspin_core::{Database, DatabaseError, Env, Transaction, Value};
use backspin_schema::App;

use crate::ImportError;
use crate::platform::Opened;

/// Puts the collections in the order of their ids in `order`, others last, and begins the history of the schema
/// after the import: all that it holds so far is that views were made.
pub(crate) async fn settle<E: Env>(app: &App<Opened<'_, E>>, order: &[String]) -> Result<(), ImportError> {
    let settled = app.database().transact(async |transaction| {
        // Below zero they are out of each other's way.
        let sql = r#"UPDATE "_collections" SET "rowid" = -"rowid" RETURNING "id""#;
        let mut ids: Vec<Value> =
            transaction.execute(sql, Vec::new()).await?.rows.into_iter().flatten().collect();
        let place = |id: &Value| match id {
            Value::Text(id) => order.iter().position(|other| other == id).unwrap_or(order.len()),
            Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => order.len(),
        };
        ids.sort_by_key(place);
        for (place, id) in (1_i64..).zip(ids) {
            let sql = r#"UPDATE "_collections" SET "rowid" = ?1 WHERE "id" = ?2"#;
            transaction.execute(sql, vec![place.into(), id]).await?;
        }
        match transaction.execute(r#"DELETE FROM "_migrations""#, Vec::new()).await {
            Err(DatabaseError::NoSuchTable(_)) | Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    });
    Ok(settled.await?)
}
