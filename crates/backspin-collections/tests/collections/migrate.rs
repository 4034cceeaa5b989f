//! `/api/migrations`: the plan before the change, the change as planned, and the way back.

use backspin_collections::{self as collections, migrate};
use backspin_core::{Error, Result};
use backspin_query::Fields;
use backspin_schema::{Caller, Page};
use futures::executor::block_on;
use serde_json::{Map, Value as Json, json};

use crate::{Backend, caller, refusal, superuser};

fn object(body: Json) -> Map<String, Json> {
    body.as_object().unwrap().clone()
}

fn read(json: Result<String>) -> Result<Json> {
    json.map(|json| serde_json::from_str(&json).unwrap())
}

impl Backend {
    pub(crate) fn plan(&self, body: Json) -> Result<Json> {
        read(block_on(migrate::plan(&self.app, &superuser(), object(body))))
    }

    fn apply(&self, body: Json) -> Result<Json> {
        read(block_on(migrate::apply(&self.app, &superuser(), object(body))))
    }

    /// Plans, and applies what was planned.
    pub(crate) fn migrate(&self, mut body: Json) -> Result<Json> {
        body["fingerprint"] = self.plan(body.clone())?["fingerprint"].clone();
        self.apply(body)
    }

    pub(crate) fn revert(&self, body: Json) -> Result<Json> {
        read(block_on(migrate::revert(&self.app, &superuser(), object(body))))
    }

    fn history(&self) -> Json {
        let page = Page { number: 1, size: 2, skip_total: false };
        read(block_on(migrate::history(&self.app, &superuser(), page))).unwrap()
    }
}

/// A backend with the collection `movies` and three of them.
fn backend() -> Backend {
    let backend = Backend::new();
    let movies = json!({"name": "movies", "fields": [field("title", "text"), field("year", "number")]});
    backend.create(&superuser(), movies).unwrap();
    backend.sql(
        "INSERT INTO movies (id, title, year) VALUES ('1', 'M', 1931), ('2', 'Ran', 1985), ('3', '', 0)",
    );
    backend
}

fn field(name: &str, kind: &str) -> Json {
    json!({"name": name, "type": kind})
}

fn movies(fields: Json) -> Json {
    json!({"collections": [{"name": "movies", "fields": fields}]})
}

/// `kind target grade rows lost`
fn steps(plan: &Json) -> Vec<String> {
    let words = |step: &Json| {
        let grade = step["grades"].as_array().unwrap().last().unwrap();
        [&step["kind"], &step["target"], grade, &step["rows"], &step["lost"]]
            .map(|word| word.to_string().replace('"', ""))
            .join(" ")
    };
    plan["steps"].as_array().unwrap().iter().map(words).collect()
}

