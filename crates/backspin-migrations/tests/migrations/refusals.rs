//! What is found before anything runs: problems of the wanted schema, and changes that no step can make.

use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, refusal, renamed, select_of};
use crate::plan::outline;

fn posts(fields: Json) -> Json {
    collection("posts", fields, json!({}))
}

#[test]
fn a_view_that_cannot_be_made_is_a_problem_and_one_that_could_not_can_be_removed() {
    let view = |query: &str| collection("v", json!([]), json!({"type": "view", "viewQuery": query}));
    let database = TestDatabase::with(&[view("SELECT 1 AS id")]);
    let plan = database.plan(&[view("SELECT id FROM secrets")]).unwrap();
    expect![[r#"
        [BreaksClients] v: Remove the view v
        ! v viewQuery: secrets are secret
    "#]]
    .assert_eq(&outline(&plan));
    assert_eq!(refusal(database.apply_plan(&plan, &[])), "400 v.viewQuery:validation_broken_reference");

    database.sql(
        "UPDATE _collections SET options = '{\"viewQuery\":\"SELECT id FROM secrets\"}' WHERE name = 'v'",
    );
    assert_eq!(database.apply(&[], &[]).unwrap().number, 2);
}

#[test]
fn what_refers_to_a_field_that_goes_is_a_problem() {
    let tags = || collection("tags", json!([field("word", "text")]), json!({}));
    let relation = || json!([{"name": "tag", "type": "relation", "collectionId": "c_tags", "maxSelect": 1}]);
    let with_rule =
        || collection("posts", relation(), json!({"listRule": "tag.word != ''", "viewRule": "id != ''"}));
    let database = TestDatabase::with(&[tags(), with_rule()]);
    let renamed_word = collection(
        "tags",
        json!([renamed("word", "label", "text")]),
        json!({"indexes": ["CREATE INDEX i ON tags (nothing)"]}),
    );
    let plan = database.plan(&[renamed_word, with_rule()]).unwrap();
    expect![[r#"
        [BreaksClients] tags.word: Rename the field word to label in tags
        [Rewrites] tags: Make the index i of tags
        ! tags indexes.0: There is no field nothing for the index.
        ! posts listRule: Invalid rule. Raw error: "tags" has no field "word" (at 0).
    "#]]
    .assert_eq(&outline(&plan));
    assert_eq!(
        refusal(database.apply_plan(&plan, &[])),
        "400 posts.listRule:validation_broken_reference tags.indexes.0:validation_broken_reference"
    );
    let plan = database.plan(&[with_rule()]).unwrap();
    expect![[r#"
        [BreaksClients, LosesData] tags: Remove the collection tags and its records
        ! posts listRule: Invalid rule. Raw error: The collection that "tag" refers to does not exist (at 0).
        ! posts fields: The field tag relates to tags, which is removed.
    "#]]
    .assert_eq(&outline(&plan));
}

#[test]
fn what_no_step_can_do_is_refused_with_its_reason() {
    let relation =
        |target: &str| json!({"name": "r", "type": "relation", "collectionId": target, "maxSelect": 1});
    let old = [
        posts(json!([field("title", "text"), relation("c_a")])),
        collection("a", json!([]), json!({})),
        collection("b", json!([]), json!({})),
    ];
    let database = TestDatabase::with(&old);
    let refused = |posts: Json| {
        refusal(database.plan(&[
            posts,
            collection("a", json!([]), json!({})),
            collection("b", json!([]), json!({})),
        ]))
    };
    let as_auth = collection("posts", json!([]), json!({"type": "auth"}));
    assert_eq!(refused(as_auth), "400 posts:validation_collection_type_change");
    let to_password = posts(json!([renamed("title", "title", "password"), relation("c_a")]));
    assert_eq!(refused(to_password), "400 posts:validation_field_type_change");
    let other_target = posts(json!([field("title", "text"), relation("c_b")]));
    assert_eq!(refused(other_target), "400 posts:validation_field_relation_change");
    let twice = posts(json!([field("title", "text"), relation("c_a"), {"name": "TITLE", "type": "text"}]));
    assert_eq!(refused(twice), "400 posts:validation_duplicated_field_name");
    let mut without_id = posts(json!([]));
    without_id["fields"] = json!([{"id": "x", "name": "x", "type": "text"}]);
    assert_eq!(refused(without_id), "400 posts:validation_system_field_change");

    let no_system = backspin_schema::Schema::new(vec![]);
    let refusal = refusal(backspin_migrations::plan(&database.snapshot(), &no_system, &select_of));
    assert_eq!(refusal, "400 _mfas:validation_system_collection");
}
