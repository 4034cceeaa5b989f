//! What the log of sign-ins tells, and what it does not keep.

use backspin_auth::list_sign_ins;
use backspin_core::{Error, ParameterPairs, Value};
use backspin_schema::Caller;
use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, parse};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

impl Backend {
    fn sign_ins(&self, caller: &Caller, query: &[(&str, &str)]) -> Result<Json, Error> {
        let query = pairs(query);
        let parameters = ParameterPairs { query: &query, headers: &[] };
        block_on(list_sign_ins(&self.app, caller, &parameters)).map(parse)
    }

    /// Of each row the account, the outcome and how many attempts it stands for; the latest first.
    fn logged(&self, query: &[(&str, &str)]) -> Vec<String> {
        let list = self.sign_ins(&self.root(), query).unwrap();
        let text = |item: &Json, key: &str| item[key].as_str().unwrap().to_owned();
        let row = |item: &Json| {
            format!(
                "{} {} {} {}",
                text(item, "recordRef"),
                text(item, "method"),
                text(item, "outcome"),
                item["count"]
            )
        };
        list["items"].as_array().unwrap().iter().map(row).collect()
    }
}

const ALICE: &str = "aliceaaaaaaaaaa";
const BOB: &str = "bobbbbbbbbbbbbb";

#[test]
fn each_sign_in_and_each_run_of_failures_is_a_row() {
    let backend = Backend::with_members(json!({}));
    assert_eq!(backend.logged(&[]), [""; 0]);
    for _ in 0..3 {
        backend.sign_in("members", "bob", "wrong").unwrap_err();
        backend.app.env().advance_ms(10);
    }
    backend.sign_in("members", "nobody@example.com", PASSWORD).unwrap_err();
    backend.app.env().advance_ms(10);
    backend.token("members", "bob");
    backend.app.env().advance_ms(10);
    backend.impersonate(&backend.root(), ("members", ALICE), json!({})).unwrap();
    let expected = [
        format!("{ALICE} impersonate ok 1"),
        format!("{BOB} password ok 1"),
        " password wrong 1".to_owned(),
        format!("{BOB} password wrong 3"),
    ];
    assert_eq!(backend.logged(&[]), expected);
    assert_eq!(backend.logged(&[("outcome", "wrong")]), expected[2..]);
    assert_eq!(backend.logged(&[("collection", "members"), ("record", ALICE)]), expected[..1]);
    assert_eq!(backend.logged(&[("collection", "_superusers")]), [""; 0]);

    backend.app.env().advance_ms(600_000);
    backend.sign_in("members", "bob", "wrong").unwrap_err();
    assert_eq!(
        backend.logged(&[("outcome", "wrong"), ("perPage", "1")]),
        [format!("{BOB} password wrong 1")]
    );
}

#[test]
fn a_refusal_by_the_rule_and_a_second_factor_are_told_apart() {
    let backend = Backend::with_members(json!({"authRule": "verified = true"}));
    backend.sign_in("members", "alice", PASSWORD).unwrap_err();
    assert_eq!(backend.logged(&[]), [format!("{ALICE} password refused 1")]);

    let backend = Backend::with_members(json!({"mfa": {"enabled": true}, "otp": {"enabled": true}}));
    let asked = backend.sign_in("members", "bob", PASSWORD).unwrap();
    assert_eq!(backend.logged(&[]), [format!("{BOB} password secondFactor 1")]);
    backend.app.env().advance_ms(10);
    let body = json!({"identity": "bob", "password": PASSWORD, "mfaId": asked["mfaId"]});
    backend.post_credentials("members", body, Asked::default()).unwrap_err();
    assert_eq!(backend.logged(&[("outcome", "wrong")]), [format!("{BOB} password wrong 1")]);
}

