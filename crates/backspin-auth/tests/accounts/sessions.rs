//! Who is signed in where, and signing out.

use backspin_auth::{end_session, end_sessions, identify_session, list_sessions, upsert_superuser};
use backspin_core::{Error, ParameterPairs, Value};
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, ROOT, parse, refusal, token, with_token};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

impl Backend {
    fn sessions(&self, token: &str, query: &[(&str, &str)]) -> Result<Json, Error> {
        let identified = block_on(identify_session(&self.app, Some(token))).unwrap();
        let query = pairs(query);
        let parameters = ParameterPairs { query: &query, headers: &[] };
        block_on(list_sessions(&self.app, &identified, &parameters)).map(parse)
    }

    fn sign_out(&self, token: &str, id: &str) -> Result<Json, Error> {
        let identified = block_on(identify_session(&self.app, Some(token))).unwrap();
        block_on(end_session(&self.app, &identified, id)).map(|()| Json::Null)
    }

    fn sign_out_all(&self, token: &str, query: &[(&str, &str)]) -> Result<Json, Error> {
        let identified = block_on(identify_session(&self.app, Some(token))).unwrap();
        let query = pairs(query);
        let parameters = ParameterPairs { query: &query, headers: &[] };
        block_on(end_sessions(&self.app, &identified, &parameters)).map(|()| Json::Null)
    }

    fn is_signed_in(&self, token: &str) -> bool {
        self.identify(Some(token)) != Caller::Guest
    }

    fn count(&self, table: &str) -> i64 {
        match self.sql(&format!("SELECT count(*) FROM {table}"))[0][0] {
            Value::Integer(count) => count,
            _ => panic!("no count"),
        }
    }
}

#[test]
fn a_sign_in_is_a_session_that_the_owner_sees() {
    let backend = Backend::with_members(json!({}));
    let headers = pairs(&[("spin_client_addr", "[2001:db8:1:2:3::4]:9"), ("user_agent", &"x".repeat(500))]);
    let body = json!({"identity": "bob", "password": PASSWORD});
    let asked = Asked { headers: &headers, ..Asked::default() };
    let reply = backend.post_credentials("members", body, asked).unwrap();
    let phone = token(&reply);
    backend.app.env().advance_ms(1000);
    let laptop = backend.token("members", "bob");
    backend.token("members", "alice");

    let list = backend.sessions(phone, &[]).unwrap();
    assert_eq!(list["totalItems"], 2);
    assert_eq!(list["totalPages"], 1);
    let items = list["items"].as_array().unwrap();
    let current: Vec<_> = items.iter().map(|item| &item["current"]).collect();
    assert_eq!(current, [false, true]);
    assert_eq!(items[1]["address"], "2001:db8:1:2::");
    assert_eq!(items[1]["userAgent"], format!("{}...", "x".repeat(200)));
    assert_eq!(items[1]["method"], "password");
    assert_eq!(items[1]["recordRef"], "bobbbbbbbbbbbbb");
    assert_eq!(items[1]["collectionRef"], backend.members_id());
    let keys: Vec<_> = items[1].as_object().unwrap().keys().collect();
    let expected = ["address", "collectionRef", "created", "current", "expires", "id", "method"];
    assert_eq!(keys, [&expected[..], &["recordRef", "used", "userAgent"]].concat());
    assert_eq!(backend.sessions(&laptop, &[]).unwrap()["items"][0]["current"], true);
}

#[test]
fn who_is_signed_out_is_a_guest_at_once() {
    let backend = Backend::with_members(json!({}));
    let (phone, laptop) = (backend.token("members", "bob"), backend.token("members", "bob"));
    backend.sign_out(&phone, "current").unwrap();
    assert!(!backend.is_signed_in(&phone));
    assert!(backend.is_signed_in(&laptop));
    assert_eq!(backend.refresh("members", json!({}), with_token(&phone)).unwrap_err().status(), 401);
    assert_eq!(refusal(backend.sign_out(&phone, "current")).split(' ').next(), Some("401"));

    let id = backend.sessions(&laptop, &[]).unwrap()["items"][0]["id"].clone();
    backend.sign_out(&laptop, id.as_str().unwrap()).unwrap();
    assert!(!backend.is_signed_in(&laptop));
}

#[test]
fn all_sessions_or_all_others_are_ended_at_once() {
    let backend = Backend::with_members(json!({}));
    let alice = backend.token("members", "alice");
    let tokens: Vec<String> = (0..3).map(|_| backend.token("members", "bob")).collect();
    let signed_in = || tokens.iter().map(|token| backend.is_signed_in(token)).collect::<Vec<_>>();
    backend.sign_out_all(&tokens[1], &[("others", "true")]).unwrap();
    assert_eq!(signed_in(), [false, true, false]);
    assert_eq!(backend.sign_out_all(&tokens[1], &[("others", "maybe")]).unwrap_err().status(), 400);
    backend.sign_out_all(&tokens[1], &[]).unwrap();
    assert_eq!(signed_in(), [false; 3]);
    assert!(backend.is_signed_in(&alice));
}

