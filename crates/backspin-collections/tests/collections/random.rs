//! Random changes with records in place, one request after the other, and all of them taken back.

use backspin_core::Value;
use backspin_schema::quote::{Literal, Quoted};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::{Backend, superuser};

/// Every type, with a value that its column may hold.
const KINDS: [(&str, &str); 14] = [
    ("text", "it's"),
    ("number", "-2.5"),
    ("bool", "1"),
    ("email", "a@b.co"),
    ("url", "https://b.co"),
    ("editor", "<p>ü</p>"),
    ("date", "2024-01-01 00:00:00.000Z"),
    ("autodate", "2024-01-01 00:00:00.000Z"),
    ("select", "a"),
    ("relation", "r1"),
    ("file", "a.png"),
    ("json", "{\"a\":[1]}"),
    ("password", "hash"),
    ("geoPoint", "{\"lon\":1.5,\"lat\":-2}"),
];

/// The words besides NAME are names of fields too.
const INDEXES: [&str; 5] = [
    "CREATE INDEX i ON x (`NAME`)",
    "CREATE INDEX i ON x (id, NAME DESC)",
    "CREATE UNIQUE INDEX i ON x (NAME COLLATE nocase, id)",
    "CREATE INDEX i ON x (lower(NAME), [NAME] desc)",
    "CREATE INDEX i ON x (id) WHERE NAME IS NOT NULL AND \"NAME\" != 'a'",
];
const RULES: [&str; 3] = [
    "NAME != ''",
    "@request.body.NAME:isset = false",
    "@request.auth.NAME != 'x' || @request.body.NAME != 'x'",
];

#[derive(Clone, Debug)]
enum Change {
    Add {
        kind: usize,
    },
    Drop {
        field: usize,
    },
    Rename {
        field: usize,
        name: usize,
    },
    /// Between one and several values.
    Toggle {
        field: usize,
    },
    RenameCollection {
        name: usize,
    },
    /// On a field.
    Index {
        field: usize,
        definition: usize,
    },
    Rule {
        field: usize,
        condition: usize,
    },
}

fn change() -> impl Strategy<Value = Change> {
    let field = 0..16_usize;
    prop_oneof![
        (0..KINDS.len()).prop_map(|kind| Change::Add { kind }),
        field.clone().prop_map(|field| Change::Drop { field }),
        (field.clone(), 0..4_usize).prop_map(|(field, name)| Change::Rename { field, name }),
        field.clone().prop_map(|field| Change::Toggle { field }),
        (0..3_usize).prop_map(|name| Change::RenameCollection { name }),
        (field.clone(), 0..INDEXES.len()).prop_map(|(field, definition)| Change::Index { field, definition }),
        (field, 0..RULES.len()).prop_map(|(field, condition)| Change::Rule { field, condition }),
    ]
}

fn field(name: &str, kind: &str) -> Json {
    let mut field = json!({"name": name, "type": kind});
    match kind {
        "select" => field["values"] = json!(["a", "b"]),
        "relation" => field["collectionId"] = json!("_pb_users_auth_"),
        "autodate" => field["onCreate"] = json!(true),
        _ => {}
    }
    field
}

/// A backend with a collection that has a field of each type and three records, and with a view of it.
fn backend() -> Backend {
    let backend = Backend::new();
    let fields: Vec<Json> = KINDS.iter().map(|(kind, _)| field(&format!("f_{kind}"), kind)).collect();
    let things = json!({"id": "things_id", "name": "things", "fields": fields});
    backend.create(&superuser(), things).unwrap();
    let view = json!({"name": "v", "type": "view", "viewQuery": "select id, f_text from things"});
    backend.create(&superuser(), view).unwrap();
    let columns: Vec<String> = KINDS.iter().map(|(kind, _)| format!("f_{kind}")).collect();
    let values: Vec<String> = KINDS.iter().map(|(_, value)| Literal(value).to_string()).collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    backend.sql(&format!("INSERT INTO things (id, {columns}) VALUES ('1', {values}), ('2', {values})"));
    backend.sql("INSERT INTO things (id) VALUES ('3')");
    backend
}

