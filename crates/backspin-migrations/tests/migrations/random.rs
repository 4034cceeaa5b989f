//! Random schemas, random data and random changes: nothing is lost but what was told, and everything
//! comes back.

use std::collections::HashMap;

use backspin_core::Value;
use backspin_migrations::{Migration, StepKind};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Schema};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const COLLECTION_NAMES: [&str; 4] = ["p", "q", "r", "s"];
const FIELDS: usize = 5;

/// Values of all kinds, as SQL literals, by the declared type of the column.
fn literals(field: &Field) -> &'static [&'static str] {
    use backspin_schema::field::ColumnKind::*;
    match field.column() {
        PrimaryKey | Text => &[
            "''",
            "'a'",
            "'12'",
            "'1.5'",
            "'true'",
            "'[\"x\",\"y\"]'",
            "'2024-01-01 00:00:00.000Z'",
            "'{\"lon\":1,\"lat\":2}'",
            "'it''s'",
            "'  7'",
            "'\"q\"'",
            "'ü\n'",
        ],
        Number => &["0", "1", "-2.5", "1e300", "0.1 + 0.2", "9007199254740993"],
        Bool => &["0", "1"],
        List => &["'[]'", "'[\"a\"]'", "'[\"a\",\"b\"]'", "'[\"it''s\",\"\"]'", "''", "'x'"],
        Json => {
            &["NULL", "1", "'\"a\"'", "'[1, 2]'", "'{\"lon\":1,\"lat\":2}'", "'true'", "'null'", "'\"12\"'"]
        }
        GeoPoint => &["'{\"lon\":0,\"lat\":0}'", "'{\"lon\":1.5,\"lat\":-2}'", "'{\"lat\":3,\"lon\":4}'"],
    }
}

/// A field is known by its slot. Those of the first three slots take any type of plain values; the others
/// stay references, to one or several.
fn field(slot: usize, name: &str, kind: usize, several: bool) -> Json {
    let max = if several { 3 } else { 1 };
    let (kind, more) = match slot {
        3 => ("relation", json!({"collectionId": "_pb_users_auth_", "maxSelect": max})),
        4 => ("file", json!({"maxSelect": max})),
        _ => match kind {
            0 => ("select", json!({"values": ["a", "b"], "maxSelect": max})),
            kind => (["text", "number", "bool", "date", "json", "geoPoint", "editor"][kind - 1], json!({})),
        },
    };
    let mut field = json!({"id": format!("f{slot}"), "name": name, "type": kind, "required": several});
    field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    field
}

fn fields() -> impl Strategy<Value = Vec<Json>> {
    let slots = subsequence((0..FIELDS).collect::<Vec<_>>(), 0..=FIELDS).prop_shuffle();
    let kinds = prop::collection::vec((0..8_usize, any::<bool>()), FIELDS);
    (slots, Just(NAMES.to_vec()).prop_shuffle(), kinds).prop_map(|(slots, names, kinds)| {
        let field = |(slot, (name, (kind, several)))| field(slot, name, kind, several);
        slots.into_iter().zip(names.into_iter().zip(kinds)).map(field).collect()
    })
}

/// Up to three collections, some with an index on a field and a view that reads them.
fn schema() -> impl Strategy<Value = Vec<Json>> {
    let slots = subsequence(vec![0, 1, 2], 0..=3).prop_shuffle();
    let bodies = prop::collection::vec((fields(), any::<bool>(), any::<bool>()), 3);
    (slots, Just(COLLECTION_NAMES.to_vec()).prop_shuffle(), bodies).prop_map(|(slots, names, bodies)| {
        let mut schema = Vec::new();
        for (slot, (name, (fields, indexed, viewed))) in slots.into_iter().zip(names.into_iter().zip(bodies)) {
            let mut extra = json!({"id": format!("c_{slot}")});
            if let Some(field) = fields.first().filter(|_| indexed) {
                let column = field["name"].as_str().unwrap();
                extra["indexes"] = json!([format!("CREATE INDEX i{slot} ON {name} ({column}, id)")]);
            }
            schema.push(collection(name, fields.into(), extra));
            if viewed {
                let query = json!({"type": "view", "viewQuery": format!("SELECT id FROM {name}"), "id": format!("c_v{slot}")});
                schema.push(collection(&format!("v{slot}"), json!([]), query));
            }
        }
        schema
    })
}

/// Fills each table with as many rows as `picks` says, with values chosen by it.
fn fill(database: &TestDatabase, picks: &[u8]) {
    let snapshot = database.snapshot();
    let mut picks = picks.iter().copied().cycle();
    let mut pick = |of: usize| usize::from(picks.next().unwrap_or(0)) % of;
    for collection in
        snapshot.collections().iter().filter(|other| other.id.starts_with("c_") && !other.is_view())
    {
        for row in 0..pick(6) {
            let (mut columns, mut values) = (vec!["\"id\"".to_owned()], vec![format!("'row{row}'")]);
            for field in collection.fields.iter().filter(|field| !field.is_primary_key()) {
                let literals = literals(field);
                columns.push(Quoted(&field.name).to_string());
                values.push(literals[pick(literals.len())].to_owned());
            }
            let table = Quoted(&collection.name);
            database.sql(&format!(
                "INSERT INTO {table} ({}) VALUES ({})",
                columns.join(","),
                values.join(",")
            ));
        }
    }
}

