//! The record as it is before an update.

use backspin_core::{FieldErrors, Platform, Result, Value};
use backspin_schema::field::FieldOptions;
use backspin_schema::quote::Quoted;
use backspin_schema::{App, Attempt, Collection, Snapshot, VERSION_SQL};

use crate::input::{OldRow, checked, to_json};
use crate::traces::PROVIDERS;

struct Sql(String);

/// The record with this id, if there is one.
pub(super) async fn read<'a>(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    collection: &'a Collection,
    id: &str,
) -> Result<Attempt<Option<OldRow<'a>>>> {
    let sql = snapshot.memo().get_or_make(&collection.id, || Ok(Sql(sql(snapshot, collection))))?;
    let mut values = match app.read(snapshot, &sql.0, vec![id.into(), collection.id.as_str().into()]).await? {
        Attempt::Stale => return Ok(Attempt::Stale),
        Attempt::Done(values) => values,
    };
    if values.len() < 2 {
        return Ok(Attempt::Done(None));
    }
    let is_linked = values.remove(1) == Value::Integer(1);
    let is_there = values.remove(0) == Value::Integer(1);
    Ok(Attempt::Done(is_there.then_some(OldRow { collection, values, is_linked })))
}

/// One row: the version, whether the record is there, whether it is an account that a provider is linked with, its
/// columns.
fn sql(snapshot: &Snapshot, collection: &Collection) -> String {
    let columns = collection.fields.iter().map(|field| format!("\"record\".{}", Quoted(&field.name)));
    let columns: Vec<_> = columns.collect();
    let is_linked = match collection.is_auth() && snapshot.find_by_name(PROVIDERS).is_some() {
        true => format!(
            "EXISTS (SELECT 1 FROM {} WHERE \"collectionRef\" = ?2 AND \"recordRef\" = ?1)",
            Quoted(PROVIDERS)
        ),
        false => "?2 IS NULL".to_owned(),
    };
    format!(
        "SELECT {VERSION_SQL}, \"record\".\"id\" IS NOT NULL, {is_linked}, {}\n\
         FROM (SELECT 1) LEFT JOIN {} AS \"record\" ON \"record\".\"id\" = ?1",
        columns.join(", "),
        Quoted(&collection.name)
    )
}

impl OldRow<'_> {
    /// Adds what no longer fits its field, of those that stay as they are.
    pub(super) fn check(
        &self,
        snapshot: &Snapshot,
        stays: impl Fn(&str) -> bool,
        errors: &mut FieldErrors,
    ) -> Result<()> {
        for (field, value) in self.collection.fields.iter().zip(&self.values) {
            // What the server sets is right, and a hash is no password.
            let is_set_by_server =
                matches!(field.options, FieldOptions::Autodate(_) | FieldOptions::Password(_));
            if is_set_by_server || field.is_primary_key() || !stays(&field.name) {
                continue;
            }
            if let (_, Some(error)) = checked(snapshot, field, &to_json(field, value))? {
                errors.add(&field.name, error);
            }
        }
        Ok(())
    }
}
