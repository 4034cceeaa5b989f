use backspin_core::{Database, Error, Transaction};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use super::{Backend, brief, root, status};

pub(crate) fn codes(result: Result<Json, Error>) -> Vec<String> {
    match result {
        Err(Error::BadRequest { fields, .. }) => {
            let fields = serde_json::to_value(&fields).unwrap();
            let members = fields.as_object().unwrap().iter();
            members.map(|(name, error)| format!("{name}: {}", error["code"].as_str().unwrap())).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Plans and applies it; the plan.
pub(crate) fn put_back(backend: &Backend, collections: Json, to: i64) -> Json {
    let mut body = json!({"collections": collections, "to": to, "acceptedLosses": collections});
    let plan = backend.plan(&root(), body.clone()).unwrap();
    assert_eq!((&plan["dangling"], &plan["conflicts"]), (&json!([]), &json!([])));
    body["fingerprint"] = plan["fingerprint"].clone();
    assert_eq!(backend.apply(&root(), body).unwrap(), plan, "what was predicted is what happened");
    plan
}

/// A site that is defaced after a while: the change before which all was well.
fn defaced(backend: &Backend) -> i64 {
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
    for n in 1..=3 {
        let post = json!({"id": format!("post0000000000{n}"), "title": format!("t{n}"), "tags": ["tag000000000001"]});
        backend.create(&root(), "posts", post);
    }
    let well = backend.newest();
    backend.sql("UPDATE posts SET title = 'hacked', meta = '{\"x\":1}'");
    backend.delete(&root(), "posts", "post00000000002");
    backend.create(&root(), "posts", json!({"title": "spam"}));
    backend.create(&root(), "posts", json!({"title": "more spam"}));
    well
}

#[test]
fn a_defaced_site_is_put_back() {
    let backend = Backend::new();
    backend.create(&root(), "posts", json!({"id": "post00000000000", "title": "untouched"}));
    let well = defaced(&backend);
    let expected = {
        let twin = Backend::new();
        twin.create(&root(), "posts", json!({"id": "post00000000000", "title": "untouched"}));
        twin.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
        for n in 1..=3 {
            let post = json!({"id": format!("post0000000000{n}"), "title": format!("t{n}"), "tags": ["tag000000000001"]});
            twin.create(&root(), "posts", post);
        }
        twin.table("posts")
    };
    let before = (backend.table("posts"), backend.newest());
    let mut body = json!({"collections": ["posts"], "to": well});
    let plan = backend.plan(&root(), body.clone()).unwrap();
    assert_eq!((backend.table("posts"), backend.newest()), before, "a plan changes nothing");
    let put = json!([{"name": "posts", "created": 1, "changed": 3, "deleted": 2}]);
    assert_eq!((&plan["collections"], &plan["dangling"], &plan["conflicts"]), (&put, &json!([]), &json!([])));
    body["fingerprint"] = plan["fingerprint"].clone();
    assert_eq!(codes(backend.apply(&root(), body.clone())), ["posts: validation_data_loss"]);
    assert_eq!((backend.table("posts"), backend.newest()), before);
    body["acceptedLosses"] = json!(["posts"]);
    let applied = backend.apply(&root(), body.clone()).unwrap();
    assert_eq!(applied, plan);
    let titles = |table: &[Vec<backspin_core::Value>]| format!("{table:?}");
    assert_eq!(titles(&backend.table("posts")), titles(&expected));
    let changes = backend.changes(&root(), &[("since", &before.1.to_string())]).unwrap();
    assert_eq!(brief(&changes).len(), 6, "as new changes");
    assert!(brief(&changes).iter().all(|change| change.ends_with(super::ROOT)));
    assert_eq!(status(backend.apply(&root(), body)), 409, "once");
}

#[test]
fn a_plan_that_is_out_of_date_is_refused() {
    let backend = Backend::new();
    let well = defaced(&backend);
    let mut body = json!({"collections": ["posts"], "to": well, "acceptedLosses": ["posts"]});
    body["fingerprint"] = backend.plan(&root(), body.clone()).unwrap()["fingerprint"].clone();
    backend.create(&root(), "comments", json!({"text": "of no matter"}));
    let elsewhere = backend.plan(&root(), body.clone()).unwrap();
    assert_eq!(elsewhere["fingerprint"], body["fingerprint"], "other collections do not matter");
    backend.create(&root(), "posts", json!({"title": "x"}));
    assert_eq!(status(backend.apply(&root(), body.clone())), 409);
    body["fingerprint"] = json!("made up");
    assert_eq!(status(backend.apply(&root(), body)), 409);
}

#[test]
fn relations_stay_whole_or_the_plan_says_what_else_it_takes() {
    let backend = Backend::new();
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
    backend.create(&root(), "posts", json!({"id": "post00000000001", "tags": ["tag000000000001"]}));
    let well = backend.newest();
    backend.delete(&root(), "tags", "tag000000000001");
    backend.create(&root(), "tags", json!({"id": "tag000000000002", "name": "y"}));
    backend.create(&root(), "posts", json!({"id": "post00000000002", "tags": ["tag000000000002"]}));
    let restore = |collections: Json| {
        let mut body = json!({"collections": collections, "to": well, "acceptedLosses": ["posts", "tags"]});
        let plan = backend.plan(&root(), body.clone()).unwrap();
        body["fingerprint"] = plan["fingerprint"].clone();
        (plan["dangling"].clone(), backend.apply(&root(), body))
    };
    let (dangling, applied) = restore(json!(["posts"]));
    assert_eq!(dangling, json!([{"collection": "posts", "field": "tags", "to": "tags", "records": 1}]));
    assert_eq!(codes(applied), ["posts.tags: validation_missing_rel_records"]);
    let (dangling, applied) = restore(json!(["tags"]));
    assert_eq!(dangling[0]["collection"], "posts", "a new post names a tag that would go");
    assert_eq!(status(applied), 400);
    let (dangling, applied) = restore(json!(["posts", "tags"]));
    assert_eq!((dangling, status(applied)), (json!([]), 200));
}

#[test]
fn values_that_must_be_unique_may_have_changed_hands() {
    let backend = Backend::new();
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "a"}));
    backend.create(&root(), "tags", json!({"id": "tag000000000002", "name": "b"}));
    let well = backend.newest();
    backend.sql("UPDATE tags SET name = 'c' WHERE name = 'a'");
    backend.sql("UPDATE tags SET name = 'a' WHERE name = 'b'");
    put_back(&backend, json!(["tags"]), well);
    assert_eq!(backend.sql("SELECT name FROM tags ORDER BY id"), [["a".into()], ["b".into()]]);
    backend.sql("UPDATE tags SET name = 'c' WHERE name = 'a'");
    backend.sql("UPDATE tags SET name = 'a' WHERE name = 'b'");
    backend.sql("UPDATE tags SET name = 'b' WHERE name = 'c'");
    let before = backend.newest();
    put_back(&backend, json!(["tags"]), well);
    assert_eq!(backend.sql("SELECT name FROM tags ORDER BY id"), [["a".into()], ["b".into()]], "in a circle");
    assert_eq!(backend.newest(), before + 2, "each record changes once");
    let index = "SELECT sql FROM sqlite_master WHERE name = 'idx_tags_name'";
    assert_eq!(backend.sql(index).len(), 1, "and the index is there again");
}