#[test]
fn what_is_typed_into_the_identity_is_kept_nowhere() {
    let backend = Backend::with_members(json!({}));
    let secret = "my-password-in-the-wrong-field";
    backend.sign_in("members", secret, "x").unwrap_err();
    let rows = backend.sql("SELECT * FROM _signIns");
    assert_eq!(rows.len(), 1);
    for row in [rows, backend.sql("SELECT * FROM _throttles")].concat() {
        assert!(!format!("{row:?}").contains(secret), "{row:?}");
    }
}

#[test]
fn a_flood_of_failures_is_no_flood_of_writes() {
    let backend = Backend::with_members(json!({}));
    while backend.sign_in("members", "bob", "wrong").unwrap_err().status() != 429 {}
    let held_up = || backend.logged(&[("outcome", "throttled")]);
    assert_eq!(held_up(), [format!("{BOB} password throttled 1")]);
    backend.app.database().take();
    for _ in 0..100 {
        assert_eq!(backend.sign_in("members", "bob", "wrong").unwrap_err().status(), 429);
    }
    let statements = backend.app.database().take();
    let writes = statements.iter().filter(|sql| sql.contains("INTO \"_signIns\"")).count();
    assert!(writes <= 10, "{writes} of 100 were written");
    assert_eq!(held_up().len(), 1);
}

#[test]
fn the_same_is_written_whether_there_is_such_an_account_or_not() {
    let backend = Backend::with_members(json!({}));
    let statements = |identity: &str| {
        backend.app.database().take();
        backend.sign_in("members", identity, "wrong").unwrap_err();
        let all = backend.app.database().take();
        all.into_iter().filter(|sql| sql.contains("_signIns")).collect::<Vec<_>>()
    };
    statements("nobody");
    let (known, unknown) = (statements("bob"), statements("nobody@example.com"));
    assert!(!known.is_empty());
    assert_eq!(known[0], unknown[0]);
}

#[test]
fn who_comes_from_where_is_told() {
    let backend = Backend::with_members(json!({}));
    let headers = pairs(&[("spin_client_addr", "[2001:db8:1:2:3::4]:9"), ("user_agent", &"x".repeat(500))]);
    let body = json!({"identity": "bob", "password": PASSWORD});
    backend.post_credentials("members", body, Asked { headers: &headers, ..Asked::default() }).unwrap();
    let list = backend.sign_ins(&backend.root(), &[]).unwrap();
    assert_eq!(list["items"][0]["address"], "2001:db8:1:2:3::4");
    assert_eq!(list["items"][0]["userAgent"], format!("{}...", "x".repeat(200)));
}

#[test]
fn users_see_their_own_alone() {
    let backend = Backend::with_members(json!({}));
    let (alice, bob) = (backend.token("members", "alice"), backend.token("members", "bob"));
    backend.sign_in("members", "alice", "wrong").unwrap_err();
    let (alice, bob) = (backend.identify(Some(&alice)), backend.identify(Some(&bob)));
    let records = |caller: &Caller| {
        let list = backend.sign_ins(caller, &[]).unwrap();
        list["items"].as_array().unwrap().iter().map(|item| item["recordRef"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(records(&alice), [ALICE, ALICE]);
    assert_eq!(records(&bob), [BOB]);
    for query in [&[("collection", "members"), ("record", ALICE)][..], &[("collection", "members")]] {
        assert_eq!(backend.sign_ins(&bob, query).unwrap_err().status(), 403);
    }
    assert_eq!(backend.sign_ins(&bob, &[("outcome", "fine")]).unwrap_err().status(), 400);
    assert_eq!(backend.sign_ins(&Caller::Guest, &[]).unwrap_err().status(), 401);
}

#[test]
fn what_is_old_is_swept_away() {
    let backend = Backend::with_members(json!({}));
    let impersonate = || {
        backend.impersonate(&backend.root(), ("members", BOB), json!({})).unwrap();
    };
    (0..50).for_each(|_| impersonate());
    backend.app.env().advance_ms(91 * 86_400_000);
    (0..50).for_each(|_| impersonate());
    assert_eq!(backend.sql("SELECT count(*) FROM _signIns"), [[Value::Integer(50)]]);
}