#[test]
fn nobody_reaches_the_sessions_of_others() {
    let backend = Backend::with_members(json!({}));
    let (alice, bob) = (backend.token("members", "alice"), backend.token("members", "bob"));
    let of_alice = backend.sessions(&alice, &[]).unwrap()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(backend.sign_out(&bob, &of_alice).unwrap_err().status(), 404);
    assert_eq!(backend.sign_out(&bob, "").unwrap_err().status(), 404);
    for query in [
        &[("collection", "members"), ("record", "aliceaaaaaaaaaa")][..],
        &[("collection", "members")],
        &[("collection", "_superusers")],
    ] {
        assert_eq!(backend.sessions(&bob, query).unwrap_err().status(), 403);
        assert_eq!(backend.sign_out_all(&bob, query).unwrap_err().status(), 403);
    }
    assert_eq!(backend.sessions(&bob, &[("collection", "nowhere")]).unwrap_err().status(), 404);
    assert_eq!(backend.sessions(&bob, &[("record", "aliceaaaaaaaaaa")]).unwrap_err().status(), 400);
    assert_eq!(backend.sessions(&bob, &[("page", "x")]).unwrap_err().status(), 400);
    assert_eq!(backend.sessions("no token", &[]).unwrap_err().status(), 401);
    assert_eq!(backend.sign_out("no token", "current").unwrap_err().status(), 401);
    assert_eq!(backend.sign_out_all("no token", &[]).unwrap_err().status(), 401);
    assert!(backend.is_signed_in(&alice));
}

#[test]
fn superusers_see_and_end_the_sessions_of_anybody() {
    let backend = Backend::with_members(json!({}));
    let root = backend.token("_superusers", ROOT);
    let (alice, bob) = (backend.token("members", "alice"), backend.token("members", "bob"));
    let total = |query: &[(&str, &str)]| backend.sessions(&root, query).unwrap()["totalItems"].clone();
    assert_eq!(total(&[]), 3);
    assert_eq!(total(&[("collection", "members")]), 2);
    let of_bob = [("collection", "members"), ("record", "bobbbbbbbbbbbbb")];
    assert_eq!(total(&of_bob), 1);
    assert_eq!(total(&[("skipTotal", "true")]), -1);
    let second = backend.sessions(&root, &[("perPage", "2"), ("page", "2"), ("skipTotal", "1")]).unwrap();
    assert_eq!(second["items"].as_array().unwrap().len(), 1);

    assert_eq!(backend.sign_out_all(&root, &[("collection", "members")]).unwrap_err().status(), 400);
    backend.sign_out_all(&root, &of_bob).unwrap();
    assert!(!backend.is_signed_in(&bob));
    let id = backend.sessions(&alice, &[]).unwrap()["items"][0]["id"].as_str().unwrap().to_owned();
    backend.sign_out(&root, &id).unwrap();
    assert!(!backend.is_signed_in(&alice));
    // Without a filter it is the own account, never everybody.
    let carol = backend.token("members", "alice");
    backend.sign_out_all(&root, &[]).unwrap();
    assert!(!backend.is_signed_in(&root));
    assert!(backend.is_signed_in(&carol));
}

#[test]
fn a_refresh_goes_on_with_the_session_and_mostly_writes_nothing() {
    let backend = Backend::with_members(json!({"authToken": {"duration": 1000}}));
    let first = backend.token("members", "bob");
    let refresh = |token: &str| {
        let statements = || backend.app.database().take();
        statements();
        let reply = backend.refresh("members", json!({}), with_token(token)).unwrap();
        let writes = statements().iter().filter(|sql| !sql.starts_with("SELECT")).count();
        (crate::token(&reply).to_owned(), writes)
    };
    let (second, writes) = refresh(&first);
    assert_eq!(writes, 0);
    backend.app.env().advance_ms(301_000);
    let (third, writes) = refresh(&second);
    assert_eq!(writes, 1);
    assert_eq!(backend.count("_sessions"), 1);
    let expires = backend.sessions(&third, &[]).unwrap()["items"][0]["expires"].clone();
    let created = backend.sessions(&third, &[]).unwrap()["items"][0]["created"].clone();
    let parse = |text: &Json| backspin_core::Timestamp::parse(text.as_str().unwrap()).unwrap().unix_ms();
    assert_eq!(parse(&expires) - parse(&created), 1_301_000);
    backend.sign_out(&first, "current").unwrap();
    assert!(![first, second, third].iter().any(|token| backend.is_signed_in(token)));
}