#[test]
fn moments_that_the_log_does_not_reach_are_refused() {
    let backend = Backend::new();
    for _ in 0..5 {
        backend.create(&root(), "comments", json!({"text": "x"}));
    }
    let plan = |to: Json| backend.plan(&root(), json!({"collections": ["comments"], "to": to}));
    assert_eq!(status(plan(json!(0))), 200);
    assert_eq!(plan(json!("2999-01-01 00:00:00.000Z")).unwrap()["to"], 5);
    for wrong in
        [json!(6), json!(-1), json!(1.5), json!("yesterday"), json!(null), json!("2000-01-01 00:00:00.000Z")]
    {
        assert_eq!(codes(plan(wrong.clone())), ["to: validation_invalid_value"], "{wrong}");
    }
    backend.sql("DELETE FROM _changes WHERE seq <= 2");
    assert_eq!(status(plan(json!(2))), 200);
    assert_eq!(codes(plan(json!(1))), ["to: validation_invalid_value"]);
}

#[test]
fn what_cannot_be_put_back_is_refused_by_name() {
    let backend = Backend::new();
    backend.collection(json!({"name": "titles", "type": "view", "viewQuery": "SELECT id, title FROM posts"}));
    for name in ["nowhere", "titles", "_superusers", "_otps"] {
        let body = json!({"collections": [name], "to": 0});
        assert_eq!(codes(backend.plan(&root(), body)), ["collections: validation_invalid_value"], "{name}");
    }
    for body in
        [json!({}), json!({"collections": "posts"}), json!({"collections": [], "to": 0}), json!({"to": 1})]
    {
        assert_eq!(status(backend.plan(&root(), body)), 400);
    }
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    assert_eq!(status(backend.plan(&root(), json!({"collections": many, "to": 0}))), 400);
}

