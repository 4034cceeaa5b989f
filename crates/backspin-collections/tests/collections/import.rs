//! Several collections made or changed at once.

use backspin_collections as collections;
use backspin_core::Error;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Backend, caller, refusal, superuser};

impl Backend {
    pub(crate) fn import(&self, caller: &Caller, body: Json) -> Result<(), Error> {
        let Json::Object(body) = body else { panic!("no object") };
        block_on(collections::import(&self.app, caller, body))
    }

    fn names(&self) -> Vec<String> {
        self.find(&superuser(), "", "system = false").unwrap()
    }

    fn field_names(&self, collection: &str) -> Vec<String> {
        let collection = self.get(collection);
        let fields = collection["fields"].as_array().unwrap().iter();
        fields.map(|field| field["name"].as_str().unwrap().to_owned()).collect()
    }
}

/// The one text that tells what is wrong.
fn told(result: Result<(), Error>) -> String {
    let Err(Error::BadRequest { fields, .. }) = result else { panic!("{result:?}") };
    let fields = serde_json::to_value(fields).unwrap();
    assert_eq!(fields["collections"]["code"], "validation_collections_import_failure", "{fields}");
    fields["collections"]["message"].as_str().unwrap().to_owned()
}

fn relation(to: &str) -> Json {
    json!({"name": "to", "type": "relation", "collectionId": to, "maxSelect": 1})
}

#[test]
fn collections_refer_to_one_another_in_any_order() {
    let backend = Backend::new();
    let imported = backend.import(
        &superuser(),
        json!({"collections": [
            {"id": "shown", "name": "shown", "type": "view", "viewQuery": "SELECT id, title FROM films"},
            {"id": "a1", "name": "people", "fields": [relation("b1"), relation("a1")],
             "listRule": "@collection.films.title != ''"},
            {"id": "b1", "name": "films", "fields": [relation("a1"), {"name": "title", "type": "text"}],
             "indexes": ["CREATE INDEX titles ON films (title)"]},
        ]}),
    );
    imported.unwrap();
    assert_eq!(backend.names(), ["users", "shown", "people", "films"]);
    assert_eq!(backend.field_names("shown"), ["id", "title"]);
    backend.sql("INSERT INTO films (id, title) VALUES ('alien', 'Alien')");
    assert_eq!(backend.sql("SELECT title FROM shown"), [["Alien".into()]]);
    let history: Json = serde_json::from_str(
        &block_on(collections::migrate::history(&backend.app, &superuser(), crate::ALL)).unwrap(),
    )
    .unwrap();
    assert_eq!(history["totalItems"], 1, "one import is one migration");
}

#[test]
fn what_a_definition_leaves_out_stays() {
    let backend = Backend::new();
    let fields = json!([
        {"id": "f1", "name": "title", "type": "text", "max": 10}, {"id": "f2", "name": "year", "type": "number"},
    ]);
    backend
        .create(&superuser(), json!({"id": "m1", "name": "movies", "listRule": "", "fields": fields}))
        .unwrap();
    backend.sql("INSERT INTO movies (id, title, year) VALUES ('alien', 'Alien', 1979)");
    let definition = json!({"name": "movies", "fields": [
        {"id": "f1", "name": "name", "type": "text", "max": 20}, {"name": "seen", "type": "bool"},
    ]});
    backend.import(&superuser(), json!({"collections": [definition]})).unwrap();
    let movies = backend.get("movies");
    assert_eq!([&movies["id"], &movies["listRule"]], ["m1", ""]);
    let mut names = backend.field_names("movies");
    names.sort();
    assert_eq!(names, ["id", "name", "seen", "year"]);
    assert_eq!(backend.sql("SELECT name, year FROM movies"), [["Alien".into(), 1979_i64.into()]]);

    let definition = json!({"id": "m1", "name": "films", "fields": [{"name": "name", "type": "text"}]});
    backend.import(&superuser(), json!({"collections": [definition], "deleteMissing": false})).unwrap();
    assert_eq!(backend.sql("SELECT name, year FROM films"), [["Alien".into(), 1979_i64.into()]]);
}

