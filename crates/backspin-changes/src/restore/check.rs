//! Whether relations lead somewhere.

use backspin_core::{DatabaseError, Result, Transaction, Value};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Snapshot};
use serde::Serialize;

/// Relations that lead to records which are not there.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Dangling {
    /// Names.
    pub(super) collection: String,
    pub(super) field: String,
    /// The name of the collection that the relation leads to.
    pub(super) to: String,
    /// How many records have such a relation.
    pub(super) records: i64,
}

/// What of the records `ids` (a JSON array) of a collection leads nowhere.
pub(super) async fn from_records(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    collection: &Collection,
    ids: &Value,
) -> Result<Vec<Dangling>> {
    let mut found = Vec::new();
    for (field, target) in relations(snapshot, collection) {
        let exists =
            |id: &str| format!("EXISTS (SELECT 1 FROM {} WHERE \"id\" = {id})", Quoted(&target.name));
        let named = format!("\"row\".{}", Quoted(&field.name));
        let leads_nowhere = match field.is_multiple() {
            false => format!("{named} <> '' AND NOT {}", exists(&named)),
            true => {
                format!("EXISTS (SELECT 1 FROM {} WHERE NOT {})", each(&named), exists("\"named\".\"value\""))
            }
        };
        let condition =
            format!("\"row\".\"id\" IN (SELECT \"value\" FROM json_each(?1)) AND {leads_nowhere}");
        found.extend(count(transaction, (collection, field, target), &condition, ids).await?);
    }
    Ok(found)
}

/// What leads to the records `ids` (a JSON array) of a collection, which are gone.
pub(super) async fn to_records(
    snapshot: &Snapshot,
    transaction: &impl Transaction,
    target: &Collection,
    ids: &Value,
) -> Result<Vec<Dangling>> {
    let mut found = Vec::new();
    for collection in snapshot.collections().iter().filter(|collection| !collection.is_view()) {
        for (field, _) in relations(snapshot, collection).filter(|(_, to)| to.id == target.id) {
            let named = format!("\"row\".{}", Quoted(&field.name));
            let condition = match field.is_multiple() {
                false => format!("{named} IN (SELECT \"value\" FROM json_each(?1))"),
                true => format!(
                    "EXISTS (SELECT 1 FROM {} WHERE \"named\".\"value\" IN (SELECT \"value\" FROM json_each(?1)))",
                    each(&named)
                ),
            };
            found.extend(count(transaction, (collection, field, target), &condition, ids).await?);
        }
    }
    Ok(found)
}

/// The ids in a list; none in what raw SQL has stored that is no list.
fn each(list: &str) -> String {
    format!("json_each(iif(json_valid({list}), {list}, '[]')) AS \"named\"")
}

fn relations<'a>(
    snapshot: &'a Snapshot,
    collection: &'a Collection,
) -> impl Iterator<Item = (&'a Field, &'a Collection)> {
    let target = |field: &'a Field| Some((field, snapshot.find_by_id(&field.relation()?.collection_id)?));
    collection.fields.iter().filter_map(target)
}

async fn count(
    transaction: &impl Transaction,
    (collection, field, to): (&Collection, &Field, &Collection),
    condition: &str,
    ids: &Value,
) -> Result<Option<Dangling>, DatabaseError> {
    let sql = format!("SELECT count(*) FROM {} AS \"row\" WHERE {condition}", Quoted(&collection.name));
    Ok(match transaction.execute(&sql, vec![ids.clone()]).await?.into_first() {
        Some(Value::Integer(records @ 1..)) => Some(Dangling {
            collection: collection.name.clone(),
            field: field.name.clone(),
            to: to.name.clone(),
            records,
        }),
        _ => None,
    })
}
