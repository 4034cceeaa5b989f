//! The old password that has to come with a new one.

use backspin_auth::check_old_passwords;
use backspin_core::{Error, ParameterPairs};
use backspin_records::{ReplyShape, RequestInfo, changes_of_passwords};
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, object, parse, post, refusal, with_token};

const BOB: &str = "bobbbbbbbbbbbbb";
const ALICE: &str = "aliceaaaaaaaaaa";
const WRONG: &str = "400 oldPassword:validation_invalid_old_password";
const LATER: &str = "429 Too many failed attempts, please try again later.";

/// Anybody may change anybody, who can tell the old password.
fn backend() -> Backend {
    Backend::with_members(json!({"updateRule": ""}))
}

/// Asks for a new password of `id`, as the records component does.
fn change(backend: &Backend, asked: Asked<'_>, id: &str, old: Json) -> Result<Json, Error> {
    let caller = backend.identify(asked.token);
    let parameters: ParameterPairs<'_> = asked.parameters();
    let request = post(&caller, &parameters);
    let body = object(json!({"oldPassword": old, "password": PASSWORD, "passwordConfirm": PASSWORD}));
    let changes = [("members".to_owned(), id.to_owned(), &body)];
    let checked = block_on(check_old_passwords(&backend.app, &request, &changes))?;
    let request = RequestInfo { checked_passwords: &checked, ..request };
    let shape = ReplyShape::default();
    block_on(backspin_records::update(&backend.app, &request, "members", id, &body, &shape)).map(parse)
}

#[test]
fn a_token_does_not_make_it_easier_to_guess() {
    let backend = backend();
    let token = backend.token("members", "bob");
    for _ in 0..5 {
        assert_eq!(refusal(change(&backend, with_token(&token), BOB, json!("x"))), WRONG);
    }
    assert_eq!(refusal(change(&backend, with_token(&token), BOB, json!(PASSWORD))), LATER);
    backend.app.env().advance_ms(1_000);
    change(&backend, with_token(&token), BOB, json!(PASSWORD)).unwrap();
}

#[test]
fn what_others_try_does_not_keep_the_owner_from_it() {
    let backend = backend();
    let token = backend.token("members", "bob");
    let tries: Vec<_> =
        (0..6).map(|_| refusal(change(&backend, Asked::default(), BOB, json!("x")))).collect();
    assert_eq!(tries, [WRONG, WRONG, WRONG, WRONG, WRONG, LATER]);
    change(&backend, with_token(&token), BOB, json!(PASSWORD)).unwrap();
}

#[test]
fn sign_ins_under_the_id_do_not_keep_the_owner_from_it() {
    let backend = backend();
    let token = backend.token("members", "bob");
    for _ in 0..5 {
        assert_eq!(refusal(backend.sign_in("members", BOB, "x")), "400 Failed to authenticate.");
    }
    change(&backend, with_token(&token), BOB, json!(PASSWORD)).unwrap();
}

#[test]
fn a_number_counts_as_the_text_it_becomes() {
    let backend = backend();
    let tries: Vec<_> =
        (0..6).map(|at| refusal(change(&backend, Asked::default(), BOB, json!(at + 1)))).collect();
    assert_eq!(tries, [WRONG, WRONG, WRONG, WRONG, WRONG, LATER]);
}

#[test]
fn the_hash_is_computed_once_and_not_without_need() {
    let backend = backend();
    let looked = |id: &str, body: Json| {
        let (caller, body) = (backend.identify(None), object(body));
        let changes = [("members".to_owned(), id.to_owned(), &body)];
        block_on(check_old_passwords(&backend.app, &post(&caller, &ParameterPairs::NONE), &changes)).unwrap()
    };
    assert!(looked(BOB, json!({"name": "x"})).is_empty());
    assert!(looked(BOB, json!({"oldPassword": null})).is_empty());
    assert!(!looked("nobodynobodynob", json!({"oldPassword": "x"}))[0].is_right);
    let checked = looked(BOB, json!({"oldPassword": PASSWORD}));
    assert!(checked[0].is_right && checked[0].password == PASSWORD);
    // Of another hash it says nothing: the update looks by itself.
    let caller = backend.identify(None);
    let request = RequestInfo { checked_passwords: &checked, ..post(&caller, &ParameterPairs::NONE) };
    backend.update(
        "members",
        ALICE,
        json!({"password": "another horse", "passwordConfirm": "another horse"}),
    );
    let body = object(json!({"oldPassword": PASSWORD, "password": PASSWORD, "passwordConfirm": PASSWORD}));
    let shape = ReplyShape::default();
    let reply = block_on(backspin_records::update(&backend.app, &request, "members", ALICE, &body, &shape));
    assert_eq!(refusal(reply.map(parse)), WRONG);
}

#[test]
fn a_batch_tells_its_changes_of_passwords() {
    let body = json!({"requests": [
        {"method": "PATCH", "url": "/api/collections/members/records/a", "body": {"oldPassword": "x"}},
        {"method": "PUT", "url": "/api/collections/members/records", "body": {"id": "b", "oldPassword": 1}},
        {"method": "PATCH", "url": "/api/collections/members/records/c", "body": {"name": "x"}},
        {"method": "POST", "url": "/api/collections/members/records", "body": {"oldPassword": "x"}},
        {"method": "PATCH", "url": "/elsewhere", "body": {"oldPassword": "x"}}, 7,
    ]});
    let body = object(body);
    let found = changes_of_passwords(&body);
    let found: Vec<_> = found.iter().map(|(collection, id, _)| (collection.as_str(), id.as_str())).collect();
    assert_eq!(found, [("members", "a"), ("members", "b")]);
    assert!(changes_of_passwords(&object(json!({"requests": 1}))).is_empty());
}
