//! Which tokens are believed, and until when.

use backspin_auth::{Claims, TokenType};
use backspin_core::{Database, Env, Value};
use backspin_native::FixedEnv;
use backspin_schema::Caller;
use backspin_schema::system::mark_imported as mark;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use futures::executor::block_on;
use serde_json::json;

use crate::{Backend, refusal, with_token};

/// What signs the sessions of `bob`, and the claims of one that is valid.
fn bob(backend: &Backend) -> (String, Claims) {
    let row = backend.sql(
        "SELECT (SELECT tokenKey FROM members WHERE name = 'bob'), json_extract(options, '$.authToken.secret'), id \
         FROM _collections WHERE name = 'members'",
    );
    let [Value::Text(key), Value::Text(secret), Value::Text(collection_id)] = row[0].as_slice() else {
        panic!("{row:?}")
    };
    let claims = Claims {
        collection_id: collection_id.clone(),
        exp: 4_000_000_000,
        id: "bobbbbbbbbbbbbb".to_owned(),
        refreshable: Some(true),
        email: None,
        new_email: None,
        session_id: None,
        kind: TokenType::Auth,
    };
    (format!("{key}{secret}"), claims)
}

/// A token of `bob` as PocketBase gave them out, in a database that came from there.
pub(crate) fn without_session(backend: &Backend) -> String {
    mark_imported(backend);
    let (key, claims) = bob(backend);
    claims.sign(&key)
}

fn mark_imported(backend: &Backend) {
    let app = &backend.app;
    let marked = app.database().transact(async |transaction| mark(transaction, app.env()).await);
    block_on(marked).unwrap();
}

#[test]
fn a_token_without_a_session_is_good_in_an_imported_database_alone() {
    let backend = Backend::with_members(json!({}));
    let (key, claims) = bob(&backend);
    let token = claims.sign(&key);
    assert_eq!(backend.identify(Some(&token)), Caller::Guest);
    mark_imported(&backend);
    assert_ne!(backend.identify(Some(&token)), Caller::Guest);
}

const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn a_stolen_database_signs_no_tokens_where_the_operator_has_set_a_key() {
    let env = FixedEnv::new().with_variable("secret_key", SECRET_KEY);
    let backend = Backend::with_members_in(env, json!({}));
    let session = backend.token("members", "bob");
    assert_ne!(backend.identify(Some(&session)), Caller::Guest);
    let (key, claims) = bob(&backend);
    let row = backend.sql("SELECT id FROM _sessions WHERE recordRef = 'bobbbbbbbbbbbbb'");
    let [Value::Text(session_id)] = row[0].as_slice() else { panic!("{row:?}") };
    let of_session = Claims { session_id: Some(session_id.clone()), ..claims };
    assert_eq!(backend.identify(Some(&of_session.sign(&key))), Caller::Guest);

    let reset = |key: &str| {
        let row = backend.sql(
            "SELECT json_extract(options, '$.passwordResetToken.secret') FROM _collections WHERE name = 'members'",
        );
        let [Value::Text(secret)] = row[0].as_slice() else { panic!("{row:?}") };
        let email = Some("bob@example.com".to_owned());
        let kind = TokenType::PasswordReset;
        let claims = Claims { kind, email, refreshable: None, session_id: None, ..of_session.clone() };
        let row = backend.sql("SELECT tokenKey FROM members WHERE name = 'bob'");
        let [Value::Text(token_key)] = row[0].as_slice() else { panic!("{row:?}") };
        let token = claims.sign(&format!("{token_key}{secret}{key}"));
        let body = json!({"token": token, "password": "another horse", "passwordConfirm": "another horse"});
        backend.flow("members", "confirm-password-reset", body)
    };
    assert_eq!(refusal(reset("")), "400 token:validation_invalid_token");
    mark_imported(&backend);
    assert_eq!(
        refusal(reset("")),
        "400 token:validation_invalid_token",
        "it lasts for longer than PocketBase's do"
    );
}

