use backspin_core::{Error, Value};
use backspin_schema::Caller;
use serde_json::{Value as Json, json};

use super::{Backend, ROOT, root, status, user};

const POST: (&str, &str) = ("posts", "post00000000001");

fn refused(result: Result<Json, Error>) -> Vec<String> {
    match result {
        Err(Error::BadRequest { fields, .. }) => object_keys(&serde_json::to_value(&fields).unwrap()),
        other => panic!("{other:?}"),
    }
}

fn object_keys(json: &Json) -> Vec<String> {
    let members = json.as_object().unwrap().iter();
    members.map(|(name, error)| format!("{name}: {}", error["code"].as_str().unwrap())).collect()
}

#[test]
fn versions_come_newest_first_with_who_and_what() {
    let backend = Backend::new();
    backend.create(&root(), "posts", json!({"id": POST.1, "title": "a", "n": 1.5}));
    backend.update(&root(), "posts", POST.1, json!({"title": "b"}));
    backend.sql("UPDATE posts SET n = 2");
    backend.delete(&root(), "posts", POST.1);
    let history = backend.history(&root(), POST, &[]).unwrap();
    let items = history["items"].as_array().unwrap();
    let brief: Vec<_> =
        items.iter().map(|item| json!([item["action"], item["actor"], item["record"]["n"]])).collect();
    assert_eq!(
        brief,
        [
            json!(["delete", ROOT, 2]),
            json!(["update", null, 2]),
            json!(["update", ROOT, 1.5]),
            json!(["create", ROOT, 1.5])
        ]
    );
    assert_eq!(items[1]["changes"], json!({"n": {"from": 1.5, "to": 2}}));
    assert_eq!(items[2]["changes"]["title"], json!({"from": "a", "to": "b"}));
    assert_eq!(items[3]["changes"], json!({}));
    assert_eq!(history["next"], Json::Null);
    let first = backend.history(&root(), POST, &[("limit", "3")]).unwrap();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["next"]), (3, &json!(2)));
    let rest = backend.history(&root(), POST, &[("limit", "3"), ("before", "2")]).unwrap();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
}

#[test]
fn only_superusers_see_and_restore_versions() {
    let backend = Backend::new();
    backend.create(&root(), "posts", json!({"id": POST.1, "title": "a", "public": true}));
    for (caller, refused) in [(Caller::Guest, 401), (user("ann"), 403)] {
        assert_eq!(status(backend.history(&caller, POST, &[])), refused);
        assert_eq!(status(backend.restore(&caller, POST, 1)), refused);
        assert_eq!(status(backend.plan(&caller, json!({"collections": ["posts"], "to": 0}))), refused);
        assert_eq!(status(backend.apply(&caller, json!({"collections": ["posts"], "to": 0}))), refused);
    }
    assert_eq!(status(backend.history(&root(), ("posts", "nothing"), &[])), 404);
    assert_eq!(status(backend.history(&root(), ("nowhere", "nothing"), &[])), 404);
    for place in [("posts", "other"), ("comments", POST.1), ("nowhere", POST.1)] {
        assert_eq!(status(backend.restore(&root(), place, 1)), 404, "a version of another record");
    }
    assert_eq!(status(backend.restore(&root(), POST, 99)), 404);
}

#[test]
fn a_version_is_written_again_as_a_new_change() {
    let backend = Backend::new();
    backend.create(&root(), "posts", json!({"id": POST.1, "title": "a", "meta": {"x": [1.0, 2]}}));
    backend.update(&root(), "posts", POST.1, json!({"title": "b", "meta": null}));
    let restored = backend.restore(&root(), POST, 1).unwrap();
    assert_eq!((&restored["title"], &restored["meta"]), (&json!("a"), &json!({"x": [1.0, 2]})));
    assert_eq!(backend.newest(), 3);
    backend.restore(&root(), POST, 1).unwrap();
    assert_eq!(backend.newest(), 3, "what is so already is not changed");
    backend.delete(&root(), "posts", POST.1);
    let restored = backend.restore(&root(), POST, 2).unwrap();
    assert_eq!(restored["title"], "b");
    let history = backend.history(&root(), POST, &[]).unwrap();
    assert_eq!(history["items"][0]["action"], "create");
    assert_eq!(history["items"][0]["actor"], ROOT);
    backend.delete(&root(), "posts", POST.1);
    let deletion = backend.newest();
    assert_eq!(
        backend.restore(&root(), POST, deletion).unwrap()["title"],
        "b",
        "as it was when it was deleted"
    );
}

#[test]
fn what_stands_in_the_way_is_told_and_nothing_changes() {
    let backend = Backend::new();
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
    backend.create(&root(), "posts", json!({"id": POST.1, "tags": ["tag000000000001"]}));
    backend.delete(&root(), "tags", "tag000000000001");
    backend.create(&root(), "tags", json!({"id": "tag000000000002", "name": "x"}));
    let before = (backend.table("tags"), backend.table("posts"), backend.newest());
    assert_eq!(refused(backend.restore(&root(), POST, 2)), ["tags: validation_missing_rel_records"]);
    assert_eq!(
        refused(backend.restore(&root(), ("tags", "tag000000000001"), 1)),
        ["name: validation_not_unique"]
    );
    assert_eq!((backend.table("tags"), backend.table("posts"), backend.newest()), before);
}

#[test]
fn an_account_comes_back_without_its_password_and_sessions() {
    let backend = Backend::new();
    let account = json!({
        "id": "annaaaaaaaaaaaa", "email": "ann@x.co", "password": "1234567890", "passwordConfirm": "1234567890"
    });
    backend.create(&root(), "users", account);
    let key = || backend.sql("SELECT tokenKey, password FROM users")[0].clone();
    let before = key();
    backend.update(&root(), "users", "annaaaaaaaaaaaa", json!({"email": "other@x.co", "name": "Ann"}));
    let changed = key();
    assert_eq!(backend.restore(&root(), ("users", "annaaaaaaaaaaaa"), 1).unwrap()["email"], "ann@x.co");
    let restored = key();
    assert_eq!(restored[1], before[1], "the password stays");
    assert!(restored[0] != changed[0] && restored[0] != before[0], "another email ends all sessions");
    backend.delete(&root(), "users", "annaaaaaaaaaaaa");
    backend.restore(&root(), ("users", "annaaaaaaaaaaaa"), 1).unwrap();
    let again = key();
    assert_eq!(again[1], Value::from(""));
    assert!(again[0] != restored[0] && again[0] != Value::from(""));
    assert!(!backspin_password_accepts(""), "and an empty password signs nobody in");
    let log = format!("{:?}", backend.sql("SELECT * FROM _changes"));
    for secret in [&before, &changed, &restored, &again].into_iter().flatten() {
        let Value::Text(secret) = secret else { panic!("{secret:?}") };
        assert!(secret.is_empty() || !log.contains(secret.as_str()));
    }
}

fn backspin_password_accepts(password: &str) -> bool {
    backspin_password_hash::verify(password, "")
}