#[test]
fn a_plan_tells_what_would_happen_and_changes_nothing() {
    let backend = backend();
    let before = (backend.get("movies"), backend.history());
    let wanted = json!({"collections": [
        {"name": "movies", "fields": [field("title", "text"), field("open", "bool")]},
        {"name": "people", "fields": [{"name": "films", "type": "relation", "collectionId": before.0["id"], "maxSelect": 9}]},
    ]});
    let plan = backend.plan(wanted.clone()).unwrap();
    assert_eq!(
        steps(&plan),
        [
            "dropField movies.year losesData 3 2",
            "addField movies.open safe 0 0",
            "createCollection people safe 0 0",
        ]
    );
    assert_eq!(plan["problems"], json!([]));
    assert_eq!(
        plan["steps"][1]["up"],
        json!([r#"ALTER TABLE "movies" ADD COLUMN "open" BOOLEAN DEFAULT FALSE NOT NULL"#])
    );
    assert_eq!(backend.plan(wanted).unwrap()["fingerprint"], plan["fingerprint"]);
    assert_eq!((backend.get("movies"), backend.history()), before);
}

#[test]
fn what_was_planned_is_applied_once_its_losses_are_accepted() {
    let backend = backend();
    let before = backend.get("movies");
    let mut wanted = movies(json!([field("title", "text")]));
    assert_eq!(refusal(backend.apply(wanted.clone())), "400 fingerprint:validation_required");
    wanted["fingerprint"] = json!("0".repeat(64));
    assert_eq!(refusal(backend.apply(wanted.clone())), "409");
    assert_eq!(refusal(backend.migrate(wanted.clone())), "400 movies.year:validation_data_loss");
    wanted["acceptedLosses"] = json!(["movies.title"]);
    assert_eq!(refusal(backend.migrate(wanted.clone())), "400 movies.year:validation_data_loss");
    assert_eq!(backend.get("movies"), before);

    wanted["acceptedLosses"] = json!(["movies.year"]);
    let migration = backend.migrate(wanted.clone()).unwrap();
    assert_eq!((&migration["number"], &migration["reverted"]), (&json!(2), &json!("")));
    assert_eq!(refusal(backend.migrate(wanted)), "400");
    let history = backend.history();
    assert_eq!(
        (&history["totalItems"], &history["totalPages"], &history["perPage"]),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(history["items"][0], migration);
    assert_eq!(history["current"]["schema"], migration["schemaAfter"]);

    let reverted = backend.revert(json!({"number": 2})).unwrap();
    assert_ne!(reverted["reverted"], "");
    assert_eq!(backend.get("movies"), before);
    assert_eq!(
        format!("{:?}", backend.sql("SELECT year FROM movies")),
        "[[Integer(1931)], [Integer(1985)], [Integer(0)]]"
    );
}

#[test]
fn a_field_of_another_type_keeps_its_values_where_they_mean_something() {
    let backend = backend();
    let fields = backend.get("movies")["fields"].clone();
    let mut year = fields[2].clone();
    year["type"] = json!("text");
    let plan = movies(json!([fields[1], year]));
    assert_eq!(steps(&backend.plan(plan.clone()).unwrap())[0], "convertField movies.year breaksClients 3 0");
    backend.migrate(plan).unwrap();
    assert_eq!(format!("{:?}", backend.sql("SELECT year FROM movies LIMIT 1")), r#"[[Text("1931")]]"#);
    // The collections API does as PocketBase does.
    let mut back = backend.get("movies")["fields"].clone();
    back[2]["type"] = json!("number");
    assert_eq!(
        refusal(backend.update("movies", json!({"fields": back}))),
        "400 fields.2:validation_field_type_change"
    );
}

#[test]
fn what_would_break_is_reported_before_anything_runs() {
    let backend = backend();
    backend
        .create(
            &superuser(),
            json!({"name": "v", "type": "view", "viewQuery": "select id, year from movies"}),
        )
        .unwrap();
    backend
        .create(&superuser(), json!({"name": "notes", "listRule": "@collection.movies.year > 1"}))
        .unwrap();
    backend.update("movies", json!({"indexes": ["CREATE INDEX by_year ON movies (year)"]})).unwrap();
    let body = movies(json!([field("title", "text")]));
    let plan = backend.plan(body.clone()).unwrap();
    let problems: Vec<String> = plan["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            format!("{}.{}", problem["collection"].as_str().unwrap(), problem["part"].as_str().unwrap())
        })
        .collect();
    assert_eq!(problems, ["movies.indexes.0", "notes.listRule", "v.viewQuery"]);
    assert_eq!(
        refusal(backend.migrate(body)),
        "400 movies.indexes.0:validation_broken_reference notes.listRule:validation_broken_reference \
         v.viewQuery:validation_broken_reference"
    );
    // All of it can be changed at once.
    let all = json!({"acceptedLosses": ["movies.year"], "collections": [
        {"name": "v", "viewQuery": "select id, title from movies"},
        {"name": "notes", "listRule": "@collection.movies.title != ''"},
        {"name": "movies", "fields": [field("title", "text")], "indexes": []},
    ]});
    backend.migrate(all).unwrap();
    assert_eq!(backend.get("v")["fields"][1]["name"], "title");
}

#[test]
fn a_unique_index_on_equal_values_is_reported_before_anything_runs() {
    let backend = backend();
    backend.sql("INSERT INTO movies (id, title, year) VALUES ('4', 'M', 1951)");
    let unique = |columns: &str| {
        let mut body = movies(json!([field("title", "text"), field("year", "number")]));
        body["collections"][0]["indexes"] = json!([format!("CREATE UNIQUE INDEX u ON movies ({columns})")]);
        body
    };
    let plan = backend.plan(unique("title DESC")).unwrap();
    assert_eq!(
        plan["problems"],
        json!([{"collection": "movies", "part": "indexes.0", "message": "The unique index u cannot be made: a value is there more than once."}])
    );
    assert_eq!(backend.plan(unique("title, year")).unwrap()["problems"], json!([]));
    backend.migrate(unique("title, year")).unwrap();
}

#[test]
fn collections_that_are_missing_go_only_if_they_shall_and_those_of_the_system_never() {
    let backend = backend();
    let other = |more: Json| {
        let mut body = json!({"collections": [{"name": "other"}]});
        body.as_object_mut().unwrap().extend(object(more));
        body
    };
    assert_eq!(steps(&backend.plan(other(json!({}))).unwrap()), ["createCollection other safe 0 0"]);
    let plan = backend.plan(other(json!({"deleteMissing": true}))).unwrap();
    assert_eq!(
        steps(&plan),
        [
            "dropCollection users breaksClients 0 0",
            "dropCollection movies losesData 0 3",
            "createCollection other safe 0 0",
        ]
    );
    let all = json!({"deleteMissing": true, "acceptedLosses": ["movies"]});
    backend.migrate(other(all)).unwrap();
    assert_eq!(
        backend.list(&superuser(), "").unwrap(),
        ["_mfas", "_otps", "_externalAuths", "_authOrigins", "_superusers", "other"]
    );
    backend.revert(json!({})).unwrap();
    assert_eq!(backend.sql("SELECT count(*) FROM movies"), [[3_i64.into()]]);
}

#[test]
fn definitions_are_matched_by_id_then_by_name() {
    let backend = backend();
    let id = backend.get("movies")["id"].clone();
    let renamed = json!({"collections": [{"id": id, "name": "films"}]});
    assert_eq!(
        steps(&backend.plan(renamed.clone()).unwrap()),
        ["renameCollections movies breaksClients 0 0"]
    );
    backend.migrate(renamed).unwrap();
    let from_elsewhere = json!({"collections": [{"id": "elsewhere", "name": "films", "listRule": ""}]});
    backend.migrate(from_elsewhere).unwrap();
    assert_eq!(backend.get("films")["id"], id);
    // A new one has the id that a create would give it, and may be referred to by it at once.
    let tags = json!({"name": "tags"});
    let planned = backend.migrate(json!({ "collections": [tags] })).unwrap();
    assert_eq!(planned["steps"][0]["target"], "tags");
    let id = backend.get("tags")["id"].clone();
    backend.revert(json!({})).unwrap();
    let both = json!({"collections": [
        {"name": "films", "fields": [{"name": "tag", "type": "relation", "collectionId": id}]}, {"name": "tags"},
    ], "acceptedLosses": ["films.title", "films.year"]});
    backend.migrate(both).unwrap();
    assert_eq!(backend.get("tags")["id"], id);
}

#[test]
fn wrong_definitions_are_told_by_their_place() {
    let backend = backend();
    for (body, expected) in [
        (json!({}), "400 collections:validation_required"),
        (json!({"collections": {}}), "400 collections:validation_invalid_value"),
        (json!({"collections": [1]}), "400 collections:validation_invalid_value"),
        (json!({"collections": vec![json!({}); 1001]}), "400 collections:validation_length_too_long"),
        (json!({"collections": [], "deleteMissing": 1}), "400 deleteMissing:validation_invalid_value"),
        (json!({"collections": [{}]}), "400 collections.0.name:validation_required"),
        (
            json!({"collections": [{"name": "a"}, {"name": "A"}]}),
            "400 collections.0.name:validation_collection_name_exists collections.1.name",
        ),
        (
            json!({"collections": [{"name": "movies"}, {"name": "movies"}]}),
            "400 collections.1:validation_duplicated_collection",
        ),
        (
            json!({"collections": [{"name": "movies", "listRule": "nope = 1"}]}),
            "400 collections.0.listRule:validation_invalid_rule",
        ),
        (
            json!({"collections": [{"name": "movies", "type": "view"}]}),
            "400 collections.0.fields:validation_required collections.0.type:validation_collection_type_change",
        ),
        (
            json!({"collections": [{"name": "movies", "fields": 1}]}),
            "400 collections.0:validation_invalid_value",
        ),
        (
            json!({"collections": [{"name": "movies", "fields": vec![json!({}); 501]}]}),
            "400 collections.0.fields:validation_length_too_long",
        ),
        (
            json!({"collections": [{"name": "_mfas", "listRule": ""}]}),
            "400 collections.0.listRule:validation_collection_system_rule_change",
        ),
        (
            json!({"collections": [{"name": "v", "type": "view", "viewQuery": "select id, nope from movies"}]}),
            "400 collections.0.fields:validation_required collections.0.viewQuery:validation_invalid_view_query",
        ),
    ] {
        let found = refusal(backend.plan(body.clone()));
        assert!(found.starts_with(expected), "{body}: {found}");
    }
    for (body, expected) in [
        (json!({"number": "1"}), "400 number:validation_invalid_value"),
        (json!({"acceptedLosses": "a"}), "400 acceptedLosses:validation_invalid_value"),
        (json!({"number": 7}), "409"),
    ] {
        assert_eq!(refusal(backend.revert(body)), expected);
    }
    let forget = |body: Json| block_on(migrate::forget(&backend.app, &superuser(), object(body)));
    assert_eq!(refusal(forget(json!({}))), "400 number:validation_required");
    for nothing in [json!({"number": 1}), json!({"before": 9}), json!({"before": "2020-01-01"})] {
        assert_eq!(refusal(forget(nothing)), "404");
    }
    for wrong in [json!({"before": "soon"}), json!({"before": []}), json!({"number": 1, "before": 2})] {
        assert_eq!(refusal(forget(wrong)), "400 before:validation_invalid_value");
    }
}

#[test]
fn what_a_record_stands_against_names_the_step() {
    let backend = backend();
    backend.sql("INSERT INTO movies (id, title) VALUES ('4', 'M')");
    let unique =
        json!({"collections": [{"name": "movies", "indexes": ["CREATE UNIQUE INDEX i ON movies (title)"]}]});
    assert_eq!(refusal(backend.migrate(unique)), "400 steps.0:validation_step_failed");
}

#[test]
fn a_record_of_the_history_that_was_changed_is_not_run() {
    let backend = backend();
    backend.sql("UPDATE _migrations SET steps = replace(steps, 'DROP', 'drop')");
    assert_eq!(refusal(backend.revert(json!({}))), "409");
}

#[test]
fn only_superusers_plan_and_apply() {
    let backend = backend();
    let page = Page { number: 1, size: 1, skip_total: true };
    for (caller, status) in [(Caller::Guest, "401"), (caller("_pb_users_auth_"), "403")] {
        let statuses: [Result<(), Error>; 5] = [
            block_on(migrate::history(&backend.app, &caller, page)).map(drop),
            block_on(migrate::plan(&backend.app, &caller, Map::new())).map(drop),
            block_on(migrate::apply(&backend.app, &caller, Map::new())).map(drop),
            block_on(migrate::revert(&backend.app, &caller, Map::new())).map(drop),
            block_on(migrate::forget(&backend.app, &caller, Map::new())),
        ];
        for refused in statuses {
            assert_eq!(refusal(refused), status);
        }
    }
}

/// Nobody who reads the view notices.
#[test]
fn a_view_that_only_follows_a_new_name_breaks_no_client() {
    let backend = backend();
    let id = backend.get("movies")["id"].clone();
    let view = |query: &str| json!({"name": "v", "type": "view", "viewQuery": query});
    backend.migrate(json!({"collections": [view("SELECT id, title FROM movies")]})).unwrap();
    let of_view = |mut definitions: Vec<Json>| {
        definitions.push(json!({"id": id, "name": "films"}));
        let steps = steps(&backend.plan(json!({ "collections": definitions })).unwrap());
        steps.into_iter().filter(|step| step.contains("View v")).collect::<Vec<_>>()
    };
    let safe = ["dropView v safe 0 0", "createView v safe 0 0"];
    assert_eq!(of_view(vec![]), safe);
    assert_eq!(of_view(vec![view("SELECT id, title FROM films")]), safe);
    let another = "SELECT id, upper(title) AS title FROM films";
    assert_eq!(of_view(vec![view(another)])[0], "dropView v breaksClients 0 0");
}

#[test]
fn the_history_gives_the_keys_that_are_asked_for() {
    let backend = backend();
    let page = Page { number: 1, size: 1, skip_total: true };
    let history = block_on(migrate::history(&backend.app, &superuser(), page)).unwrap();
    let picked = |fields: &str| {
        let picked = collections::pick_items(history.clone(), &Fields::parse(fields).unwrap()).unwrap();
        serde_json::from_str::<Json>(&picked).unwrap()
    };
    assert_eq!(picked("number")["items"], json!([{"number": 1}]));
    assert_eq!(picked("number")["page"], 1);
    assert!(picked("")["items"][0]["steps"].is_array());
}