#[test]
fn where_there_is_a_key_tokens_of_pocketbase_are_good_for_as_long_as_they_last_there() {
    let env = FixedEnv::new().with_variable("secret_key", SECRET_KEY);
    let backend = Backend::with_members_in(env, json!({"authToken": {"duration": 600}}));
    let (key, claims) = bob(&backend);
    mark_imported(&backend);
    let imported = backend.app.env().now().unix_seconds();
    let until = |exp: i64| Claims { exp, ..claims.clone() }.sign(&key);
    assert_ne!(backend.identify(Some(&until(imported + 600))), Caller::Guest);
    assert_eq!(backend.identify(Some(&until(imported + 601))), Caller::Guest);
    let old = until(imported + 600);
    let reply = backend.refresh("members", json!({}), with_token(&old)).unwrap();
    assert_ne!(backend.identify(Some(crate::token(&reply))), Caller::Guest);
}

#[test]
fn only_the_right_claims_and_the_right_key_make_a_session() {
    let backend = Backend::with_members(json!({}));
    mark_imported(&backend);
    let (key, claims) = bob(&backend);
    let good = claims.sign(&key);
    assert_ne!(backend.identify(Some(&good)), Caller::Guest);

    let changed = |change: fn(&mut Claims)| {
        let mut claims = claims.clone();
        change(&mut claims);
        claims.sign(&key)
    };
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let none = BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#);
    for bad in [
        changed(|claims| claims.kind = TokenType::File),
        changed(|claims| claims.kind = TokenType::Verification),
        changed(|claims| claims.kind = TokenType::PasswordReset),
        changed(|claims| claims.kind = TokenType::EmailChange),
        changed(|claims| claims.exp = 1_767_323_045),
        changed(|claims| claims.collection_id = "_pb_users_auth_".to_owned()),
        changed(|claims| claims.collection_id = "members".to_owned()),
        changed(|claims| claims.id = "aliceaaaaaaaaaa".to_owned()),
        changed(|claims| claims.id = String::new()),
        changed(|claims| claims.session_id = Some("nosuchsession00".to_owned())),
        changed(|claims| claims.session_id = Some(String::new())),
        claims.sign(&key[1..]),
        claims.sign(""),
        format!("{header}.{payload}."),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{header}.{payload}.{}", "A".repeat(signature.len())),
        format!("{header}.{payload}.{signature}.{signature}"),
    ] {
        assert_eq!(backend.identify(Some(&bad)), Caller::Guest, "{bad}");
        assert_eq!(backend.refresh("members", json!({}), with_token(&bad)).unwrap_err().status(), 401);
    }
}

#[test]
fn a_new_password_email_or_token_key_ends_every_session() {
    for change in [
        json!({"password": "another horse", "passwordConfirm": "another horse"}),
        json!({"email": "robert@example.com"}),
        json!({"tokenKey": "x".repeat(40)}),
    ] {
        let backend = Backend::with_members(json!({}));
        let (first, second) = (backend.token("members", "bob"), backend.token("members", "bob"));
        backend.update("members", "bobbbbbbbbbbbbb", json!({"age": 43}));
        assert_ne!(backend.identify(Some(&first)), Caller::Guest);
        backend.update("members", "bobbbbbbbbbbbbb", change.clone());
        for token in [&first, &second] {
            assert_eq!(backend.identify(Some(token)), Caller::Guest, "{change}");
        }
    }
}

#[test]
fn a_record_without_a_token_key_has_no_sessions() {
    let backend = Backend::with_members(json!({}));
    let token = backend.token("members", "bob");
    backend.sql("UPDATE members SET tokenKey = '' WHERE name = 'bob'");
    assert_eq!(backend.identify(Some(&token)), Caller::Guest);
    assert_eq!(backend.sign_in("members", "bob", crate::PASSWORD).unwrap_err().status(), 500);
}

#[test]
fn a_collections_token_lasts_as_long_as_its_options_say() {
    let backend = Backend::with_members(json!({"authToken": {"duration": 30}}));
    let token = backend.token("members", "bob");
    backend.app.env().advance_ms(29_000);
    assert_ne!(backend.identify(Some(&token)), Caller::Guest);
    backend.app.env().advance_ms(1000);
    assert_eq!(backend.identify(Some(&token)), Caller::Guest);
}