#[test]
fn a_plan_waits_for_no_writer_and_keeps_none_waiting() {
    let backend = Backend::new();
    let well = defaced(&backend);
    let writer = block_on(backend.app.database().begin()).unwrap();
    let plan = backend.plan(&root(), json!({"collections": ["posts"], "to": well})).unwrap();
    assert_eq!(plan["collections"][0]["changed"], 2);
    block_on(writer.rollback()).unwrap();
}

#[test]
fn as_many_records_as_a_script_can_ruin_come_back_at_once() {
    let backend = Backend::new();
    backend.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO comments (text) SELECT 'comment ' || i FROM n",
    );
    let (well, then) = (backend.newest(), backend.table("comments"));
    backend.sql("UPDATE comments SET text = 'ruined' WHERE rowid % 3 > 0");
    backend.sql("DELETE FROM comments WHERE rowid % 3 = 0");
    let plan = put_back(&backend, json!(["comments"]), well);
    assert_eq!(
        plan["collections"][0],
        json!({"name": "comments", "created": 20000, "changed": 40000, "deleted": 0})
    );
    assert!(backend.table("comments") == then);
}

#[test]
fn what_would_not_be_done_in_time_is_refused() {
    let backend = Backend::new();
    let fields: Vec<Json> = (0..499).map(|n| json!({"name": format!("f{n}"), "type": "bool"})).collect();
    backend.collection(json!({"name": "wide", "fields": fields}));
    backend.sql("UPDATE _backspin SET value = '0' WHERE name LIKE 'changes_max_%'");
    let wide = backspin_core::id::collection_id("base", "wide");
    let log = |from: i64, to: i64| {
        backend.sql(&format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO _changes (time, collection, record, action, before) SELECT '', '{wide}', i, 'delete', '{{}}' FROM n"
        ));
    };
    log(1, 10_000);
    let body = json!({"collections": ["wide"], "to": 0});
    assert_eq!(backend.plan(&root(), body.clone()).unwrap()["collections"][0]["created"], 10_000);
    log(10_001, 10_001);
    assert_eq!(status(backend.plan(&root(), body)), 400);
}

#[test]
fn the_log_does_not_forget_what_is_being_put_back() {
    let backend = Backend::new();
    for (table, count) in [("tags (name)", 600), ("comments (text)", 20)] {
        backend.sql(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO {table} SELECT 'good ' || i FROM n"
        ));
    }
    let (well, then) = (backend.newest(), (backend.table("tags"), backend.table("comments")));
    backend.sql("UPDATE comments SET text = 'bad'");
    backend.sql("UPDATE tags SET name = 'bad ' || id");
    // Each 64 changes that are written remove 128: the tags alone would take those of the comments with them.
    backend.sql("UPDATE _backspin SET value = '150' WHERE name = 'changes_max_count'");
    put_back(&backend, json!(["tags", "comments"]), well);
    assert!((backend.table("tags"), backend.table("comments")) == then);
    let kept =
        backend.sql("SELECT value FROM _backspin WHERE name IN ('changes_max_count', 'changes_max_days')");
    assert_eq!(kept, [["150".into()], ["90".into()]]);
}
