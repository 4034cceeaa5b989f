//! Whether relations lead somewhere once collections are put back.
//!
//! Collections that are put back together are as they were together, so nothing between them breaks: what leads out of
//! them and into them is looked at. A relation that leads nowhere as it is, is not broken by putting something back.

use backspin_core::{DatabaseError, Result, Value};
use backspin_schema::log::last_of_predecessor;
use backspin_schema::quote::{Literal, Quoted};
use backspin_schema::{Collection, Field, Snapshot};
use serde::Serialize;

use super::past::{NOW, Past, first};
use super::reads::Reads;
use super::write::TRACES;

/// Relations that would lead to records which are not there.
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

/// What belonged to accounts that are made again, is gone since, and stays so.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct LeftOut {
    /// The name of the collection that it is in, to be put back too.
    pub(super) collection: String,
    /// The name of the accounts' collection.
    pub(super) of: String,
    pub(super) records: i64,
}

pub(super) struct Links<'a, R> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) reads: &'a R,
    /// All that is put back.
    pub(super) pasts: &'a [Past<'a>],
}

/// A field that names records of a collection.
struct Link<'a> {
    field: &'a Field,
    to: &'a Collection,
    /// The field that names the collection, where it may be another one.
    collection_field: Option<&'a Field>,
}

impl<R: Reads> Links<'_, R> {
    /// What of the records that are put back would lead to records that were there then and are not now.
    pub(super) async fn broken_by_restoring(&self, past: &Past<'_>) -> Result<Vec<Dangling>> {
        let mut found = Vec::new();
        for link in links(self.snapshot, past.collection).filter(|link| !self.is_put_back(link.to)) {
            // What another collection of that id held is not known: it may have been there.
            let was_there = format!(
                r#"({} > ?1 OR "named"."value" IN (SELECT "record" FROM "first of target" WHERE "action" <> 'create'))"#,
                last_of_predecessor("?3")
            );
            let sql = format!(
                "{},\n{}\nSELECT count(*) FROM \"was\" WHERE {}",
                past.with(),
                first("first of target", "?3"),
                breaks(past, &link, &was_there)
            );
            let parameters = past.parameters_and(&[&link.to.id]);
            found.extend(self.dangling(past.collection, &link, &sql, parameters).await?);
        }
        Ok(found)
    }

    /// What leads to the records that go.
    pub(super) async fn broken_by_deleting(&self, past: &Past<'_>) -> Result<Vec<Dangling>> {
        let tables = self.snapshot.collections().iter();
        let tables = tables.filter(|collection| !collection.is_view() && !self.is_put_back(collection));
        let mut found = Vec::new();
        for collection in tables {
            let relations = links(self.snapshot, collection)
                .filter(|link| link.to.id == past.collection.id && link.collection_field.is_none());
            for link in relations {
                let gone = format!(
                    r#"(SELECT "record" FROM "first" WHERE "action" = 'create' AND "record" IN (SELECT "id" FROM {}))"#,
                    past.table()
                );
                let named = format!("\"row\".{}", Quoted(&link.field.name));
                let leads_there = match link.field.is_multiple() {
                    false => format!("{named} IN {gone}"),
                    true => format!(
                        "EXISTS (SELECT 1 FROM {} WHERE \"named\".\"value\" IN {gone})",
                        each(link.field, &named, "named")
                    ),
                };
                let sql = format!(
                    "{}\nSELECT count(*) FROM {} AS \"row\" WHERE {leads_there}",
                    past.with(),
                    Quoted(&collection.name)
                );
                found.extend(self.dangling(collection, &link, &sql, past.parameters()).await?);
            }
        }
        Ok(found)
    }

    /// What the system kept of the accounts that are made again.
    pub(super) async fn left_out(&self, past: &Past<'_>) -> Result<Vec<LeftOut>> {
        let mut found = Vec::new();
        let traces = TRACES.iter().filter_map(|name| self.snapshot.find_by_name(name));
        for traces in traces.filter(|traces| past.collection.is_auth() && !self.is_put_back(traces)) {
            let Some(link) = links(self.snapshot, traces).find(|link| link.to.id == past.collection.id)
            else {
                continue;
            };
            let of_traces = Past::at_moment(self.reads, traces, past.seq()).await?;
            let (is_of, account) = named(&of_traces, &link);
            let sql = format!(
                r#"{},
{}
SELECT count(*) FROM "was" WHERE {is_of} AND {account} IN (
    SELECT "record" FROM "first of accounts" WHERE "action" <> 'create' AND "record" NOT IN (SELECT "id" FROM {})
) AND "id" NOT IN (SELECT "id" FROM {})"#,
                of_traces.with(),
                first("first of accounts", "?3"),
                past.table(),
                of_traces.table()
            );
            let parameters = of_traces.parameters_and(&[&past.collection.id]);
            let records = self.reads.count(&sql, parameters).await?;
            if records > 0 {
                let (collection, of) = (traces.name.clone(), past.collection.name.clone());
                found.push(LeftOut { collection, of, records });
            }
        }
        Ok(found)
    }

    fn is_put_back(&self, collection: &Collection) -> bool {
        self.pasts.iter().any(|past| past.collection.id == collection.id)
    }

    async fn dangling(
        &self,
        collection: &Collection,
        link: &Link<'_>,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<Option<Dangling>, DatabaseError> {
        let records = self.reads.count(sql, parameters).await?;
        Ok((records > 0).then(|| Dangling {
            collection: collection.name.clone(),
            field: link.field.name.clone(),
            to: link.to.name.clone(),
            records,
        }))
    }
}

