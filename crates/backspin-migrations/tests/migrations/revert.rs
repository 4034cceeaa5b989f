//! What can be taken back, when, and what is left behind.

use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, refusal};

fn posts(fields: &[&str]) -> Json {
    let fields: Vec<Json> = fields.iter().map(|name| field(name, "text")).collect();
    collection("posts", fields.into(), json!({}))
}

#[test]
fn only_the_last_migration_is_taken_back_and_then_the_one_before() {
    let database = TestDatabase::new();
    let empty = database.state();
    database.apply(&[posts(&[])], &[]).unwrap();
    database.apply(&[posts(&["a"])], &[]).unwrap();
    database.apply(&[posts(&["a", "b"])], &[]).unwrap();
    assert_eq!(refusal(database.revert(2, &[])), "409");
    assert_eq!(refusal(database.revert(4, &[])), "409");
    for number in [3, 2, 1] {
        database.revert(number, &[]).unwrap();
    }
    assert_eq!(refusal(database.revert(1, &[])), "404");
    assert_eq!(database.state(), empty);
    assert!(database.history().iter().all(|migration| !migration.reverted.is_empty()));
    // The numbers go on.
    assert_eq!(database.apply(&[posts(&[])], &[]).unwrap().number, 4);
}

#[test]
fn a_schema_changed_by_other_means_is_not_taken_back() {
    let database = TestDatabase::with(&[posts(&["a"])]);
    database.sql("UPDATE _collections SET listRule = '' WHERE name = 'posts'");
    assert_eq!(refusal(database.revert(1, &[])), "409");
}

#[test]
fn forgotten_values_are_gone_for_good() {
    let database = TestDatabase::with(&[posts(&["a"])]);
    database.sql("INSERT INTO posts (id, a) VALUES ('1', 'secret')");
    database.apply(&[posts(&[])], &["posts.a"]).unwrap();
    let kept = "SELECT name FROM sqlite_master WHERE name LIKE '\\_kept~%' ESCAPE '\\'";
    assert_eq!(database.texts(kept).len(), 1);
    assert_eq!(refusal(database.forget(1)), "404");
    database.forget(2).unwrap();
    assert_eq!(refusal(database.forget(2)), "404");
    assert!(database.texts(kept).is_empty());
    assert_eq!(refusal(database.revert(2, &[])), "409");
    assert!(!database.history()[1].forgotten.is_empty());
}

#[test]
fn a_revert_leaves_no_table_behind() {
    let database = TestDatabase::with(&[posts(&["a"])]);
    let tables = || database.texts("SELECT COUNT(*) FROM sqlite_master");
    let before = tables();
    for number in [2, 3] {
        database.apply(&[posts(&["b"])], &[]).unwrap();
        database.revert(number, &[]).unwrap();
        assert_eq!(tables(), before);
    }
}
