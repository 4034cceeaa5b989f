//! Which type a field had when a row of the log was written: an image tells values, not types.
//!
//! `_backspin` holds, under `changes_retyped COLLECTION_ID`, a JSON array of [`Retyped`], the oldest first.

use backspin_core::{Error, Result, Transaction};
use serde::{Deserialize, Serialize};

use crate::collection::Collection;
use crate::field::Field;

/// Reads the array of the collection `?1`; no row for a collection none of whose fields has had another type.
pub const RETYPED_SQL: &str = r#"SELECT "value" FROM "_backspin" WHERE "name" = 'changes_retyped ' || ?1"#;

/// A change of a field's type.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Retyped {
    /// The last change of the log that knows the field as it was.
    pub until: i64,
    pub was: Field,
}

/// Notes the fields whose type differs between the collections `old` and `new`.
pub(super) async fn note(
    transaction: &impl Transaction,
    old: &[Collection],
    new: &[Collection],
) -> Result<()> {
    let sql = r#"INSERT INTO "_backspin" ("name", "value")
SELECT 'changes_retyped ' || ?1, json_array(json_object('until', max("seq"), 'was', json(?2)))
FROM "_changes" HAVING max("seq") IS NOT NULL
ON CONFLICT ("name") DO UPDATE SET "value" = json_insert("value", '$[#]', json(excluded."value" -> 0))"#;
    for collection in old {
        let Some(later) = new.iter().find(|other| other.id == collection.id) else { continue };
        for was in &collection.fields {
            if later.find_field_by_id(&was.id).is_some_and(|field| is_other_type(was, field)) {
                let json = serde_json::to_string(was).map_err(|error| Error::Internal(error.into()))?;
                transaction.execute(sql, vec![collection.id.as_str().into(), json.into()]).await?;
            }
        }
    }
    Ok(())
}

fn is_other_type(was: &Field, is: &Field) -> bool {
    was.type_name() != is.type_name() || was.is_multiple() != is.is_multiple()
}
