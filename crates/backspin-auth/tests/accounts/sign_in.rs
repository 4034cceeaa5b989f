//! Signing in with a password.

use backspin_records::ReplyShape;
use backspin_schema::Caller;
use serde_json::json;

use crate::{Asked, Backend, PASSWORD, refusal, token, with_token};

#[test]
fn an_account_signs_in_and_sees_itself() {
    let backend = Backend::with_members(json!({}));
    let reply = backend.sign_in("members", "alice", PASSWORD).unwrap();
    let collection_id = &reply["record"]["collectionId"];
    assert_eq!(
        reply["record"],
        json!({
            "collectionId": collection_id, "collectionName": "members", "id": "aliceaaaaaaaaaa",
            "email": "Alice@example.com", "emailVisibility": false, "verified": false,
            "name": "alice", "nick": "Ali", "age": 0,
        })
    );
    match backend.identify(Some(token(&reply))) {
        Caller::Record(record) => assert_eq!(record.id(), "aliceaaaaaaaaaa"),
        other => panic!("the token is not believed: {other:?}"),
    }
}

#[test]
fn wrong_and_unknown_credentials_are_told_alike() {
    let backend = Backend::with_members(json!({}));
    for (identity, password) in [("alice", "wrong horse"), ("nobody", PASSWORD), ("alice", &"x".repeat(200))]
    {
        assert_eq!(refusal(backend.sign_in("members", identity, password)), "400 Failed to authenticate.");
    }
}

#[test]
fn bad_credentials_are_refused_by_name() {
    let backend = Backend::with_members(json!({}));
    let post = |body| refusal(backend.post_credentials("members", body, Asked::default()));
    let required = "400 identity:validation_required password:validation_required";
    assert_eq!(post(json!({})), required);
    assert_eq!(post(json!({"identity": null, "password": null, "identityField": null})), required);
    let out_of_range = "400 identity:validation_length_out_of_range password:validation_length_out_of_range";
    assert_eq!(post(json!({"identity": "ü".repeat(128), "password": "x".repeat(256)})), out_of_range);
    for body in [json!({"identity": 1, "password": "x"}), json!({"identity": ["a"]}), json!({"password": {}})]
    {
        assert!(post(body).starts_with("400 invalid type"));
    }
}

#[test]
fn only_auth_collections_with_passwords_let_anybody_in() {
    let backend =
        Backend::with_members(json!({"passwordAuth": {"enabled": false, "identityFields": ["email"]}}));
    let post =
        |collection| refusal(backend.post_credentials(collection, json!({"identity": 1}), Asked::default()));
    assert_eq!(post("nowhere"), "404 Missing or invalid collection context.");
    assert_eq!(post("_mfas"), "404 Missing or invalid auth collection context.");
    assert_eq!(post("members"), "403 The collection is not configured to allow password authentication.");
}

#[test]
fn the_reply_holds_what_was_asked_for() {
    let backend = Backend::with_members(json!({}));
    backend.create_collection(json!({"name": "posts", "viewRule": "author = @request.auth.id", "fields": [
        {"name": "title", "type": "text"},
        {"name": "author", "type": "relation", "collectionId": backend.members_id()},
    ]}));
    backend.create("posts", json!({"title": "Hello", "author": "bobbbbbbbbbbbbb"}));
    let ask = |expand: &'static str, fields: &'static str| {
        let asked =
            Asked { shape: ReplyShape { expand: expand.into(), fields: fields.into() }, ..Asked::default() };
        backend.post_credentials("members", json!({"identity": "bob", "password": PASSWORD}), asked).unwrap()
    };
    // The rules of what is expanded hold for whoever has just signed in.
    let reply = ask("posts_via_author", "record.id,record.expand.posts_via_author.title");
    let expanded = json!({"posts_via_author": [{"title": "Hello"}]});
    assert_eq!(reply, json!({"record": {"id": "bobbbbbbbbbbbbb", "expand": expanded}}));
    assert_eq!(ask("", "record.name:excerpt(2,true)"), json!({"record": {"name": "bo..."}}));
    assert_eq!(ask("", "record.secret,meta"), json!({"record": {}}));
    assert_eq!(ask("", "token").as_object().unwrap().len(), 1);
    assert_eq!(ask("nowhere.either", "*").as_object().unwrap().len(), 2);
}

#[test]
fn a_sign_in_on_a_known_device_takes_few_statements() {
    let backend = Backend::with_members(json!({}));
    backend.sign_in("members", "bob", PASSWORD).unwrap();
    backend.app.database().take();
    backend.sign_in("members", "bob", PASSWORD).unwrap();
    let statements = backend.app.database().take();
    let (reads, writes): (Vec<_>, Vec<_>) = statements.iter().partition(|sql| sql.starts_with("SELECT"));
    // The account, the limits, the turn to hash, the authenticator app, the reply.
    assert_eq!(reads.len(), 5, "{statements:?}");
    let is_sweep = |sql: &&&String| sql.starts_with("DELETE FROM") && !sql.contains("_hashTurns");
    let writes: Vec<_> = writes.iter().filter(|sql| !is_sweep(sql)).collect();
    // A turn taken and given back, the attempt counted and forgiven, the device, the session, the log.
    assert_eq!(writes.len(), 7, "{statements:?}");
}

#[test]
fn who_is_signed_in_already_can_be_somebody_else() {
    let backend = Backend::with_members(json!({}));
    let alice = backend.token("members", "alice");
    let body = json!({"identity": "bob", "password": PASSWORD});
    let reply = backend.post_credentials("members", body, with_token(&alice)).unwrap();
    assert_eq!(reply["record"]["id"], "bobbbbbbbbbbbbb");
}