#[test]
fn what_is_missing_goes_when_asked_but_for_the_systems() {
    let backend = Backend::new();
    backend.create(&superuser(), json!({"name": "old", "fields": [relation("_pb_users_auth_")]})).unwrap();
    backend
        .create(&superuser(), json!({"name": "movies", "fields": [{"name": "title", "type": "text"}]}))
        .unwrap();
    backend
        .import(
            &superuser(),
            json!({"deleteMissing": true, "collections": [
                {"name": "movies", "fields": [{"name": "year", "type": "number"}]}, {"name": "_superusers"},
            ]}),
        )
        .unwrap();
    assert_eq!(backend.names(), ["movies"]);
    assert_eq!(backend.list(&superuser(), "").unwrap().len(), 6);
    let mut names = backend.field_names("movies");
    names.sort();
    assert_eq!(names, ["id", "year"]);
    assert!(backend.field_names("_superusers").contains(&"tokenKey".to_owned()));
}

#[test]
fn a_field_in_the_way_of_another_is_not_lost() {
    let backend = Backend::new();
    let movies = json!({"name": "movies", "fields": [{"id": "f1", "name": "year", "type": "number"}]});
    backend.create(&superuser(), movies).unwrap();
    backend.sql("INSERT INTO movies (id, year) VALUES ('alien', 1979)");
    let other = json!({"name": "movies", "fields": [{"id": "f2", "name": "year", "type": "text"}]});
    told(backend.import(&superuser(), json!({"collections": [other]})));
    assert_eq!(backend.sql("SELECT year FROM movies"), [[1979_i64.into()]]);
    backend.import(&superuser(), json!({"collections": [other], "deleteMissing": true})).unwrap();
    assert_eq!(backend.sql("SELECT year FROM movies"), [["".into()]]);
}

/// The schema of another server has ids of its own.
#[test]
fn a_field_under_an_unknown_id_is_the_one_of_its_name() {
    let backend = Backend::new();
    let text = |id: &str, name: &str, max: i64| json!({"id": id, "name": name, "type": "text", "max": max});
    let movies = |fields: Json| json!({"collections": [{"name": "movies", "fields": fields}]});
    backend.import(&superuser(), movies(json!([text("t1", "title", 0), text("t2", "line", 0)]))).unwrap();
    backend.sql("INSERT INTO movies (id, title) VALUES ('alien', 'Alien')");
    backend.import(&superuser(), movies(json!([text("t9", "title", 77)]))).unwrap();
    let fields = backend.get("movies")["fields"].clone();
    assert_eq!((&fields[0]["id"], &fields[0]["max"]), (&json!("t1"), &json!(77)));
    assert_eq!(backend.field_names("movies"), ["title", "id", "line"]);
    // What is sent under its own id is that, and another one of its old name is new.
    backend.import(&superuser(), movies(json!([text("t8", "title", 0), text("t1", "word", 0)]))).unwrap();
    assert_eq!(backend.sql("SELECT title, word FROM movies"), [["".into(), "Alien".into()]]);
}

#[test]
fn with_missing_ones_deleted_a_definition_without_fields_has_none_but_the_systems() {
    let backend = Backend::new();
    backend
        .create(&superuser(), json!({"name": "movies", "fields": [{"name": "title", "type": "text"}]}))
        .unwrap();
    let import = |deletes: bool| {
        let body = json!({"collections": [{"name": "movies"}, {"name": "users"}], "deleteMissing": deletes});
        backend.import(&superuser(), body).unwrap();
    };
    import(false);
    assert_eq!(backend.field_names("movies"), ["id", "title"]);
    import(true);
    assert_eq!(backend.field_names("movies"), ["id"]);
    let mut users = backend.field_names("users");
    users.sort();
    assert_eq!(users, ["email", "emailVisibility", "id", "password", "tokenKey", "verified"]);
}

#[test]
fn fields_of_the_system_stay() {
    let backend = Backend::new();
    let before = backend.field_names("_superusers");
    let empty = json!({"name": "_superusers", "fields": []});
    backend.import(&superuser(), json!({"collections": [empty], "deleteMissing": true})).unwrap();
    let mut after = backend.field_names("_superusers");
    assert_eq!(after.len(), before.len());
    after.retain(|name| !before.contains(name));
    assert_eq!(after, [""; 0]);
}

