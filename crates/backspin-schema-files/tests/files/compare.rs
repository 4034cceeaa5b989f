//! What differs between a database and the files.

use anstream::adapter::strip_str;
use backspin_schema::Collection;
use backspin_schema_files::{compare, to_body};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::collections::{collection, movies};

fn check(database: &[Collection], files: &[Collection], expected: Expect) {
    let differences = compare(database, files);
    let text: String = differences.iter().map(ToString::to_string).collect();
    expected.assert_eq(&strip_str(&text).to_string());
}

fn changed(change: impl Fn(&mut Value)) -> Collection {
    let mut json = to_body(&movies()).unwrap();
    change(&mut json);
    collection(json)
}

#[test]
fn what_is_the_same_does_not_differ() {
    let stored = Collection { created: "2026-01-01 00:00:00.000Z".to_owned(), ..movies() };
    check(&[stored], &[movies()], expect![[""]]);
}

#[test]
fn collections_and_fields_come_and_go() {
    let notes = collection(json!({ "id": "pbc_9", "name": "notes", "type": "base" }));
    check(
        std::slice::from_ref(&notes),
        &[movies()],
        expect![[r#"
        + movies: only in the files
        - notes: only in the database
    "#]],
    );
    let other = changed(|json| {
        let fields = json["fields"].as_array_mut().unwrap();
        fields.remove(1);
        fields.push(json!({ "name": "plot", "type": "editor" }));
    });
    check(
        &[movies()],
        &[other],
        expect![[r#"
        movies
          + field plot: editor
          - field title: text
    "#]],
    );
}

#[test]
fn changed_options_are_told_one_by_one() {
    let other = changed(|json| {
        json["name"] = json!("films");
        json["listRule"] = json!(null);
        json["fields"][1]["name"] = json!("headline");
        json["fields"][2]["max"] = json!(3000);
        json["fields"][2]["required"] = json!(true);
        json["indexes"] = json!(["CREATE INDEX `idx_title` ON `films` (`headline`)"]);
    });
    check(
        &[movies()],
        &[other],
        expect![[r#"
        films
          - listRule: ""
          + listRule: null
          - name: "movies"
          + name: "films"
          - indexes: "CREATE INDEX `idx_year` ON `movies` (`year`)"
          + indexes: "CREATE INDEX `idx_title` ON `films` (`headline`)"
          - field headline.name: "title"
          + field headline.name: "headline"
          - field year.max: null
          + field year.max: 3000
          - field year.required: false
          + field year.required: true
    "#]],
    );
}

#[test]
fn another_order_of_the_fields_is_told() {
    let other = changed(|json| json["fields"].as_array_mut().unwrap().swap(1, 2));
    check(
        &[movies()],
        &[other],
        expect![[r#"
        movies
          - order of the fields: ["id","title","year"]
          + order of the fields: ["id","year","title"]
    "#]],
    );
}

#[test]
fn another_type_is_told_without_the_options_that_go_with_the_old_one() {
    let other = changed(|json| json["fields"][1] = json!({ "id": "text2", "name": "title", "type": "bool" }));
    check(
        &[movies()],
        &[other],
        expect![[r#"
        movies
          - field title.type: "text"
          + field title.type: "bool"
    "#]],
    );
}

#[test]
fn options_within_options_have_paths() {
    let people = |length: i64| {
        collection(json!({ "id": "pbc_2", "name": "people", "type": "auth", "otp": { "length": length } }))
    };
    check(
        &[people(8)],
        &[people(6)],
        expect![[r#"
        people
          - otp.length: 8
          + otp.length: 6
    "#]],
    );
}

#[test]
fn what_the_files_leave_to_the_server_does_not_differ() {
    // As people write it: no ids, no primary key, no system collections.
    let by_hand = changed(|json| {
        json.as_object_mut().unwrap().remove("id");
        let fields = json["fields"].as_array_mut().unwrap();
        fields.remove(0);
        fields.iter_mut().for_each(|field| {
            field.as_object_mut().unwrap().remove("id");
        });
    });
    let system = collection(json!({ "id": "pbc_0", "name": "_system", "type": "base", "system": true }));
    check(&[movies(), system], &[by_hand], expect![[""]]);
}

#[test]
fn an_index_is_on_the_table_of_its_collection_whatever_its_text_says() {
    let films = |indexes: Value| {
        collection(json!({ "id": "f", "name": "films", "type": "base", "indexes": indexes }))
    };
    let stored = films(json!(["CREATE INDEX `i` ON `films` (`a`)"]));
    assert_eq!(
        compare(std::slice::from_ref(&stored), &[films(json!(["CREATE INDEX i ON movies (`a`)"]))]),
        []
    );
    assert_eq!(compare(&[stored], &[films(json!(["CREATE INDEX i ON movies (`b`)"]))]).len(), 1);
}

#[test]
fn indexes_that_every_auth_collection_has_may_be_left_out() {
    let people = |indexes: Value| {
        collection(json!({ "id": "pbc_2", "name": "people", "type": "auth", "indexes": indexes }))
    };
    let (token_key, email) = (
        "CREATE UNIQUE INDEX `idx_tokenKey_pbc_2` ON `people` (`tokenKey`)",
        "CREATE UNIQUE INDEX `idx_email_pbc_2` ON `people` (`email`) WHERE `email` != ''",
    );
    let other = "CREATE INDEX `idx_other` ON `people` (`email`)";
    let own = "CREATE UNIQUE INDEX `own` ON `people` (`email`)";
    check(
        &[people(json!([token_key, email, other]))],
        &[people(json!([]))],
        expect![[r#"
            people
              - indexes: "CREATE INDEX `idx_other` ON `people` (`email`)"
        "#]],
    );
    check(
        &[people(json!([token_key, email]))],
        &[people(json!([own]))],
        expect![[r#"
            people
              - indexes: "CREATE UNIQUE INDEX `idx_email_pbc_2` ON `people` (`email`) WHERE `email` != ''"
              + indexes: "CREATE UNIQUE INDEX `own` ON `people` (`email`)"
        "#]],
    );
}

#[test]
fn views_are_compared_by_their_query() {
    let view = |query: &str, field: &str| Collection {
        fields: movies().fields.into_iter().filter(|other| other.name != field).collect(),
        ..collection(json!({ "id": "pbc_3", "name": "v", "type": "view", "viewQuery": query }))
    };
    check(&[view("SELECT 1", "year")], &[view("SELECT 1", "title")], expect![[""]]);
    check(
        &[view("SELECT 1", "")],
        &[view("SELECT 2", "")],
        expect![[r#"
        v
          - viewQuery: "SELECT 1"
          + viewQuery: "SELECT 2"
    "#]],
    );
}

#[test]
fn programs_read_json() {
    let other = changed(|json| json["viewRule"] = json!(null));
    let differences = serde_json::to_value(compare(&[movies()], &[other])).unwrap();
    assert_eq!(
        differences,
        json!([{ "id": "pbc_1", "name": "movies", "presence": "both",
                 "differences": [{ "part": "viewRule", "database": "", "files": null }] }])
    );
}
