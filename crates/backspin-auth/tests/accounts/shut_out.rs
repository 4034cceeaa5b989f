//! Attempts of others that are meant to keep an owner out.

use backspin_core::Error;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, refusal};

const BOB: &str = "bob@example.com";
const BOBS_ID: &str = "bobbbbbbbbbbbbb";
const NEW: &str = "another horse";
const WRONG: &str = "400 Failed to authenticate.";
const LATER: &str = "429 Too many failed attempts, please try again later.";

/// Where bob is, and everybody else.
const HOME: &str = "10.0.0.1";
const ELSEWHERE: &str = "10.0.0.2";

fn headers(address: &str) -> Vec<(String, String)> {
    vec![("spin_client_addr".to_owned(), format!("{address}:4000"))]
}

fn sign_in(backend: &Backend, address: &str, who: &str, password: &str) -> Result<Json, Error> {
    let body = json!({"identity": who, "password": password});
    backend.post_credentials("members", body, Asked { headers: &headers(address), ..Asked::default() })
}

fn flow(
    backend: &Backend,
    address: &str,
    flow: &str,
    body: Json,
    token: Option<&str>,
) -> Result<Json, Error> {
    let headers = headers(address);
    backend.flow_asked("members", flow, body, Asked { headers: &headers, token, ..Asked::default() })
}

/// As many wrong passwords as close the counter of an identity for everybody.
fn guess(backend: &Backend, identity: &str) {
    for attacker in 0..10 {
        for _ in 0..5 {
            let address = format!("10.1.0.{attacker}");
            assert_eq!(refusal(sign_in(backend, &address, identity, "x")), WRONG);
        }
    }
    assert_eq!(refusal(sign_in(backend, "10.1.1.1", identity, "x")), LATER);
}

#[test]
fn sign_ins_under_the_id_of_an_account_do_not_keep_its_owner_from_a_change() {
    let backend = Backend::with_members(json!({}));
    let token = crate::token(&sign_in(&backend, HOME, "bob", PASSWORD).unwrap()).to_owned();
    let new_email = json!({"newEmail": "new@example.com"});
    flow(&backend, HOME, "request-email-change", new_email, Some(&token)).unwrap();
    guess(&backend, BOBS_ID);
    // Not even where the account was never used before.
    let body = json!({"token": backend.last_mail().token(), "password": PASSWORD});
    flow(&backend, ELSEWHERE, "confirm-email-change", body, None).unwrap();
}

#[test]
fn a_device_is_known_where_no_alerts_are_sent_too() {
    let backend = Backend::with_members(json!({"authAlert": {"enabled": false}}));
    sign_in(&backend, HOME, "bob", PASSWORD).unwrap();
    guess(&backend, "bob");
    assert_eq!(refusal(sign_in(&backend, ELSEWHERE, "bob", PASSWORD)), LATER);
    sign_in(&backend, HOME, "bob", PASSWORD).unwrap();
    // Of many devices the last ones are known.
    backend.app.env().advance_ms(3_600_000);
    for device in 1..=6 {
        backend.app.env().advance_ms(10);
        sign_in(&backend, &format!("10.2.0.{device}"), "bob", PASSWORD).unwrap();
    }
    assert_eq!(backend.sql("SELECT 1 FROM _devices").len(), 5);
    assert!(backend.sql("SELECT 1 FROM _authOrigins").is_empty());
    guess(&backend, "bob");
    assert_eq!(refusal(sign_in(&backend, HOME, "bob", PASSWORD)), LATER);
}

#[test]
fn others_behind_the_same_address_do_not_hold_up_a_known_device() {
    let backend = Backend::with_members(json!({}));
    let by = |program: &str, password: &str| {
        let headers = [headers(HOME), vec![("user_agent".to_owned(), program.to_owned())]].concat();
        let body = json!({"identity": "bob", "password": password});
        backend.post_credentials("members", body, Asked { headers: &headers, ..Asked::default() })
    };
    by("phone", PASSWORD).unwrap();
    for _ in 0..5 {
        assert_eq!(refusal(by("laptop", "x")), WRONG);
    }
    assert_eq!(refusal(by("laptop", PASSWORD)), LATER);
    assert_eq!(refusal(by("tablet", PASSWORD)), LATER);
    by("phone", PASSWORD).unwrap();
    // What is tried on it, or in its name, counts.
    for _ in 0..5 {
        assert_eq!(refusal(by("phone", "x")), WRONG);
    }
    assert_eq!(refusal(by("phone", PASSWORD)), LATER);
}

