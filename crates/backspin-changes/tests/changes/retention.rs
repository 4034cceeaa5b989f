use backspin_core::Value;
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use super::{Backend, object, root, user};

fn set(backend: &Backend, caller: &Caller, body: Json) -> Result<Json, backspin_core::Error> {
    let set = block_on(backspin_changes::set_retention(&backend.app, caller, &object(body)));
    set.map(|text| serde_json::from_str(&text).unwrap())
}

fn compact(backend: &Backend) -> Json {
    serde_json::from_str(&block_on(backspin_changes::compact(&backend.app, &root())).unwrap()).unwrap()
}

#[test]
fn how_much_is_kept_is_a_setting_of_superusers() {
    let backend = Backend::new();
    let view = |caller: &Caller| block_on(backspin_changes::view_retention(&backend.app, caller));
    assert_eq!(view(&root()).unwrap(), r#"{"maxDays":90,"maxCount":1000000}"#);
    assert_eq!(
        set(&backend, &root(), json!({"maxDays": 7})).unwrap(),
        json!({"maxDays": 7, "maxCount": 1_000_000})
    );
    assert_eq!(set(&backend, &root(), json!({"maxCount": 0})).unwrap(), json!({"maxDays": 7, "maxCount": 0}));
    for wrong in [
        json!({"maxDays": -1}),
        json!({"maxDays": "7"}),
        json!({"maxCount": 1.5}),
        json!({"maxDays": 1, "maxCount": null}),
    ] {
        assert_eq!(set(&backend, &root(), wrong).unwrap_err().status(), 400);
    }
    assert_eq!(view(&root()).unwrap(), r#"{"maxDays":7,"maxCount":0}"#);
    for caller in [Caller::Guest, user("ann")] {
        assert!(view(&caller).is_err() && set(&backend, &caller, json!({"maxDays": 1})).is_err());
        assert!(block_on(backspin_changes::compact(&backend.app, &caller)).is_err());
    }
}

#[test]
fn compaction_goes_in_small_steps_and_keeps_the_newest() {
    let backend = Backend::new();
    backend.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10700)
         INSERT INTO comments (text) SELECT i FROM n",
    );
    assert_eq!(compact(&backend), json!({"removed": 0, "isDone": true}));
    set(&backend, &root(), json!({"maxCount": 100})).unwrap();
    assert_eq!(compact(&backend), json!({"removed": 10_000, "isDone": false}));
    assert_eq!(compact(&backend), json!({"removed": 600, "isDone": true}));
    assert_eq!(
        backend.sql("SELECT min(seq), max(seq) FROM _changes"),
        [[10_601_i64.into(), 10_700_i64.into()]]
    );
    backend.sql("UPDATE _changes SET time = '2000-01-01 00:00:00.000Z'");
    assert_eq!(compact(&backend), json!({"removed": 99, "isDone": true}));
    assert_eq!(backend.newest(), 10_700);
}

#[test]
fn large_changes_go_a_few_at_a_time_and_never_pile_up() {
    let backend = Backend::new();
    set(&backend, &root(), json!({"maxCount": 0})).unwrap();
    let post = || drop(backend.sql("INSERT INTO posts (title) VALUES (hex(zeroblob(500000)))"));
    let count = || backend.sql("SELECT count(*) FROM _changes")[0][0].clone();
    (0..40).for_each(|_| post());
    set(&backend, &root(), json!({"maxCount": 1})).unwrap();
    assert_eq!(count(), Value::Integer(40));
    // Eight MiB and one more.
    post();
    assert_eq!(count(), Value::Integer(41 - 9));
    (0..4).for_each(|_| post());
    assert_eq!(count(), Value::Integer(1));
    post();
    assert_eq!(count(), Value::Integer(1));
    set(&backend, &root(), json!({"maxCount": 0})).unwrap();
    (0..40).for_each(|_| post());
    set(&backend, &root(), json!({"maxCount": 1})).unwrap();
    assert_eq!(compact(&backend), json!({"removed": 40, "isDone": true}));
}
