//! Guessing passwords.

use backspin_core::Error;
use serde_json::{Value as Json, json};

use crate::{Asked, Backend, PASSWORD, refusal};

const WRONG: &str = "400 Failed to authenticate.";
const LATER: &str = "429 Too many failed attempts, please try again later.";

/// Tries a password for `who` from an address.
fn try_from(backend: &Backend, address: &str, who: &str, password: &str) -> Result<Json, Error> {
    let headers = vec![("spin_client_addr".to_owned(), format!("{address}:4000"))];
    let body = json!({"identity": who, "password": password});
    backend.post_credentials("members", body, Asked { headers: &headers, ..Asked::default() })
}

fn fail(backend: &Backend, address: &str, who: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(refusal(try_from(backend, address, who, "x")), WRONG);
    }
}

#[test]
fn after_five_failures_each_further_try_has_to_wait_twice_as_long() {
    let backend = Backend::with_members(json!({}));
    fail(&backend, "10.0.0.1", "bob", 5);
    assert_eq!(refusal(try_from(&backend, "10.0.0.1", "bob", PASSWORD)), LATER);
    for pause in [1_000, 2_000, 4_000, 8_000] {
        backend.app.env().advance_ms(pause - 1);
        assert_eq!(refusal(try_from(&backend, "10.0.0.1", "bob", "x")), LATER);
        backend.app.env().advance_ms(1);
        fail(&backend, "10.0.0.1", "bob", 1);
    }
    backend.app.env().advance_ms(16_000);
    try_from(&backend, "10.0.0.1", "bob", PASSWORD).unwrap();
    // The count begins anew.
    fail(&backend, "10.0.0.1", "bob", 5);
}

#[test]
fn an_identity_that_nobody_has_is_limited_alike() {
    let backend = Backend::with_members(json!({}));
    for who in ["nobody", "Nobody", "bob@example.com", "BOB@example.com"] {
        let tries: Vec<_> = (0..6).map(|_| refusal(try_from(&backend, "10.0.0.1", who, "x"))).collect();
        let is_second_spelling = who.starts_with(['N', 'B']);
        let expected =
            if is_second_spelling { [LATER; 6] } else { [WRONG, WRONG, WRONG, WRONG, WRONG, LATER] };
        assert_eq!(tries, expected, "{who}");
    }
}

#[test]
fn others_who_fail_do_not_shut_out_the_owner_on_a_known_device() {
    let backend = Backend::with_members(json!({}));
    try_from(&backend, "10.0.0.1", "bob", PASSWORD).unwrap();
    for attacker in 0..10 {
        fail(&backend, &format!("10.1.0.{attacker}"), "bob", 5);
    }
    assert_eq!(refusal(try_from(&backend, "10.2.0.1", "bob", PASSWORD)), LATER);
    try_from(&backend, "10.0.0.1", "bob", PASSWORD).unwrap();
    // From elsewhere the wait is short.
    backend.app.env().advance_ms(5 * 60_000);
    try_from(&backend, "10.2.0.1", "bob", PASSWORD).unwrap();
}

#[test]
fn one_network_cannot_try_one_password_on_everybody() {
    let backend = Backend::with_members(json!({}));
    for number in 0..100 {
        fail(&backend, "2001:db8::1", &format!("member{number}"), 1);
    }
    assert_eq!(refusal(try_from(&backend, "2001:db8::2", "bob", PASSWORD)), LATER);
    try_from(&backend, "10.0.0.1", "bob", PASSWORD).unwrap();
}

#[test]
fn successes_are_not_counted() {
    let backend = Backend::with_members(json!({}));
    for _ in 0..20 {
        try_from(&backend, "10.0.0.1", "bob", PASSWORD).unwrap();
    }
    let counts = backend.sql(r#"SELECT sum("count") FROM "_throttles""#);
    assert_eq!(counts, [[backspin_core::Value::Integer(0)]]);
}

#[test]
fn counters_end_and_are_swept_away() {
    let backend = Backend::with_members(json!({}));
    for number in 0..40 {
        fail(&backend, "10.0.0.1", &format!("member{number}"), 1);
    }
    backend.app.env().advance_ms(3_600_000);
    for number in 0..60 {
        fail(&backend, "10.0.0.1", &format!("other{number}"), 1);
    }
    let now = backspin_core::Env::now(backend.app.env()).unix_ms();
    let ended = backend.sql(&format!(r#"SELECT 1 FROM "_throttles" WHERE "ends" <= {now}"#));
    assert!(ended.len() < 80, "{}", ended.len());
}
