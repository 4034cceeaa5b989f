//! Whether two records would have what an index lets only one have.

use backspin_core::{Result, limits};
use backspin_schema::log::is_secret;
use backspin_schema::quote::Quoted;
use backspin_schema::{Field, Index};

use super::moment::{Conflict, conflict};
use super::past::{NOW, Past};
use super::reads::Reads;

/// Tells records that are put back from the others; no field can have this name.
const IS_BACK: &str = "back~";

/// The unique indexes of the collection's records, as statements.
pub(super) fn indexes<'a>(past: &Past<'a>) -> impl Iterator<Item = (&'a str, Index)> {
    let indexes = past.collection.indexes.iter();
    indexes.filter_map(|sql| Some((sql.as_str(), Index::parse(sql)?))).filter(|(_, index)| index.unique)
}

/// The records put back that would have the same as another record. A collection as it was keeps its indexes; one that
/// was made or converted since then may stand against it.
pub(super) async fn conflicts(reads: &impl Reads, past: &Past<'_>) -> Result<Vec<Conflict>> {
    let mut conflicts = Vec::new();
    for (_, index) in indexes(past) {
        let (keys, fields) = (index.keys(), fields(past, &index));
        let mut conditions: Vec<String> = keys.iter().map(|key| format!("({key}) IS NOT NULL")).collect();
        conditions.extend((!index.condition.is_empty()).then(|| format!("({})", index.condition)));
        let sql = format!(
            r#"{},
"after" AS (
    SELECT {} FROM {table} WHERE "id" NOT IN (SELECT "record" FROM "first")
    UNION ALL
    SELECT {} FROM "was" LEFT JOIN {table} AS {now} ON {now}."id" = "was"."id"
)
SELECT "id" FROM (
    SELECT "id", "{IS_BACK}", count(*) OVER (PARTITION BY {}) AS "alike~" FROM "after" WHERE {}
)
WHERE "alike~" > 1 AND "{IS_BACK}" LIMIT {}"#,
            past.with(),
            as_is(&fields),
            put_back(past, &fields),
            keys.join(", "),
            conditions.join(" AND "),
            limits::RESTORE_CONFLICTS_MAX,
            table = past.table(),
            now = Quoted(NOW),
        );
        let reason = format!("another record has the same {}", index.column_names().join(", "));
        let rows = reads.rows(&sql, past.parameters()).await?.rows;
        conflicts.extend(rows.into_iter().filter_map(|row| conflict(past, row, &reason)));
    }
    Ok(conflicts)
}

fn as_is(fields: &[&Field]) -> String {
    let names = fields.iter().map(|field| Quoted(&field.name).to_string());
    names.chain([format!("0 AS \"{IS_BACK}\"")]).collect::<Vec<_>>().join(", ")
}

fn put_back(past: &Past<'_>, fields: &[&Field]) -> String {
    let restored = past.restored();
    let columns = fields.iter().map(|field| {
        let now = format!("{}.{}", Quoted(NOW), Quoted(&field.name));
        match restored.iter().find(|restored| restored.field.id == field.id) {
            _ if field.is_primary_key() => "\"was\".\"id\"".to_owned(),
            Some(restored) => restored.or(&now),
            // Who comes back gets a key of its own.
            None if is_secret(past.collection, field) => format!("coalesce({now}, \"was\".\"id\")"),
            None => now,
        }
    });
    columns.chain(["1".to_owned()]).collect::<Vec<_>>().join(", ")
}

/// The id and at least the fields that the index looks at: the others need not be made.
fn fields<'a>(past: &Past<'a>, index: &Index) -> Vec<&'a Field> {
    let sql = index.to_string().to_ascii_lowercase();
    let is_needed = |field: &&Field| field.is_primary_key() || sql.contains(&field.name.to_ascii_lowercase());
    past.collection.fields.iter().filter(is_needed).collect()
}