#[test]
fn the_use_of_a_session_is_noted_once_an_hour() {
    let backend = Backend::with_members(json!({}));
    let bob = backend.token("members", "bob");
    let statements = || {
        backend.app.database().take();
        backend.identify(Some(&bob));
        backend.app.database().take().len()
    };
    assert_eq!(statements(), 1);
    backend.app.env().advance_ms(HOUR_MS + 1);
    assert_eq!(statements(), 2);
    assert_eq!(statements(), 1);
    let item = &backend.sessions(&bob, &[]).unwrap()["items"][0];
    assert!(item["used"].as_str() > item["created"].as_str(), "{item}");
}

#[test]
fn a_token_of_an_imported_pocketbase_gets_a_session_when_it_is_refreshed() {
    let backend = Backend::with_members(json!({}));
    let old = crate::tokens::without_session(&backend);
    assert!(backend.is_signed_in(&old));
    assert_eq!(backend.sessions(&old, &[]).unwrap()["items"], json!([]));
    let reply = backend.refresh("members", json!({}), with_token(&old)).unwrap();
    let new = token(&reply);
    assert_eq!(backend.sessions(new, &[]).unwrap()["items"][0]["method"], "refresh");
    backend.sign_out(new, "current").unwrap();
    assert!(!backend.is_signed_in(new));
    assert!(backend.is_signed_in(&old), "its end is that of the token key");
}

#[test]
fn an_impersonation_is_a_session_too() {
    let backend = Backend::with_members(json!({}));
    let reply = backend.impersonate(&backend.root(), ("members", "bobbbbbbbbbbbbb"), json!({})).unwrap();
    let item = &backend.sessions(token(&reply), &[]).unwrap()["items"][0];
    assert_eq!(item["method"], "impersonate");
    backend.sign_out(token(&reply), "current").unwrap();
    assert!(!backend.is_signed_in(token(&reply)));
}

#[test]
fn the_rows_go_with_the_token_key_and_with_the_account() {
    let backend = Backend::with_members(json!({}));
    for change in [
        json!({"password": "another horse", "passwordConfirm": "another horse"}),
        json!({"email": "robert@example.com"}),
        json!({"tokenKey": "x".repeat(40)}),
    ] {
        backend.impersonate(&backend.root(), ("members", "bobbbbbbbbbbbbb"), json!({})).unwrap();
        assert_eq!(backend.count("_sessions"), 1);
        backend.update("members", "bobbbbbbbbbbbbb", json!({"age": 43}));
        assert_eq!(backend.count("_sessions"), 1);
        backend.update("members", "bobbbbbbbbbbbbb", change);
        assert_eq!(backend.count("_sessions"), 0);
    }
    let root = backend.token("_superusers", ROOT);
    block_on(upsert_superuser(&backend.app, ROOT, "another horse")).unwrap();
    assert!(!backend.is_signed_in(&root));
    assert_eq!(backend.count("_sessions"), 0);
    let bob = ("members", "bobbbbbbbbbbbbb");
    let reply = backend.impersonate(&backend.root(), bob, json!({})).unwrap();
    let root = backend.root();
    let request = crate::post(&root, &ParameterPairs::NONE);
    block_on(backspin_records::delete(&backend.app, &request, bob.0, bob.1)).unwrap();
    assert_eq!(backend.count("_sessions"), 0);
    assert!(!backend.is_signed_in(token(&reply)));
}

#[test]
fn a_session_is_of_one_account_alone() {
    let backend = Backend::with_members(json!({}));
    let bob = backend.token("members", "bob");
    backend.sql("UPDATE _sessions SET recordRef = 'aliceaaaaaaaaaa'");
    assert!(!backend.is_signed_in(&bob));
    backend.sql("UPDATE _sessions SET recordRef = 'bobbbbbbbbbbbbb', collectionRef = '_pb_users_auth_'");
    assert!(!backend.is_signed_in(&bob));
    backend.sql("DROP TABLE _sessions");
    assert!(!backend.is_signed_in(&bob));
}

#[test]
fn what_is_over_is_swept_away() {
    let backend = Backend::with_members(json!({"authToken": {"duration": 100}}));
    let impersonate = || {
        backend.impersonate(&backend.root(), ("members", "bobbbbbbbbbbbbb"), json!({})).unwrap();
    };
    (0..50).for_each(|_| impersonate());
    assert_eq!(backend.count("_sessions"), 50);
    backend.app.env().advance_ms(DAY_MS);
    (0..50).for_each(|_| impersonate());
    assert_eq!(backend.count("_sessions"), 50);
    let bob = backend.token("members", "bob");
    assert_eq!(backend.sessions(&bob, &[]).unwrap()["totalItems"], 51);
    backend.app.env().advance_ms(99_000);
    assert_eq!(backend.sessions(&bob, &[]).unwrap()["totalItems"], 51);
    let root = backend.token("_superusers", ROOT);
    backend.app.env().advance_ms(1_000);
    assert_eq!(backend.sessions(&root, &[]).unwrap()["totalItems"], 1);
}