/// The request, given the collection as it is.
fn body(collection: &Json, change: &Change) -> Json {
    let mut fields = collection["fields"].as_array().unwrap().clone();
    // The first one is the id.
    let at = |field: usize| 1 + field % (fields.len() - 1).max(1);
    match change {
        Change::Add { kind } => {
            fields.push(field(&format!("g_{}", KINDS[*kind].0), KINDS[*kind].0));
        }
        Change::Drop { field } if fields.len() > 2 => {
            let at = at(*field);
            fields.remove(at);
        }
        Change::Rename { field, name } if fields.len() > 1 => {
            let at = at(*field);
            fields[at]["name"] = json!(["lower", "desc", "f_text", "F_Bool"][*name]);
        }
        Change::Toggle { field } if fields.len() > 1 => {
            let at = at(*field);
            let several = fields[at]["maxSelect"].as_i64().is_some_and(|max| max > 1);
            fields[at]["maxSelect"] = json!(if several { 1 } else { 2 });
        }
        Change::RenameCollection { name } => {
            let name = ["things", "others", "Things"][*name];
            return json!({ "name": name });
        }
        Change::Index { field, definition } => {
            let name = fields[at(*field)]["name"].as_str().unwrap();
            return json!({"indexes": [INDEXES[*definition].replace("NAME", name)]});
        }
        Change::Rule { field, condition } => {
            let name = fields[at(*field)]["name"].as_str().unwrap();
            return json!({"listRule": RULES[*condition].replace("NAME", name)});
        }
        _ => {}
    }
    json!({ "fields": fields })
}

/// The definitions with their places, and the records by their columns.
fn state(backend: &Backend) -> Vec<String> {
    let rows = backend.sql(
        "SELECT rowid, id, name, fields, indexes, listRule, options, created, updated FROM _collections",
    );
    let mut state: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    // SQLite puts other quotes around what it renames.
    let indexes = backend.sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = 'i'");
    state.extend(indexes.iter().map(|row| format!("{row:?}").replace(['`', '"', '\\', '[', ']'], "")));
    for id in ["things_id", "v"] {
        let collection = backend.get(id);
        let name = collection["name"].as_str().unwrap();
        for field in collection["fields"].as_array().unwrap() {
            let column = field["name"].as_str().unwrap();
            let sql = format!("SELECT id, {} FROM {} ORDER BY id", Quoted(column), Quoted(name));
            state.push(format!("{column} {:?}", backend.sql(&sql)));
        }
    }
    state
}

fn last_migration(backend: &Backend) -> i64 {
    match backend.sql("SELECT COALESCE(MAX(number), 0) FROM _migrations WHERE reverted = ''")[0][0] {
        Value::Integer(number) => number,
        _ => panic!("no number"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_refused_changes_nothing_and_what_is_done_is_taken_back(changes in prop::collection::vec(change(), 1..8)) {
        let backend = backend();
        let mut states = Vec::new();
        for change in &changes {
            backend.app.env().advance_ms(1000);
            let (before, number) = (state(&backend), last_migration(&backend));
            let collection = backend.get("things_id");
            match backend.update("things_id", body(&collection, change)) {
                Err(error) => {
                    prop_assert_eq!(error.status(), 400, "{:?}: {:?}", change, error);
                    prop_assert_eq!(state(&backend), before);
                }
                // Nothing new is no migration; only the time is another.
                Ok(_) if last_migration(&backend) == number => {
                    let others = |state: Vec<String>| -> Vec<String> {
                        state.into_iter().filter(|line| !line.contains("things_id")).collect()
                    };
                    prop_assert_eq!(others(state(&backend)), others(before));
                }
                Ok(_) => states.push(before),
            }
        }
        for before in states.into_iter().rev() {
            backend.revert(json!({})).unwrap();
            prop_assert_eq!(state(&backend), before);
        }
    }
}
