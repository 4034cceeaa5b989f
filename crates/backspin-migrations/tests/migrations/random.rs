//! Random schemas, random data and random changes: nothing is lost but what was told, and everything
//! comes back.

use std::collections::HashMap;

use backspin_core::Value;
use backspin_migrations::{Migration, StepKind};
use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Field, Schema};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection};
use crate::schemas::{NAMES, literals, schema};

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

const RULES: [&str; 4] = [
    "NAME != ''",
    "@request.body.NAME:isset = false",
    "@request.auth.NAME = '1'",
    "id = '' || @request.body.NAME ?= 'x'",
];

/// What a rule may find of a field that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// It is as it was, but for its options.
    None,
    /// It is of another type that is stored in the same way.
    Perhaps,
    /// It is gone, has another name, or is stored in another way.
    Other,
}

/// What becomes of the field of `before` with this name; `None` if there is none or the collection is gone.
fn change(new: &Schema, before: &Collection, name: &str) -> Option<Change> {
    let field = before.find_field(name)?;
    let after = new.find_by_id(&before.id)?.find_field_by_id(&field.id);
    Some(match after {
        Some(after) if after.name != field.name || after.column() != field.column() => Change::Other,
        Some(after) if after.type_name() != field.type_name() => Change::Perhaps,
        Some(_) => Change::None,
        None => Change::Other,
    })
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
            prop_assert_eq!(database.indexes(), database.indexes_of_schema());
        }
        for (number, before) in states.into_iter().rev() {
            database.revert(number, &[]).unwrap();
            prop_assert_eq!(database.indexes(), database.indexes_of_schema());
            prop_assert_eq!(database.state(), before);
        }
    }

    #[test]
    fn a_rule_that_stays_is_told_if_and_only_if_what_it_names_is_changed(
        first in schema(), second in schema(), name in 0..NAMES.len(), place in 0..RULES.len(),
    ) {
        let rule = RULES[place].replace("NAME", NAMES[name]);
        let ruled = |schema: &[Json]| -> Vec<Json> {
            let mut schema = schema.to_vec();
            for collection in schema.iter_mut().filter(|collection| collection["type"] != "view") {
                collection["updateRule"] = rule.as_str().into();
            }
            schema
        };
        let database = TestDatabase::new();
        let plan = database.plan(&ruled(&first)).unwrap();
        let readable = |collection: &Collection| {
            !plan.problems().iter().any(|problem| problem.collection == collection.name)
        };
        apply(&database, &first);
        database.sql("UPDATE _collections SET updateRule = '' WHERE type <> 'view' AND id LIKE 'c%'");
        let set = "UPDATE _collections SET updateRule = ?1 WHERE type <> 'view' AND id LIKE 'c%'";
        database.try_sql(set, vec![rule.as_str().into()]).unwrap();
        let old = database.snapshot();
        let new = database.wanted(&ruled(&second));
        let told = database.plan(&ruled(&second)).unwrap();

        for collection in new.collections().iter().filter(|collection| collection.update_rule.as_deref() == Some(&rule)) {
            let Some(before) = old.find_by_id(&collection.id).filter(|before| readable(before)) else { continue };
            let mut named: Vec<Change> = match rule.contains(".auth.") {
                true => old.collections().iter().filter(|other| other.is_auth()).filter_map(|other| change(&new, other, NAMES[name])).collect(),
                false => change(&new, before, NAMES[name]).into_iter().collect(),
            };
            named.sort_unstable();
            let is_told = told.problems().iter().any(|problem| problem.collection == collection.name && problem.part == "updateRule");
            match named.last() {
                Some(Change::Other) => prop_assert!(is_told, "{} in {}", rule, collection.name),
                Some(Change::Perhaps) => {}
                Some(Change::None) | None => prop_assert!(!is_told, "{} in {}", rule, collection.name),
            }
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
