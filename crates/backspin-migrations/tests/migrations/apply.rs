//! What an application refuses, and that a failure changes nothing.

use backspin_migrations::{Grade, Terms};
use backspin_schema::Attempt;
use serde_json::{Value as Json, json};

use crate::database::{TestDatabase, collection, field, refusal, select, select_of};

fn posts(fields: Json, extra: Json) -> Json {
    collection("posts", fields, extra)
}

#[test]
fn a_loss_must_be_accepted_by_name_if_there_is_something_to_lose() {
    let database =
        TestDatabase::with(&[posts(json!([field("title", "text"), field("empty", "number")]), json!({}))]);
    database.sql("INSERT INTO posts (id, title) VALUES ('1', 'a'), ('2', ''), ('3', 'b')");
    let before = database.state();
    let without = [posts(json!([]), json!({}))];
    let plan = database.measured(&without);
    let lost: Vec<_> =
        plan.steps().iter().map(|step| (step.target.as_str(), step.rows, step.lost, step.grade())).collect();
    assert_eq!(
        lost,
        [
            ("posts.title", Some(3), Some(2), Grade::LosesData),
            ("posts.empty", Some(3), Some(0), Grade::BreaksClients)
        ]
    );
    assert_eq!(refusal(database.apply(&without, &[])), "400 posts.title:validation_data_loss");
    assert_eq!(
        refusal(database.apply(&without, &["posts", "title"])),
        "400 posts.title:validation_data_loss"
    );
    assert_eq!(database.state(), before);
    database.apply(&without, &["posts.title"]).unwrap();
}

#[test]
fn a_plan_for_another_version_is_refused() {
    let database = TestDatabase::with(&[posts(json!([]), json!({}))]);
    let plan = database.plan(&[posts(json!([field("a", "text")]), json!({}))]).unwrap();
    database.apply(&[posts(json!([field("b", "text")]), json!({}))], &[]).unwrap();
    assert_eq!(refusal(database.apply_plan(&plan, &[])), "409");
    // Not even when the schema is by now as it was.
    database.revert(2, &[]).unwrap();
    assert_eq!(refusal(database.apply_plan(&plan, &[])), "409");
}

#[test]
fn of_two_changes_at_once_one_wins_and_the_other_finds_its_schema_stale() {
    let database = TestDatabase::with(&[posts(json!([]), json!({}))]);
    let seen = database.snapshot();
    let plan = database.plan(&[posts(json!([field("a", "text")]), json!({}))]).unwrap();
    database.apply(&[posts(json!([field("b", "text")]), json!({}))], &[]).unwrap();
    let attempt = database.apply_for(&seen, &plan, Terms::default()).unwrap();
    assert!(matches!(attempt, Attempt::Stale));
    assert_eq!(
        database.texts("SELECT name FROM pragma_table_info('posts') WHERE name NOT LIKE '%~'"),
        ["id", "b"]
    );
}

#[test]
fn nothing_to_change_is_said() {
    let same = [posts(json!([]), json!({}))];
    let database = TestDatabase::with(&same);
    assert_eq!(refusal(database.apply(&same, &[])), "400");
    assert_eq!(database.history().len(), 1);
}

/// Each change has a step that fails after others that did not.
#[test]
fn a_failing_step_leaves_everything_as_it_was() {
    let database =
        TestDatabase::with(&[posts(json!([field("title", "text"), select("tags", 3)]), json!({}))]);
    database
        .sql(r#"INSERT INTO posts (id, title, tags) VALUES ('1', 'a', '["a","b"]'), ('2', 'a', '["c"]')"#);
    let before = (database.state(), database.snapshot().version().to_owned());
    let view = |query: &str| collection("v", json!([]), json!({"type": "view", "viewQuery": query}));
    let changed =
        |extra: Json| posts(json!([field("title", "text"), select("tags", 1), field("new", "text")]), extra);
    let failing = [
        vec![changed(json!({"indexes": ["CREATE UNIQUE INDEX i ON posts (title)"]}))],
        vec![changed(json!({"indexes": ["CREATE INDEX i ON posts (lower(title, 1))"]}))],
        vec![changed(json!({})), view("SELECT id FROM nowhere")],
        vec![changed(json!({})), view("SELECT id FROM")],
        vec![changed(json!({})), collection("_params", json!([]), json!({}))],
    ];
    for new in failing {
        let refusal = refusal(database.apply(&new, &["posts.tags"]));
        assert!(
            refusal.starts_with("400 steps/") && refusal.ends_with(":validation_step_failed"),
            "{refusal}"
        );
        assert_eq!((database.state(), database.snapshot().version().to_owned()), before);
    }
    assert_eq!(database.history().len(), 1);
}

#[test]
fn the_history_tells_what_was_done() {
    let database = TestDatabase::with(&[posts(json!([]), json!({}))]);
    database.apply(&[posts(json!([field("a", "text")]), json!({}))], &[]).unwrap();
    let history = database.history();
    let second = &history[1];
    assert_eq!((second.number, second.author.as_str()), (2, "tester"));
    assert_eq!(second.schema_before, history[0].schema_after);
    assert_eq!(
        second.schema_after,
        backspin_migrations::fingerprint(database.snapshot().collections()).unwrap()
    );
    assert_eq!(second.applied, "2026-01-02 03:04:07.678Z");
    assert_eq!(database.snapshot().find("posts").unwrap().updated, second.applied);
    assert_eq!(second.steps[0].down, [r#"ALTER TABLE "posts" DROP COLUMN "a""#]);
    assert_eq!((second.steps[0].rows, second.steps[0].lost), (Some(0), Some(0)));
}

#[test]
fn the_secrets_of_new_and_old_collections_stay_out_of_plan_and_history_replies() {
    let database = TestDatabase::with(&[posts(json!([]), json!({}))]);
    let snapshot = database.snapshot();
    let secret = snapshot.find("users").unwrap().auth().unwrap().auth_token.secret.clone();
    let mut wanted = database.wanted(&[posts(json!([]), json!({}))]).collections().to_vec();
    let users = wanted.iter_mut().find(|collection| collection.name == "users").unwrap();
    users.list_rule = None;
    users.view_rule = None;
    let plan =
        backspin_migrations::plan(&snapshot, &backspin_schema::Schema::new(wanted), &select_of).unwrap();
    assert!(!plan.to_json().unwrap().contains(&secret));
    let migration = database.apply_plan(&plan, &[]).unwrap();
    assert!(!serde_json::to_string(&migration).unwrap().contains(&secret));
    database.revert(2, &[]).unwrap();
    let users = database.snapshot();
    assert_eq!(users.find("users").unwrap().auth().unwrap().auth_token.secret, secret);
}