/// Each stored value by the ids of its collection, record and field.
fn values(database: &TestDatabase) -> HashMap<(String, String, String), Value> {
    let snapshot = database.snapshot();
    let mut found = HashMap::new();
    for collection in
        snapshot.collections().iter().filter(|other| other.id.starts_with("c_") && !other.is_view())
    {
        for field in &collection.fields {
            let (column, table) = (Quoted(&field.name), Quoted(&collection.name));
            for row in database.sql(&format!("SELECT id, {column} FROM {table}")) {
                let [Value::Text(id), value] = &row[..] else { panic!("no id") };
                found.insert((collection.id.clone(), id.clone(), field.id.clone()), value.clone());
            }
        }
    }
    found
}

/// Everything accepted, for a test that only asks what happens then.
fn apply(database: &TestDatabase, schema: &[Json]) -> Option<Migration> {
    let plan = database.measured(schema);
    let accepted: Vec<&str> = plan.steps().iter().map(|step| step.target.as_str()).collect();
    (!plan.is_empty()).then(|| database.apply(schema, &accepted).unwrap())
}

fn find<'a>(schema: &'a Schema, collection: &str, field: &str) -> Option<(&'a Collection, &'a Field)> {
    let collection = schema.find_by_id(collection)?;
    Some((collection, collection.find_field_by_id(field)?))
}

/// As PocketBase converts a well-formed value.
fn one_or_several(value: &str, several: bool) -> String {
    if several {
        return if value.is_empty() { "[]".to_owned() } else { json!([value]).to_string() };
    }
    let values: Vec<String> = serde_json::from_str(value).unwrap();
    values.last().cloned().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reverts_restore_every_byte(
        first in schema(), second in schema(), third in schema(), picks in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let database = TestDatabase::new();
        apply(&database, &first);
        fill(&database, &picks);
        let mut states = vec![];
        for schema in [&second, &third] {
            let before = database.state();
            if let Some(migration) = apply(&database, schema) {
                states.push((migration.number, before));
            }
        }
        for (number, before) in states.into_iter().rev() {
            database.revert(number, &[]).unwrap();
            prop_assert_eq!(database.state(), before);
        }
    }

    #[test]
    fn the_data_is_where_it_should_be_and_what_is_lost_was_told(
        first in schema(), second in schema(), picks in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let database = TestDatabase::new();
        apply(&database, &first);
        fill(&database, &picks);
        let (before, old) = (values(&database), database.snapshot());
        let migration = apply(&database, &second);
        let (after, new) = (values(&database), database.snapshot());

        for ((collection, record, field), value) in &before {
            let (Some((_, was)), Some((_, is))) = (find(&old, collection, field), find(&new, collection, field)) else {
                continue;
            };
            let now = &after[&(collection.clone(), record.clone(), field.clone())];
            if was.column() == is.column() && is.type_name() != "date" {
                prop_assert_eq!(now, value);
            }
            let well_formed = if was.is_multiple() { value != &Value::from("") && value != &Value::from("x") } else {
                !matches!(value, Value::Text(text) if text.starts_with('['))
            };
            if was.type_name() == is.type_name() && was.is_multiple() != is.is_multiple() && well_formed {
                let Value::Text(text) = value else { panic!("no text") };
                prop_assert_eq!(now, &Value::from(one_or_several(text, is.is_multiple())));
            }
        }
        // A record is where it was unless its collection is gone, and no record is new.
        let records = |values: &HashMap<(String, String, String), Value>, of: &Schema| {
            let mut ids: Vec<_> = values.keys().filter(|(collection, ..)| of.find_by_id(collection).is_some())
                .map(|(collection, record, _)| (collection.clone(), record.clone())).collect();
            ids.sort();
            ids.dedup();
            ids
        };
        prop_assert_eq!(records(&before, &new), records(&after, &new));

        for step in migration.iter().flat_map(|migration| &migration.steps) {
            if let Some(kept) = &step.kept {
                let rows = database.texts(&format!("SELECT COUNT(*) FROM {}", Quoted(kept)));
                prop_assert_eq!(&rows[0], &step.lost.unwrap().to_string(), "{}", step.summary);
            }
            prop_assert!(step.kept.is_some() || step.lost == Some(0));
            prop_assert_eq!(step.kind == StepKind::DropCollection && step.rows != Some(0), false);
        }
    }

    #[test]
    fn a_change_that_fails_in_its_last_step_changes_nothing(
        first in schema(), second in schema(), picks in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let database = TestDatabase::new();
        apply(&database, &first);
        fill(&database, &picks);
        let before = (database.state(), database.snapshot().version().to_owned());
        let mut broken = second;
        broken.push(collection("broken", json!([]), json!({"type": "view", "viewQuery": "SELECT id FROM nowhere"})));
        let accepted: Vec<String> = database.measured(&broken).steps().iter().map(|step| step.target.clone()).collect();
        let accepted: Vec<&str> = accepted.iter().map(String::as_str).collect();
        prop_assert_eq!(database.apply(&broken, &accepted).unwrap_err().status(), 400);
        prop_assert_eq!((database.state(), database.snapshot().version().to_owned()), before);
    }
}