/// What of a version would lead to records that are not there; what the record names already does not count.
pub(super) async fn from_version(
    snapshot: &Snapshot,
    reads: &impl Reads,
    past: &Past<'_>,
) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for link in links(snapshot, past.collection) {
        let sql = format!("{}\nSELECT count(*) FROM \"was\" WHERE {}", past.with(), breaks(past, &link, "1"));
        if reads.count(&sql, past.parameters()).await? > 0 {
            found.push((link.field.name.clone(), link.to.name.clone()));
        }
    }
    Ok(found)
}

/// The relations of a collection, and the accounts that its records belong to if the system keeps them.
fn links<'a>(snapshot: &'a Snapshot, collection: &'a Collection) -> impl Iterator<Item = Link<'a>> {
    let relation = |field: &'a Field| {
        let to = snapshot.find_by_id(&field.relation()?.collection_id)?;
        Some(Link { field, to, collection_field: None })
    };
    let is_trace = collection.system && TRACES.contains(&collection.name.as_str());
    let fields = collection.find_field("recordRef").zip(collection.find_field("collectionRef"));
    let accounts = fields.into_iter().filter(move |_| is_trace).flat_map(|(field, collection_field)| {
        let accounts = snapshot.collections().iter().filter(|to| to.is_auth());
        accounts.map(move |to| Link { field, to, collection_field: Some(collection_field) })
    });
    collection.fields.iter().filter_map(relation).chain(accounts)
}

/// Whether the row of `was` names a record that is not there, and that it does not name as it is now either. `counts` is
/// a further condition on the id `"named"."value"`.
fn breaks(past: &Past<'_>, link: &Link<'_>, counts: &str) -> String {
    let (is_of, ids) = named(past, link);
    let now = format!("{}.{}", Quoted(NOW), Quoted(&link.field.name));
    format!(
        r#"{is_of} AND EXISTS (
    SELECT 1 FROM {}
    WHERE "named"."value" <> '' AND "named"."value" NOT IN (SELECT "id" FROM {}) AND {counts}
        AND NOT EXISTS (
            SELECT 1 FROM {} AS {}, {}
            WHERE "now"."id" = "was"."id" AND "held"."value" = "named"."value"
        )
)"#,
        each(link.field, &ids, "named"),
        Quoted(&link.to.name),
        past.table(),
        Quoted(NOW),
        each(link.field, &now, "held"),
    )
}

/// Whether the row of `was` names records of the link's collection, and what it holds of their ids.
fn named(past: &Past<'_>, link: &Link<'_>) -> (String, String) {
    let restored = past.restored();
    let find = |field: &Field| restored.iter().find(|restored| restored.field.id == field.id);
    let of_field = |field: &Field| find(field).map_or("NULL".to_owned(), |restored| restored.or("NULL"));
    let is_of = link.collection_field.map(|field| format!("{} = {}", of_field(field), Literal(&link.to.id)));
    (is_of.unwrap_or_else(|| "1".to_owned()), of_field(link.field))
}

/// The ids that a field holds; none in what raw SQL has stored that is no list.
fn each(field: &Field, held: &str, alias: &str) -> String {
    let alias = Quoted(alias);
    match field.is_multiple() {
        true => format!("json_each(iif(json_valid({held}), {held}, '[]')) AS {alias}"),
        false => format!("json_each(json_array(CAST({held} AS TEXT))) AS {alias}"),
    }
}