fn reset(backend: &Backend, email: &str) {
    flow(backend, HOME, "request-password-reset", json!({"email": email}), None).unwrap();
    let token = backend.last_mail().token();
    let body = json!({"token": token, "password": NEW, "passwordConfirm": NEW});
    flow(backend, HOME, "confirm-password-reset", body, None).unwrap();
}

#[test]
fn who_resets_the_password_by_mail_gets_in_with_it() {
    let backend = Backend::with_members(json!({}));
    sign_in(&backend, HOME, BOB, PASSWORD).unwrap();
    guess(&backend, BOB);
    for _ in 0..5 {
        assert_eq!(refusal(sign_in(&backend, HOME, BOB, "x")), WRONG);
    }
    assert_eq!(refusal(sign_in(&backend, HOME, BOB, PASSWORD)), LATER);
    reset(&backend, BOB);
    // PocketBase's list of devices is empty, as after any reset.
    assert!(backend.sql("SELECT 1 FROM _authOrigins").is_empty());
    // The device is known, whatever is guessed from now on.
    backend.app.env().advance_ms(900_000);
    guess(&backend, BOB);
    assert_eq!(refusal(sign_in(&backend, ELSEWHERE, BOB, NEW)), LATER);
    sign_in(&backend, HOME, BOB, NEW).unwrap();
}

#[test]
fn a_reset_ends_the_wait_on_other_devices_too() {
    let backend = Backend::with_members(json!({}));
    guess(&backend, BOB);
    assert_eq!(refusal(sign_in(&backend, ELSEWHERE, BOB, PASSWORD)), LATER);
    reset(&backend, BOB);
    sign_in(&backend, ELSEWHERE, BOB, NEW).unwrap();
}

#[test]
fn a_reset_forgives_no_guesses_at_somebody_else() {
    let backend = Backend::with_members(json!({}));
    guess(&backend, BOB);
    let mallory = json!({"email": "m@example.com", "name": BOB, "nick": "bob"});
    backend.create("members", mallory);
    reset(&backend, "m@example.com");
    assert_eq!(refusal(sign_in(&backend, "10.1.0.1", BOB, "x")), LATER);
    assert_eq!(refusal(sign_in(&backend, "10.1.1.1", BOB, "x")), LATER);
}

#[test]
fn codes_that_a_stranger_asks_for_do_not_keep_back_those_of_the_owner() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    let ask = |address: &str| {
        let before = backend.mails().len();
        flow(&backend, address, "request-otp", json!({"email": BOB}), None).unwrap();
        backend.mails().len() - before
    };
    let from = |address: &str, times: usize| (0..times).map(|_| ask(address)).sum::<usize>();
    assert_eq!(from("10.1.0.1", 8), 5);
    assert_eq!(from(HOME, 1), 1);
    // Nor does a crowd of them flood the mailbox.
    assert_eq!(from("10.1.0.2", 8) + from("10.1.0.3", 8) + from("10.1.0.4", 8), 9);
    assert_eq!(from(ELSEWHERE, 1), 0);
}

#[test]
fn a_known_device_gets_its_codes_and_not_without_end() {
    let backend = Backend::with_members(json!({"otp": {"enabled": true}}));
    sign_in(&backend, HOME, "bob", PASSWORD).unwrap();
    let ask = |address: &str| {
        flow(&backend, address, "request-otp", json!({"email": BOB}), None).unwrap();
        backend.mails().iter().filter(|mail| mail.to == BOB).count()
    };
    for attacker in 0..20 {
        ask(&format!("10.1.0.{attacker}"));
    }
    assert_eq!(ask(ELSEWHERE), 15);
    let counts: Vec<_> = (0..20).map(|_| ask(HOME)).collect();
    assert_eq!((counts[0], counts[14], counts[19]), (16, 30, 30));
}

#[test]
fn another_who_names_the_same_new_email_does_not_keep_back_the_owners_mail() {
    let backend = Backend::with_members(json!({}));
    let ask = |token: &str| {
        let body = json!({"newEmail": "new@example.com"});
        flow(&backend, HOME, "request-email-change", body, Some(token)).unwrap();
        backend.mails().len()
    };
    let (alice, bob) = (backend.token("members", "alice"), backend.token("members", "bob"));
    assert_eq!([ask(&alice), ask(&alice), ask(&bob), ask(&bob)], [1, 1, 2, 2]);
    // Many accounts together do not flood the address.
    let many = (0..8).map(|at| {
        let name = format!("member{at}");
        backend.create("members", json!({"email": format!("{name}@example.com"), "name": name}));
        ask(&backend.token("members", &name))
    });
    assert_eq!(many.last(), Some(5));
}
