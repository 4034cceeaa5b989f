use backspin_core::Error;
use serde_json::{Value as Json, json};

use super::{Backend, brief, root, status};

fn codes(result: Result<Json, Error>) -> Vec<String> {
    match result {
        Err(Error::BadRequest { fields, .. }) => {
            let fields = serde_json::to_value(&fields).unwrap();
            let members = fields.as_object().unwrap().iter();
            members.map(|(name, error)| format!("{name}: {}", error["code"].as_str().unwrap())).collect()
        }
        other => panic!("{other:?}"),
    }
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
    let mut body = json!({"collections": ["tags"], "to": well});
    body["fingerprint"] = backend.plan(&root(), body.clone()).unwrap()["fingerprint"].clone();
    backend.apply(&root(), body).unwrap();
    assert_eq!(backend.sql("SELECT name FROM tags ORDER BY id"), [["a".into()], ["b".into()]]);
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