#[test]
fn an_export_is_imported_without_a_change() {
    let backend = Backend::new();
    backend.create(&superuser(), json!({"name": "movies", "fields": [relation("_pb_users_auth_")]})).unwrap();
    let export: Vec<Json> =
        ["users", "movies", "_superusers", "_otps"].iter().map(|name| backend.get(name)).collect();
    let secrets = "SELECT options->>'$.authToken.secret' FROM _collections WHERE name = 'users'";
    let before = backend.sql(secrets);
    backend.import(&superuser(), json!({"collections": export})).unwrap();
    assert_eq!(backend.sql(secrets), before);
    assert_eq!(backend.sql("SELECT count(*) FROM _migrations"), [[1_i64.into()]]);

    let other = Backend::new();
    other.import(&superuser(), json!({"collections": export, "deleteMissing": true})).unwrap();
    assert_eq!(other.get("movies")["fields"], backend.get("movies")["fields"]);
}

#[test]
fn all_that_is_wrong_is_told_and_nothing_is_done() {
    let backend = Backend::new();
    let text = told(backend.import(
        &superuser(),
        json!({"collections": [
            {"name": "fine"},
            {"id": "x1", "name": "not fine", "fields": [{"name": "a b", "type": "text"}]},
            {"name": "lost", "fields": [relation("nowhere")]},
            {"name": "_superusers", "listRule": ""},
        ]}),
    ));
    for part in [
        "\"not fine\" (x1)",
        "\"name\": \"Must be in a valid format.\"",
        "\"lost\":",
        "doesn't exist",
        "\"_superusers\":",
        "System collection API rule cannot be changed.",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("\"fine\""), "{text}");
    assert_eq!(backend.names(), ["users"]);

    for wrong in [
        json!([{"name": "twice"}, {"name": "twice"}]),
        json!([{"id": "same", "name": "one"}, {"id": "same", "name": "two"}]),
        json!([{"name": "one"}, {"name": "ONE"}]),
        json!([{"name": "odd", "type": "odd"}]),
        json!([{"name": "odd", "fields": [{"name": "a", "type": "odd"}]}]),
        json!([{"name": "shown", "type": "view", "viewQuery": "SELECT id FROM nowhere"}]),
        json!([{}]),
        json!([null]),
    ] {
        told(backend.import(&superuser(), json!({"collections": wrong})));
        assert_eq!(backend.names(), ["users"], "{wrong}");
    }
}

#[test]
fn data_that_stand_against_it_keep_all_as_it_was() {
    let backend = Backend::new();
    let movies = json!({"name": "movies", "fields": [{"name": "title", "type": "text"}]});
    backend.create(&superuser(), movies).unwrap();
    backend.sql("INSERT INTO movies (id, title) VALUES ('a', 'Alien'), ('b', 'Alien')");
    let text = told(backend.import(
        &superuser(),
        json!({"collections": [
            {"name": "new"}, {"name": "movies", "indexes": ["CREATE UNIQUE INDEX titles ON movies (title)"]},
        ]}),
    ));
    assert!(text.contains("titles"), "{text}");
    assert_eq!(backend.names(), ["users", "movies"]);
}

#[test]
fn what_is_no_import_is_refused() {
    let backend = Backend::new();
    for (body, codes) in [
        (json!({}), "400 collections:validation_required"),
        (json!({"collections": null}), "400 collections:validation_required"),
        (json!({"collections": [], "deleteMissing": true}), "400 collections:validation_required"),
        (json!({"collections": {}}), "400"),
        (json!({"collections": [1]}), "400"),
        (json!({"collections": [{"name": "a"}], "deleteMissing": "yes"}), "400"),
        (
            json!({"collections": vec![json!({"name": "a"}); 1001]}),
            "400 collections:validation_length_too_long",
        ),
    ] {
        assert_eq!(refusal(backend.import(&superuser(), body.clone())), codes);
        assert_eq!(refusal(backend.import(&Caller::Guest, body.clone())), "401");
        assert_eq!(refusal(backend.import(&caller("_pb_users_auth_"), body)), "403");
    }
    assert_eq!(backend.names(), ["users"]);
}
