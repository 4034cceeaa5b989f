//! Relations, and accounts with what the system keeps of them, when something is put back.

use serde_json::{Value as Json, json};

use super::moment::{codes, put_back};
use super::{Backend, USERS, root, status};

/// A post that names a tag which was never there, as an import may leave it; its title has changed twice.
fn with_a_relation_to_nowhere(backend: &Backend) -> i64 {
    backend.create(&root(), "posts", json!({"id": "post00000000001", "title": "a"}));
    backend.sql("UPDATE posts SET tags = '[\"nowhere\"]'");
    let well = backend.newest();
    backend.sql("UPDATE posts SET title = 'b'");
    backend.sql("UPDATE posts SET title = 'c'");
    well
}

#[test]
fn a_relation_that_leads_nowhere_anyway_stands_against_nothing() {
    let backend = Backend::new();
    let well = with_a_relation_to_nowhere(&backend);
    let post = ("posts", "post00000000001");
    assert_eq!(backend.restore(&root(), post, well).unwrap()["title"], "a");
    backend.sql("UPDATE posts SET title = 'd'");
    put_back(&backend, json!(["posts"]), well);
    backend.sql("UPDATE posts SET title = 'e'");
    put_back(&backend, json!(["posts", "tags"]), well);
    backend.delete(&root(), "posts", post.1);
    put_back(&backend, json!(["posts"]), well);
}

#[test]
fn a_version_with_a_relation_to_nowhere_has_to_be_accepted() {
    let backend = Backend::new();
    let well = with_a_relation_to_nowhere(&backend);
    backend.delete(&root(), "posts", "post00000000001");
    let post = ("posts", "post00000000001");
    assert_eq!(codes(backend.restore(&root(), post, well)), ["tags: validation_missing_rel_records"]);
    let accepted = json!({"acceptedLosses": ["tags"]});
    assert_eq!(backend.restore_with(&root(), post, well, accepted).unwrap()["tags"], json!(["nowhere"]));
    assert_eq!(status(backend.restore_with(&root(), post, well, json!({"acceptedLosses": 1}))), 400);
}

#[test]
fn relations_that_would_lead_nowhere_can_be_accepted() {
    let backend = Backend::new();
    backend.create(&root(), "tags", json!({"id": "tag000000000001", "name": "x"}));
    backend.create(&root(), "posts", json!({"id": "post00000000001", "tags": ["tag000000000001"]}));
    let well = backend.newest();
    backend.delete(&root(), "tags", "tag000000000001");
    let mut body = json!({"collections": ["posts"], "to": well});
    body["fingerprint"] = backend.plan(&root(), body.clone()).unwrap()["fingerprint"].clone();
    assert_eq!(codes(backend.apply(&root(), body.clone())), ["posts.tags: validation_missing_rel_records"]);
    body["acceptedLosses"] = json!(["posts.tags"]);
    backend.apply(&root(), body).unwrap();
    assert_eq!(backend.sql("SELECT tags FROM posts"), [["[\"tag000000000001\"]".into()]]);
}

/// An account with an identity at a provider, both deleted after the moment.
fn deleted_account(backend: &Backend) -> i64 {
    backend.sql("INSERT INTO users (id, email, tokenKey) VALUES ('annaaaaaaaaaaaa', 'ann@x.co', 'k')");
    backend.sql(&format!(
        "INSERT INTO _externalAuths (id, collectionRef, recordRef, provider, providerId)
         VALUES ('identity0000001', '{USERS}', 'annaaaaaaaaaaaa', 'github', '1')"
    ));
    let well = backend.newest();
    backend.delete(&root(), "users", "annaaaaaaaaaaaa");
    assert!(backend.sql("SELECT 1 FROM _externalAuths").is_empty());
    well
}

#[test]
fn an_account_whose_identities_stay_away_is_told_of() {
    let backend = Backend::new();
    let well = deleted_account(&backend);
    let left_out = |collections: Json| {
        backend.plan(&root(), json!({"collections": collections, "to": well})).unwrap()["leftOut"].clone()
    };
    let identities = json!([{"collection": "_externalAuths", "of": "users", "records": 1}]);
    assert_eq!(left_out(json!(["users"])), identities);
    assert_eq!(left_out(json!(["users", "_externalAuths"])), json!([]));
    put_back(&backend, json!(["users", "_externalAuths"]), well);
    assert_eq!(backend.sql("SELECT recordRef FROM _externalAuths"), [["annaaaaaaaaaaaa".into()]]);
}

#[test]
fn an_identity_without_its_account_is_a_relation_to_nowhere() {
    let backend = Backend::new();
    let well = deleted_account(&backend);
    let mut body = json!({"collections": ["_externalAuths"], "to": well});
    let plan = backend.plan(&root(), body.clone()).unwrap();
    let nowhere =
        json!([{"collection": "_externalAuths", "field": "recordRef", "to": "users", "records": 1}]);
    assert_eq!(plan["dangling"], nowhere);
    body["fingerprint"] = plan["fingerprint"].clone();
    assert_eq!(
        codes(backend.apply(&root(), body)),
        ["_externalAuths.recordRef: validation_missing_rel_records"]
    );
    let identity = ("_externalAuths", "identity0000001");
    assert_eq!(
        codes(backend.restore(&root(), identity, well)),
        ["recordRef: validation_missing_rel_records"]
    );
}
