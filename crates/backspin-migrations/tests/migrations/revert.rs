//! What can be taken back, when, and what is left behind.

use backspin_core::Timestamp;
use backspin_migrations::{Forgotten, forget};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, refusal, renamed};

const KEPT: &str = "SELECT name FROM sqlite_master WHERE name LIKE '\\_kept~%' ESCAPE '\\'";

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
    assert_eq!(database.texts(KEPT).len(), 1);
    assert_eq!(refusal(database.forget(1)), "404");
    database.forget(2).unwrap();
    assert_eq!(refusal(database.forget(2)), "404");
    assert!(database.texts(KEPT).is_empty());
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

/// Else each of a hundred changes would leave a table behind for good.
#[test]
fn what_takes_nothing_away_keeps_no_table_and_is_taken_back_all_the_same() {
    let index = json!({"indexes": ["CREATE UNIQUE INDEX `i` ON `posts` (`a`)"]});
    let posts = collection("posts", json!([field("a", "text"), field("b", "text")]), index);
    let database = TestDatabase::with(&[posts]);
    let empty = database.state();
    database.apply(&[], &[]).unwrap();
    assert_eq!(database.texts(KEPT), [""; 0]);
    database.revert(2, &[]).unwrap();
    assert_eq!(database.state(), empty);

    database.sql("INSERT INTO posts (id, a, b) VALUES ('1', '2', '')");
    let before = database.state();
    database.apply(&[collection("posts", json!([renamed("a", "a", "number")]), json!({}))], &[]).unwrap();
    assert_eq!(database.texts(KEPT), [""; 0]);
    assert_eq!(refusal(database.forget(3)), "404");
    database.revert(3, &[]).unwrap();
    assert_eq!(database.state(), before);
}

#[test]
fn what_older_migrations_took_away_is_deleted_at_once() {
    let database = TestDatabase::with(&[posts(&["a", "b", "c", "d"])]);
    database.sql("INSERT INTO posts (id, a, b, c, d) VALUES ('1', 'a', 'b', 'c', 'd')");
    for (left, lost) in [(&["b", "c", "d"][..], "posts.a"), (&["c", "d"], "posts.b"), (&["d"], "posts.c")] {
        database.apply(&[posts(left)], &[lost]).unwrap();
    }
    let forget = |forgotten: Forgotten| block_on(forget(&database.app, forgotten));
    assert_eq!(refusal(forget(Forgotten::BeforeNumber(2))), "404");
    forget(Forgotten::BeforeNumber(3)).unwrap();
    assert_eq!(database.texts(KEPT).len(), 2);
    let time = Timestamp::parse(&database.history()[3].applied).unwrap();
    forget(Forgotten::BeforeTime(time)).unwrap();
    assert_eq!(database.texts(KEPT).len(), 1);
    assert_eq!(refusal(forget(Forgotten::BeforeTime(time))), "404");
    database.revert(4, &[]).unwrap();
    assert_eq!(database.texts("SELECT c FROM posts"), ["c"]);
    assert_eq!(refusal(database.revert(3, &[])), "409");
}
